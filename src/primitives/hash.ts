import { keccak256, keccakOfPieces } from "../crypto/keccak.ts";
import type { Data, Hash } from "./types.ts";

/** The Keccak-256 hash of hex digits. */
export function keccakDigits(digits: string): Hash {
  return `0x${keccak256(Uint8Array.fromHex(digits)).toHex()}`;
}

/** Up to this many digits are hashed at once: some 2 ms. Longer data is hashed in pieces of this size. */
const PIECE_DIGITS = 1 << 19;

/** The Keccak-256 digest of `prefix` and data of any length; `breathe` lets other work in between its pieces. */
export async function keccakOfData(
  data: Data,
  { prefix = new Uint8Array(0), breathe }: { readonly prefix?: Uint8Array; readonly breathe: () => Promise<void> },
): Promise<Uint8Array> {
  if (data.length > PIECE_DIGITS) return await keccakOfPieces(piecesOf(data, prefix), breathe);
  const whole = new Uint8Array(prefix.length + (data.length - 2) / 2);
  whole.set(prefix);
  whole.subarray(prefix.length).setFromHex(data.slice(2));
  return keccak256(whole);
}

function* piecesOf(data: Data, prefix: Uint8Array): Generator<Uint8Array> {
  yield prefix;
  for (let at = 2; at < data.length; at += PIECE_DIGITS) yield Uint8Array.fromHex(data.slice(at, at + PIECE_DIGITS));
}
