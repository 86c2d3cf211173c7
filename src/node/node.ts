import type { ChainEventSource } from "../events/mod.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import type { BlockReader, IdentityReader } from "./blocks.ts";
import type { DevControl } from "./dev.ts";
import type { Executor } from "./executor.ts";
import type { Inspector } from "./inspect.ts";
import type { PoolReader } from "./pool.ts";
import type { RawReader } from "./raw.ts";
import type { Simulator } from "./simulate.ts";
import type { StateReader } from "./state.ts";
import type { Submitter } from "./submit.ts";
import type { BlockBuilder } from "./testing.ts";
import type { Tracer } from "./trace.ts";

/**
 * A node: its roles. Every answer of a role is encoded JSON or a scalar, so that what one node encodes crosses to the
 * socket unchanged. Methods exist for the roles that a node has: without `tracer` there is no debug_traceCall.
 */
export interface Node {
  readonly identity: IdentityReader;
  readonly blocks: BlockReader;
  readonly state: StateReader;
  readonly executor: Executor;
  readonly submit: Submitter;
  readonly events: ChainEventSource;
  readonly pool?: PoolReader;
  readonly raw?: RawReader;
  readonly tracer?: Tracer;
  readonly inspector?: Inspector;
  readonly simulator?: Simulator;
  readonly builder?: BlockBuilder;
  /** Control of the chain by a test: anvil's, hardhat's and ganache's methods. */
  readonly dev?: DevControl;
  /** Answers methods that this program has no row for, in the namespaces that are served. */
  readonly passThrough?: PassThrough;
  /** Subscribes to kinds that this program has no row for. */
  readonly passThroughSubscription?: PassThroughSubscription;
}

/** Asks a node by the name of the method. Resolves with the encoded result; rejects with an RpcError of the node's own. */
export type PassThrough = (call: PassThroughCall) => Promise<RawJson>;

/** A call as the client sent it. */
export interface PassThroughCall {
  readonly method: string;
  /** `params` as the client sent it; undefined when it was absent. */
  readonly params: RawJson | undefined;
  readonly signal: AbortSignal;
}

/** Subscribes by namespace and kind. Resolves with a function that ends the subscription; rejects with an RpcError. */
export type PassThroughSubscription = (subscription: PassThroughSubscribe) => Promise<() => void>;

/** A subscription as the client asked for it. */
export interface PassThroughSubscribe {
  readonly namespace: string;
  readonly kind: string;
  /** The parameters after the kind. */
  readonly params: readonly unknown[];
  readonly onNotification: (result: RawJson) => void;
  /** Called when the node that the subscription is bound to is gone. */
  readonly onEnd: (reason: string) => void;
}
