import type { CertificateFacts } from "../../transport/tls/certificate.ts";
import type { TlsMaterial } from "../../transport/tls/material.ts";
import { fileFault, readTextFile } from "./named_file.ts";

/** The flags about certificates. */
export interface TlsPaths {
  readonly "tls.cert"?: string | undefined;
  readonly "tls.key"?: string | undefined;
  readonly "tls.client-ca"?: string | undefined;
  readonly "tls.reload"?: boolean | undefined;
}

/** A certificate that was read and can be used. */
export interface Tls {
  readonly material: TlsMaterial;
  readonly facts: CertificateFacts;
}

const FLAG_OF = { cert: "tls.cert", key: "tls.key", clientCa: "tls.client-ca" } as const;

/** Lists the files that are named. */
export function tlsPaths(paths: TlsPaths): readonly { readonly flag: string; readonly path: string }[] {
  return Object.values(FLAG_OF).flatMap((flag) => {
    const path = paths[flag];
    return path === undefined ? [] : [{ flag, path }];
  });
}

/** Reads the files of --tls.cert and --tls.key, which must be given, and --tls.client-ca. Throws `StartError`. */
export async function readTls(paths: TlsPaths): Promise<Tls> {
  const [cert = "", key = "", clientCa] = await Promise.all(
    Object.values(FLAG_OF).map(async (flag) => {
      const path = paths[flag];
      return path === undefined ? undefined : await readTextFile(flag, path);
    }),
  );
  const material = { cert, key, clientCa };
  // Loaded only where a certificate is named: it takes some milliseconds.
  const { CertificateError, inspectCertificate } = await import("../../transport/tls/certificate.ts");
  try {
    return { material, facts: inspectCertificate(material) };
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause;
    const flag = FLAG_OF[cause.part];
    throw fileFault({ flag, path: paths[flag], cause });
  }
}
