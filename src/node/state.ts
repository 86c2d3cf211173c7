import type { Address, BlockRef, Data, Hash, Quantity } from "../eth/types.ts";
import type { Awaitable } from "../rpc/awaitable.ts";
import type { RawJson } from "../rpc/raw_json.ts";

/** Reads accounts at a block. */
export interface StateReader {
  balance(address: Address, at: BlockRef): Awaitable<Quantity>;
  /** With `pending`, the transactions of the pool count. */
  nonce(address: Address, at: BlockRef): Awaitable<Quantity>;
  code(address: Address, at: BlockRef): Awaitable<Data>;
  storage(address: Address, slot: Hash, at: BlockRef): Awaitable<Data>;
  /** The result of eth_getProof (EIP-1186); `slots` are hex and echoed as they came. */
  proof(address: Address, slots: readonly string[], at: BlockRef): Awaitable<RawJson>;
}
