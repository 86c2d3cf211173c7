import { Buffer } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";

/** The beginning of every key: it distinguishes a key from other tokens, and lets scanners find one that was published. */
const PREFIX = "sp_";
const KEY_BYTES = 32;
const KEY = /^sp_[A-Za-z0-9_-]{43}$/;

/** The number of bytes of a hash. */
export const HASH_BYTES = 32;

/** Returns true for a text of the form of a key. */
export function isKey(token: string): boolean {
  return KEY.test(token);
}

/**
 * Hashes a key. SHA-256 without salt and without stretching suffices: a key is 256 random bits, made by {@link newKey}, and no
 * text that a person chose has its form.
 */
export function hashOf(key: string): Uint8Array {
  return createHash("sha256").update(key).digest();
}

/** Makes a key, and the text of its hash for the file. */
export function newKey(): { readonly key: string; readonly hash: string } {
  const key = PREFIX + randomBytes(KEY_BYTES).toString("base64url");
  return { key, hash: `sha256:${Buffer.from(hashOf(key)).toString("hex")}` };
}

/** Reads the text of a hash; undefined when it is none. */
export function parseHash(text: string): Uint8Array | undefined {
  const [, hex] = /^sha256:([0-9a-f]{64})$/i.exec(text) ?? [];
  return hex === undefined ? undefined : Uint8Array.from(Buffer.from(hex, "hex"));
}
