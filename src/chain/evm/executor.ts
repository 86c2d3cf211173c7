import type { BlockRef, Data, Quantity, TransactionRequest } from "../../eth/types.ts";
import type { CallOptions, Executor } from "../../node/node.ts";
import type { Awaitable } from "../../rpc/method.ts";
import type { World } from "../state/world.ts";
import type { BlockEnv } from "./env.ts";
import type { Machine } from "./machine.ts";

/** Where a call runs: the state after a block, and that block's values. */
export interface BlockContext {
  readonly world: World;
  readonly env: BlockEnv;
}

/** Finds the context of a block; throws geth's `header not found` and its kin. */
export type ContextResolver = (at: BlockRef) => Awaitable<BlockContext>;

/** geth's --rpc.gascap (0 is none) and --rpc.evmtimeout (0 is none). */
export interface ExecutorLimits {
  readonly gasCap: bigint;
  readonly timeoutMs: number;
}

/** Calls, estimates and access lists on the embedded chain. */
export class EvmExecutor implements Executor {
  constructor(_machine: Machine, _resolve: ContextResolver, _limits: ExecutorLimits) {
    throw new Error("skeleton");
  }

  call(_request: TransactionRequest, _at: BlockRef, _options: CallOptions): Promise<Data> {
    throw new Error("skeleton");
  }

  estimateGas(_request: TransactionRequest, _at: BlockRef, _options: CallOptions): Promise<Quantity> {
    throw new Error("skeleton");
  }

  createAccessList(_request: TransactionRequest, _at: BlockRef, _options: CallOptions): Promise<unknown> {
    throw new Error("skeleton");
  }
}
