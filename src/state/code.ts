import { keccak256 } from "../crypto/keccak.ts";
import type { Hash } from "../primitives/types.ts";
import { bytesToHex } from "../primitives/hex.ts";

/** A contract's code with its hash. */
export interface Code {
  readonly hash: Hash;
  readonly hashBytes: Uint8Array;
  readonly bytes: Uint8Array;
}

function make(bytes: Uint8Array, hashBytes: Uint8Array): Code {
  return { hash: bytesToHex(hashBytes), hashBytes, bytes };
}

/** The code of accounts without code. */
export const NO_CODE: Code = make(new Uint8Array(0), keccak256(new Uint8Array(0)));

const known = new Map<Hash, WeakRef<Code>>();
const forgotten = new FinalizationRegistry<Hash>((hash) => {
  if (known.get(hash)?.deref() === undefined) known.delete(hash);
});

/** The one object for this code; copies `bytes` when it is new. */
export function codeOf(bytes: Uint8Array): Code {
  if (bytes.length === 0) return NO_CODE;
  const hashBytes = keccak256(bytes);
  const hash = bytesToHex(hashBytes);
  const existing = known.get(hash)?.deref();
  if (existing !== undefined) return existing;
  const code = make(bytes.slice(), hashBytes);
  known.set(hash, new WeakRef(code));
  forgotten.register(code, hash);
  return code;
}
