import { createPrivateKey, X509Certificate } from "node:crypto";
import type { TlsMaterial } from "./material.ts";

/** The facts of a certificate that its operator wants to see. */
export interface CertificateFacts {
  /** Host names and addresses that it is for. */
  readonly names: string;
  readonly from: Date;
  readonly until: Date;
}

/** A certificate or key that cannot be used; the message says why, without any part of a key. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
  /** The part of {@link TlsMaterial} that is at fault. */
  readonly part: keyof TlsMaterial;

  constructor(part: keyof TlsMaterial, message: string) {
    super(message);
    this.part = part;
  }
}

/** Reads the server's certificate and checks that the key is its own. Throws {@link CertificateError}. */
export function inspectCertificate({ cert, key, clientCa }: TlsMaterial): CertificateFacts {
  const certificate = readCertificate("cert", cert);
  if (/-----BEGIN (?:[A-Z]+ )*ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(key)) {
    throw new CertificateError("key", "the key is encrypted: write it out without a passphrase");
  }
  let fits: boolean;
  try {
    fits = certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    throw new CertificateError("key", "expected a private key in PEM (-----BEGIN PRIVATE KEY-----)");
  }
  if (!fits) throw new CertificateError("key", "the key is not the one of the certificate");
  if (clientCa !== undefined) readCertificate("clientCa", clientCa);
  return {
    names: certificate.subjectAltName?.replaceAll(/(?:DNS|IP Address):/g, "") ?? certificate.subject ?? "",
    from: new Date(certificate.validFrom),
    until: new Date(certificate.validTo),
  };
}

function readCertificate(part: "cert" | "clientCa", pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new CertificateError(part, "expected certificates in PEM (-----BEGIN CERTIFICATE-----)");
  }
}
