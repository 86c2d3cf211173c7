import type { Hash } from "../eth/types.ts";
import type { RawJson } from "../rpc/raw_json.ts";

/** A block that stays what it is. */
export interface BlockPosition {
  readonly number: bigint;
  readonly hash: Hash;
  readonly stateRoot: Hash;
}

/**
 * Where the state of the forked block comes from. Retries, failover, rate limits and the deadline of a question are behind
 * it. Questions that are asked in one step share a request where the connection is HTTP, so callers ask one by one.
 * Rejects with an RpcError: an upstream's own, or -32002 with the reason of each upstream.
 */
export interface RemoteSource {
  readonly block: BlockPosition;
  /** Asks about the state at the block, which is added as the last parameter. */
  atBlock(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<RawJson>;
  /** Asks a question that names no block, or another one. */
  ask(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<RawJson>;
}
