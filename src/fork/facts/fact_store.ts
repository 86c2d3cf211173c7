import type { Address, Hash } from "../../primitives/types.ts";
import type { BaseAccount } from "../../state/base.ts";

/** What is kept of the state of one block. Reads are synchronous; what is put is written a moment later. */
export interface FactStore {
  /** Null when there is no such account; undefined when nothing is known of it. */
  account(address: Address): BaseAccount | null | undefined;
  slot(address: Address, slot: bigint): bigint | undefined;
  blockHash(number: bigint): Hash | undefined;
  /** A node of a trie by its hash, a binary string. */
  node(hash: string): Uint8Array | undefined;
  putAccount(address: Address, account: BaseAccount | null): void;
  putSlot(address: Address, slot: bigint, value: bigint): void;
  putBlockHash(number: bigint, hash: Hash): void;
  putNode(hash: string, bytes: Uint8Array): void;
}

/** How forks were started: what has to be known of a chain before anything can be asked about its state. */
export interface StartStore {
  /** The text that was kept of a start; undefined when there was none. */
  start(key: string): string | undefined;
  putStart(key: string, text: string): void;
}
