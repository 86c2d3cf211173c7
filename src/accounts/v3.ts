import { createCipheriv, createDecipheriv, timingSafeEqual } from "node:crypto";
import { keccak256 } from "../crypto/keccak.ts";
import type { Address } from "../primitives/types.ts";
import { KeyFileError, WrongPassword } from "./errors.ts";
import { checkKdf, deriveKey, type Kdf } from "./kdf.ts";
import { addressOfKey } from "./signer.ts";
import { bytesToHex } from "../primitives/hex.ts";

const CIPHER = "aes-128-ctr";
const CIPHER_KEY_BYTES = 16;
const MAC_KEY_END = 32;
const SALT_BYTES = 32;
const IV_BYTES = 16;
const MAC_BYTES = 32;
const PRIVATE_KEY_BYTES = 32;

/** geth's StandardScryptN and StandardScryptP (accounts/keystore/passphrase.go). */
export const STANDARD_KDF: Kdf = { name: "scrypt", n: 262_144, r: 8, p: 1, dklen: 32 };
/** geth's LightScryptN and LightScryptP, for --lightkdf. */
export const LIGHT_KDF: Kdf = { name: "scrypt", n: 4096, r: 8, p: 6, dklen: 32 };

/** The contents of a Web3 Secret Storage v3 file: everything but the key itself. */
export interface EncryptedKey {
  readonly address: Address;
  readonly kdf: Kdf;
  readonly salt: Uint8Array;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly mac: Uint8Array;
}

/** Reads the text of a key file; throws {@link KeyFileError} for anything but a v3 key with an address. */
export function parseKeyFile(text: string): EncryptedKey {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which may hold a secret in a form that we do not know.
    throw new KeyFileError("not JSON");
  }
  const file = record(value, "file");
  if (field(file, "version") !== 3) throw new KeyFileError("not a version 3 key file");
  const crypto = record(field(file, "crypto"), "crypto");
  if (field(crypto, "cipher") !== CIPHER) throw new KeyFileError(`the cipher is not ${CIPHER}`);
  const parameters = record(field(crypto, "kdfparams"), "kdfparams");
  const kdf = readKdf(field(crypto, "kdf"), parameters);
  checkKdf(kdf);
  const address = bytes(file, "address", 20);
  if (address.every((byte) => byte === 0)) throw new KeyFileError("missing or zero address");
  return {
    address: bytesToHex(address),
    kdf,
    salt: bytes(parameters, "salt"),
    iv: bytes(record(field(crypto, "cipherparams"), "cipherparams"), "iv", IV_BYTES),
    ciphertext: bytes(crypto, "ciphertext", PRIVATE_KEY_BYTES),
    mac: bytes(crypto, "mac", MAC_BYTES),
  };
}

/** Decrypts a key; throws {@link WrongPassword}, or {@link KeyFileError} when the key does not belong to the address. */
export async function decryptKey(
  encrypted: EncryptedKey,
  options: { readonly password: string; readonly signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  const { kdf, salt } = encrypted;
  const derived = await deriveKey(options.password, { kdf, salt, signal: options.signal });
  try {
    if (!timingSafeEqual(macOf(derived, encrypted.ciphertext), encrypted.mac)) throw new WrongPassword();
    const cipher = createDecipheriv(CIPHER, derived.subarray(0, CIPHER_KEY_BYTES), encrypted.iv);
    // CTR mode returns every byte from update, and none from final.
    const privateKey = new Uint8Array(cipher.update(encrypted.ciphertext));
    cipher.final();
    if (addressOfKey(privateKey) === encrypted.address) return privateKey;
    privateKey.fill(0);
    throw new KeyFileError("the file's key is not the key of the file's address");
  } finally {
    derived.fill(0);
  }
}

/** Encrypts a key into the text of a file that geth reads. */
export async function encryptKey(
  privateKey: Uint8Array,
  options: { readonly password: string; readonly kdf: Kdf; readonly signal?: AbortSignal | undefined },
): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const { kdf, password, signal } = options;
  const derived = await deriveKey(password, { kdf, salt, signal });
  try {
    const cipher = createCipheriv(CIPHER, derived.subarray(0, CIPHER_KEY_BYTES), iv);
    const ciphertext = new Uint8Array(cipher.update(privateKey));
    cipher.final();
    const { name, ...parameters } = kdf;
    return JSON.stringify({
      address: addressOfKey(privateKey).slice(2),
      crypto: {
        cipher: CIPHER,
        ciphertext: ciphertext.toHex(),
        cipherparams: { iv: iv.toHex() },
        kdf: name,
        kdfparams: { ...parameters, ...(name === "pbkdf2" ? { prf: "hmac-sha256" } : {}), salt: salt.toHex() },
        mac: macOf(derived, ciphertext).toHex(),
      },
      id: crypto.randomUUID(),
      version: 3,
    });
  } finally {
    derived.fill(0);
  }
}

function macOf(derived: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return keccak256(Uint8Array.of(...derived.subarray(CIPHER_KEY_BYTES, MAC_KEY_END), ...ciphertext));
}

function readKdf(name: unknown, parameters: Record<string, unknown>): Kdf {
  const dklen = integer(parameters, "dklen");
  if (name === "scrypt") {
    return { name, n: integer(parameters, "n"), r: integer(parameters, "r"), p: integer(parameters, "p"), dklen };
  }
  if (name !== "pbkdf2") throw new KeyFileError("unsupported KDF");
  if (field(parameters, "prf") !== "hmac-sha256") throw new KeyFileError("unsupported PBKDF2 PRF");
  return { name, c: integer(parameters, "c"), dklen };
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new KeyFileError(`${what} is not an object`);
  }
  return value as Record<string, unknown>;
}

/** Go's encoding/json matches names without regard to case, and ethers writes `Crypto`. */
function field(from: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(from, name)) return from[name];
  const other = Object.keys(from).find((key) => key.toLowerCase() === name);
  return other === undefined ? undefined : from[other];
}

function integer(from: Record<string, unknown>, name: string): number {
  const value = field(from, name);
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw new KeyFileError(`${name} is not an integer`);
  return value;
}

function bytes(from: Record<string, unknown>, name: string, length?: number): Uint8Array {
  const value = field(from, name);
  const digits = typeof value === "string" ? value.replace(/^0x/i, "") : undefined;
  if (digits === undefined || digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) {
    throw new KeyFileError(`${name} is not hex`);
  }
  if (length !== undefined && digits.length !== 2 * length) throw new KeyFileError(`${name} is not ${length} bytes`);
  return Uint8Array.fromHex(digits);
}
