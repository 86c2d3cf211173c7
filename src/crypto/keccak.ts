import { keccak_256 } from "@noble/hashes/sha3.js";
import type { IHasher } from "hash-wasm";

let hasher: IHasher | undefined;
let loading: Promise<void> | undefined;
/** Hashers that are not in use: each long input has one to itself, since others hash while it waits. */
let idle: IHasher[] = [];

/**
 * Loads the WebAssembly hasher: 32 bytes take 2.8 us instead of 11, 532 bytes 4.3 instead of 27, a megabyte 6 ms instead
 * of 51, but 45 ms to load (measured), a tenth of the program's start. Called by the first execution; until it is there
 * the JavaScript hasher serves.
 */
export function loadFastKeccak(): Promise<void> {
  loading ??= newHasher().then((loaded) => {
    hasher = loaded;
  }).catch(() => {
    // A runtime without WebAssembly keeps the JavaScript hasher.
  });
  return loading;
}

async function newHasher(): Promise<IHasher> {
  const { createKeccak } = await import("hash-wasm");
  return await createKeccak(256);
}

/** The Keccak-256 digest of `data`, in a new array. */
export function keccak256(data: Uint8Array): Uint8Array {
  return hasher === undefined ? keccak_256(data) : hasher.init().update(data).digest("binary");
}

/** A digest as a string of 32 characters below 256: 48 bytes of heap, where a typed array takes more than 100. */
export function keccakString(data: Uint8Array): string {
  const hash = keccak256(data);
  return String.fromCharCode.apply(null, hash as unknown as number[]);
}

/** The Keccak-256 digest of pieces one after the other, with a chance for other work after each. */
export async function keccakOfPieces(
  pieces: Iterable<Uint8Array>,
  breathe: () => Promise<void>,
): Promise<Uint8Array> {
  const own = idle.pop() ?? await newHasher();
  own.init();
  for (const piece of pieces) {
    own.update(piece);
    await breathe();
  }
  const digest = own.digest("binary");
  idle = [own];
  return digest;
}
