/** A JSON Web Token taken apart (RFC 7519, RFC 7515 section 3.1); nothing of it is verified. */
export interface Token {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** The bytes that are signed. */
  readonly signed: Uint8Array<ArrayBuffer>;
}

/** A token that cannot be read. */
export class TokenError extends Error {
  override readonly name = "TokenError";
}

/** Identity providers stay below 4 KiB, because headers have limits on the way. */
const MAX_TOKEN_CHARACTERS = 8192;
const SEGMENTS = 3;
const NOT_BASE64URL = /[^A-Za-z0-9_-]/;

/** Reads a token. Throws {@link TokenError}, in the words of geth's library (golang-jwt v4) where that has any. */
export function readToken(text: string): Token {
  if (text.length > MAX_TOKEN_CHARACTERS) {
    throw new TokenError(`token has more than ${MAX_TOKEN_CHARACTERS} characters`);
  }
  const segments = text.split(".", SEGMENTS + 1);
  const [header, claims, signature] = segments;
  if (segments.length !== SEGMENTS || header === undefined || claims === undefined || signature === undefined) {
    throw new TokenError("token contains an invalid number of segments");
  }
  return {
    header: readObject(header, "header"),
    claims: readObject(claims, "claims"),
    signature: decode(signature),
    signed: new TextEncoder().encode(`${header}.${claims}`),
  };
}

function readObject(segment: string, what: string): Record<string, unknown> {
  let value: unknown;
  const bytes = decode(segment);
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new TokenError(`token ${what} are not JSON`.replace("header are", "header is"));
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new TokenError(`token ${what} must be a JSON object`);
}

function decode(segment: string): Uint8Array<ArrayBuffer> {
  const at = segment.search(NOT_BASE64URL);
  // Four characters are three bytes, so one character too many stands for nothing.
  if (at < 0 && segment.length % 4 !== 1) return Uint8Array.fromBase64(segment, { alphabet: "base64url" });
  throw new TokenError(`illegal base64 data at input byte ${at < 0 ? segment.length - 1 : at}`);
}
