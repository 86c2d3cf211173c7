import { Buffer } from "node:buffer";

/** A certificate with its key, as PEM texts. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  readonly name: string;
  readonly keys: CryptoKeyPair;
}

export interface CertificateOptions {
  /** The common name. */
  readonly name: string;
  /** The authority that signs it; it signs itself when there is none. */
  readonly by?: TestCertificate;
  readonly isAuthority?: boolean;
  readonly until?: Date;
}

const DAY_MS = 86_400_000;
const OID = {
  commonName: "550403",
  ecdsaWithSha256: "2a8648ce3d040302",
  subjectAltName: "551d11",
  basicConstraints: "551d13",
} as const;

/** Makes a certificate for localhost and 127.0.0.1 (RFC 5280, ECDSA P-256), so that no test needs openssl or a key on disk. */
export async function makeCertificate(options: CertificateOptions): Promise<TestCertificate> {
  const { name, by, isAuthority = false, until = new Date(Date.now() + 30 * DAY_MS) } = options;
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const signature = sequence(oid(OID.ecdsaWithSha256));
  const extensions = [
    sequence(oid(OID.basicConstraints), der(0x04, isAuthority ? sequence(der(0x01, Buffer.of(0xff))) : sequence())),
    sequence(
      oid(OID.subjectAltName),
      der(0x04, sequence(der(0x82, Buffer.from("localhost")), der(0x87, Buffer.of(127, 0, 0, 1)))),
    ),
  ];
  const body = sequence(
    der(0xa0, integer(Buffer.of(2))),
    integer(Buffer.from(crypto.getRandomValues(new Uint8Array(8)))),
    signature,
    distinguished(by?.name ?? name),
    sequence(time(new Date(Math.min(Date.now(), until.getTime()) - DAY_MS)), time(until)),
    distinguished(name),
    Buffer.from(await crypto.subtle.exportKey("spki", keys.publicKey)),
    der(0xa3, sequence(...extensions)),
  );
  const { privateKey } = by?.keys ?? keys;
  const signed = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, new Uint8Array(body));
  const whole = sequence(body, signature, der(0x03, Buffer.of(0), signatureOf(Buffer.from(signed))));
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  return { cert: pem("CERTIFICATE", whole), key: pem("PRIVATE KEY", pkcs8), name, keys };
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").replaceAll(/(.{64})/g, "$1\n").trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, ...parts);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

/** Writes a positive integer: no zeros in front, but one where the first bit would be a sign. */
function integer(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const rest = bytes.subarray(first < 0 ? bytes.length - 1 : first);
  return der(0x02, (rest[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), rest]) : rest);
}

function distinguished(name: string): Buffer {
  return sequence(der(0x31, sequence(oid(OID.commonName), der(0x0c, Buffer.from(name)))));
}

function time(date: Date): Buffer {
  return der(0x18, Buffer.from(date.toISOString().replaceAll(/[-:T]|\.\d+/g, "")));
}

/** WebCrypto signs as r and s behind each other; a certificate has them as a sequence. */
function signatureOf(raw: Buffer): Buffer {
  return sequence(integer(raw.subarray(0, 32)), integer(raw.subarray(32)));
}
