import type { Address } from "../primitives/types.ts";
import { type BaseTries, Misses, MissingState, UnknownNode } from "./base.ts";
import { EMPTY_ROOT, type Trie } from "./trie.ts";

const HASH_BYTES = 32;

/** The place of something in a base's tries: an account, or one of its slots. */
export interface TriePlace {
  readonly address: Address;
  readonly slot?: bigint | undefined;
  /** Its key in the trie, a binary string. */
  readonly key: string;
}

/** Works on a trie of a base; where a node is unknown, notes the proof that shows it, and returns undefined. */
export function known<T>(misses: Misses, place: TriePlace, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof MissingState) misses.addAll(error.misses);
    else if (error instanceof UnknownNode) misses.proofs.push({ ...place, path: error.path });
    else throw error;
    return undefined;
  }
}

/** The trie of the slots of a base's account; throws {@link MissingState} where the way to the account is not known. */
export function storageTrie(tries: BaseTries, place: TriePlace): Trie<Uint8Array> {
  const misses = new Misses();
  const account = known(misses, place, () => tries.accounts.get(place.key));
  if (!misses.isEmpty) throw new MissingState(misses);
  if (account === undefined) return tries.storage(EMPTY_ROOT);
  // An account ends with two hashes, each behind a byte for its length: the root of its storage, and that of its code.
  const end = account.length - HASH_BYTES - 1;
  return tries.storage(String.fromCharCode(...account.subarray(end - HASH_BYTES, end)));
}
