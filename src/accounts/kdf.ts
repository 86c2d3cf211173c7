import { pbkdf2, scrypt } from "node:crypto";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { Semaphore } from "../concurrency/semaphore.ts";
import { limitError } from "../rpc/error.ts";
import { KeyFileError } from "./errors.ts";

/** The function that derives a key from a password, with the names of Web3 Secret Storage. */
export type Kdf =
  | { readonly name: "scrypt"; readonly n: number; readonly r: number; readonly p: number; readonly dklen: number }
  | { readonly name: "pbkdf2"; readonly c: number; readonly dklen: number };

/** 16 bytes encrypt and 16 authenticate; a shorter key leaves one of them empty. */
const MIN_KEY_BYTES = 32;
const MAX_KEY_BYTES = 64;
/** Twice the cost of geth's standard parameters. A key file is untrusted, so its parameters must be bounded. */
const MAX_SCRYPT_MEMORY_BYTES = 512 * 2 ** 20;
const MAX_SCRYPT_WORK_BYTES = 2 ** 30;
const MAX_PBKDF2_ITERATIONS = 10_000_000;
/** Each standard derivation holds 256 MiB for more than a second (measured). */
const MAX_RUNNING_DERIVATIONS = 2;
const MAX_WAITING_DERIVATIONS = 32;
/** Shared by all keystores of the process, because it protects the memory of the machine. */
const derivations = new Semaphore(MAX_RUNNING_DERIVATIONS);
/** Memory that OpenSSL uses in addition to the blocks of scrypt. */
const SCRYPT_SLACK_BYTES = 2 ** 20;

/** Refuses parameters that are malformed, too weak, or too expensive. */
export function checkKdf(kdf: Kdf): void {
  if (!Number.isInteger(kdf.dklen) || kdf.dklen < MIN_KEY_BYTES || kdf.dklen > MAX_KEY_BYTES) {
    throw new KeyFileError(`dklen must be ${MIN_KEY_BYTES} to ${MAX_KEY_BYTES}`);
  }
  if (kdf.name === "pbkdf2") {
    if (!Number.isInteger(kdf.c) || kdf.c < 1 || kdf.c > MAX_PBKDF2_ITERATIONS) {
      throw new KeyFileError(`pbkdf2 iterations must be 1 to ${MAX_PBKDF2_ITERATIONS}`);
    }
    return;
  }
  const { n, r, p } = kdf;
  if (![n, r, p].every((value) => Number.isInteger(value) && value >= 1) || n < 2 || !Number.isInteger(Math.log2(n))) {
    throw new KeyFileError("scrypt needs positive integers n, r, p with n a power of two");
  }
  if (scryptMemory(kdf) > MAX_SCRYPT_MEMORY_BYTES || 128 * n * r * p > MAX_SCRYPT_WORK_BYTES) {
    throw new KeyFileError("scrypt parameters ask for more than 512 MiB or four times geth's standard work");
  }
}

/**
 * Derives a key off the event loop. At most two run at a time; the rest wait in order, and a caller whose `signal` is
 * aborted leaves the queue.
 */
export async function deriveKey(
  password: string,
  options: { readonly kdf: Kdf; readonly salt: Uint8Array; readonly signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  checkKdf(options.kdf);
  if (derivations.waiting >= MAX_WAITING_DERIVATIONS) {
    throw limitError("too many passwords are being checked", MAX_WAITING_DERIVATIONS, derivations.waiting + 1);
  }
  return await derivations.run(() => derive(password, options), options.signal);
}

/** The memory that OpenSSL counts (crypto/evp/pbe_scrypt.c): p blocks, and a table of n blocks with two to work in. */
function scryptMemory({ n, r, p }: { n: number; r: number; p: number }): number {
  return 128 * r * (n + 2 + p);
}

function derive(password: string, { kdf, salt }: { kdf: Kdf; salt: Uint8Array }): Promise<Uint8Array> {
  if (kdf.name === "scrypt" && kdf.n >= 2 ** (16 * kdf.r)) return deriveBeyondRfc(password, { kdf, salt });
  return new Promise((resolve, reject) => {
    // The error of a failed derivation is about memory; it carries neither the password nor the key.
    const done = (cause: Error | null, key: Uint8Array) =>
      cause === null ? resolve(key) : reject(new KeyFileError("the key could not be derived", { cause }));
    if (kdf.name === "pbkdf2") {
      pbkdf2(password, salt, kdf.c, kdf.dklen, "sha256", done);
    } else {
      // The default maxmem of 32 MiB refuses geth's own parameters (measured).
      const maxmem = scryptMemory(kdf) + SCRYPT_SLACK_BYTES;
      try {
        scrypt(password, salt, kdf.dklen, { N: kdf.n, r: kdf.r, p: kdf.p, maxmem }, done);
      } catch (cause) {
        reject(new KeyFileError("scrypt refuses the parameters", { cause }));
      }
    }
  });
}

/**
 * Derives a key in JavaScript. The test vector of Web3 Secret Storage has n = 262144 with r = 1, which RFC 7914 section 2
 * forbids and OpenSSL refuses, but such files exist and geth opens them. It runs on the event loop, in short slices.
 */
function deriveBeyondRfc(
  password: string,
  { kdf, salt }: { kdf: Extract<Kdf, { name: "scrypt" }>; salt: Uint8Array },
): Promise<Uint8Array> {
  const maxmem = scryptMemory(kdf) + SCRYPT_SLACK_BYTES;
  return scryptAsync(password, salt, { N: kdf.n, r: kdf.r, p: kdf.p, dkLen: kdf.dklen, maxmem });
}
