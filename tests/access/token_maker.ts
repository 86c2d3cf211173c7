import { Buffer } from "node:buffer";

/** The parts of a token as a test wants them, right or wrong. */
export interface TokenParts {
  readonly header?: unknown;
  readonly claims?: unknown;
}

/** Writes a segment: base64url of JSON, or of a text as it is. */
export function segment(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

/** A token that is signed with HS256, whatever its header says. */
export async function hs256(secret: Uint8Array<ArrayBuffer>, { header, claims }: TokenParts): Promise<string> {
  const signed = `${segment(header ?? { alg: "HS256", typ: "JWT" })}.${segment(claims ?? { iat: nowSeconds() })}`;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(signed));
  return `${signed}.${Buffer.from(signature).toString("base64url")}`;
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

const ALGORITHMS = {
  RS256: {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
} as const;

export type SigningAlgorithm = keyof typeof ALGORITHMS;

/** A key pair of an identity provider. */
export interface Issuer {
  /** The public key, as --auth.jwks has it. */
  readonly jwk: JsonWebKey & { readonly kid: string };
  /** Signs a token whose header names the key, unless it is given. */
  sign(claims: unknown, header?: Record<string, unknown>): Promise<string>;
}

/** Makes a key pair. */
export async function makeIssuer(alg: SigningAlgorithm, kid: string): Promise<Issuer> {
  const algorithm = ALGORITHMS[alg];
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as CryptoKeyPair;
  const exported = await crypto.subtle.exportKey("jwk", keys.publicKey);
  const { kty, crv, x, y, n, e } = exported;
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined);
  return {
    jwk: { ...Object.fromEntries(members), kid, use: "sig" },
    async sign(claims, header = {}) {
      const signed = `${segment({ alg, kid, ...header })}.${segment(claims)}`;
      const signature = await crypto.subtle.sign(algorithm, keys.privateKey, new TextEncoder().encode(signed));
      return `${signed}.${Buffer.from(signature).toString("base64url")}`;
    },
  };
}
