import type { Hash } from "../../eth/types.ts";

/** The root of an index-keyed trie: transactions, receipts and withdrawals of a block. */
export function orderedTrieRoot(_values: readonly Uint8Array[]): Hash {
  throw new Error("skeleton");
}
