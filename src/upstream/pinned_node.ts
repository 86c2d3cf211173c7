import { type Clock, SYSTEM_CLOCK } from "../concurrency/clock.ts";
import type { ChainEventSource } from "../events/mod.ts";
import type { BlockReader, Executor, IdentityReader, RawReader, Simulator, StateReader, Tracer } from "../node/mod.ts";
import { CODE, RpcError } from "../rpc/error.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import { AnswerCache } from "./answer_cache.ts";
import { CallCounts } from "./call_counts.ts";
import { ChainAgreement } from "./chain_agreement.ts";
import { ChainRing } from "./chain_ring.ts";
import { connectForBatches, type Connector } from "./connector.ts";
import { Finality } from "./finality.ts";
import { Gateway } from "./gateway.ts";
import { readHeader, type UpstreamHeader } from "./head.ts";
import { LogSplitter } from "./log_split.ts";
import { hasPruned } from "./refusal.ts";
import { UpstreamBlocks } from "./roles/blocks.ts";
import { UpstreamDebug } from "./roles/debug.ts";
import { UpstreamExecutor } from "./roles/execution.ts";
import { UpstreamIdentity } from "./roles/identity.ts";
import { UpstreamLogs } from "./roles/logs.ts";
import { UpstreamState } from "./roles/state.ts";
import { RetiringRouter } from "./retiring_router.ts";
import { SentNonces } from "./sent_nonces.ts";
import { report, statusOf, type UpstreamLog, type UpstreamStatus } from "./status.ts";
import { Upstream, type UpstreamSpec } from "./upstream.ts";
import { UpstreamEvents } from "./upstream_events.ts";

export interface PinnedNodeOptions {
  readonly upstreams: readonly UpstreamSpec[];
  /** The time that a question waits for an upstream that can answer it, milliseconds. */
  readonly waitMs: number;
  readonly cacheBytes: number;
  readonly log: UpstreamLog;
  /** The chain that every upstream must have; the first of the list decides when absent. */
  readonly chainId?: bigint | undefined;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly connector?: Connector;
}

/**
 * Real nodes as the past of a chain: everything up to one block, which never changes. No head is followed, and `latest` is
 * that block.
 */
export interface PinnedNode {
  readonly identity: IdentityReader;
  readonly blocks: BlockReader;
  readonly state: StateReader;
  readonly executor: Executor;
  readonly simulator: Simulator;
  readonly tracer: Tracer;
  readonly raw: RawReader;
  readonly events: ChainEventSource;
  /** Resolves when an upstream can be asked, or when `waitMs` has passed without one. */
  connected(): Promise<void>;
  /** Makes a block, as eth_getBlockByNumber answers it, the last one. Questions of the roles wait for it. */
  pin(block: RawJson): UpstreamHeader;
  /** Asks about the state at the pinned block, which is added as the last parameter. Answers are not cached. */
  atBlock(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<RawJson>;
  /** Asks any upstream that can answer. Answers are not cached. */
  ask(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<RawJson>;
  readonly upstreams: () => readonly UpstreamStatus[];
  readonly counts: CallCounts;
  readonly cache: AnswerCache;
  /** Closes the connections when nothing has been asked for a second: what is under way still gets its answers. */
  retire(): void;
  close(): void;
}

/** Makes one node of the given upstreams, whose last block is the one that is given to `pin`. */
export function createPinnedNode(options: PinnedNodeOptions): PinnedNode {
  const { clock = SYSTEM_CLOCK, random = Math.random, waitMs, log } = options;
  const ring = new ChainRing();
  const counts = new CallCounts();
  const cache = new AnswerCache(options.cacheBytes);
  const finality = new Finality();
  const agreement = new ChainAgreement(clock, options.chainId);
  const connected = Promise.withResolvers<void>();
  const upstreams = options.upstreams.map((spec, place) =>
    new Upstream(spec, {
      connector: options.connector ?? connectForBatches,
      clock,
      random,
      agreeOn: (chainId) => agreement.propose(chainId, place),
      followsHeads: false,
      listener: {
        head() {},
        state(upstream) {
          report(log, upstream);
          if (upstream.state === "ready") connected.resolve();
        },
        pending() {},
      },
    })
  );
  const router = new RetiringRouter({
    upstreams,
    clock,
    isAside: () => false,
    waitMs,
    onCall: (upstream, method, outcome) => counts.add({ upstream: upstream.spec.name, method, outcome }),
  });
  const gateway = new Gateway({
    ring,
    router,
    cache,
    finality,
    waitMs,
    firstHead: () => Promise.reject(new RpcError(CODE.timeout, "no block has been chosen yet")),
  });
  const identity = new UpstreamIdentity(gateway, () => agreement.chainId);
  const executor = new UpstreamExecutor(gateway);
  const debug = new UpstreamDebug(gateway);
  const close = () => {
    router.close();
    for (const upstream of upstreams) upstream.stop();
  };
  for (const upstream of upstreams) upstream.start();
  return {
    identity,
    blocks: new UpstreamBlocks(gateway, new UpstreamLogs(gateway, new LogSplitter())),
    state: new UpstreamState(gateway, new SentNonces(clock)),
    executor,
    simulator: executor,
    tracer: debug,
    raw: debug,
    events: new UpstreamEvents({ ring, past: gateway.past, onWant() {} }),
    async connected() {
      const timer = clock.setTimer(waitMs, () => connected.resolve());
      await connected.promise;
      timer.cancel();
    },
    pin(block) {
      const header = readHeader(block);
      ring.clear();
      ring.append(positionOf(header));
      for (const tag of ["safe", "finalized"] as const) finality.advance(tag, header);
      return header;
    },
    async atBlock(method, params, signal) {
      try {
        return await gateway.read({ tag: "latest" }, ({ param }) => ({ method, params: [...params, param] }), {
          signal,
          isUncached: true,
        });
      } catch (error) {
        if (!(error instanceof RpcError) || !hasPruned(error)) throw error;
        const number = ring.head?.number;
        throw new RpcError(error.code, `${error.message} (no upstream keeps the state of block ${number} any more)`, {
          cause: error,
        });
      }
    },
    ask: (method, params, signal) => gateway.ask(method, params, { signal }),
    counts,
    cache,
    upstreams: () => upstreams.map((upstream) => statusOf(upstream, { leader: null, now: clock.now() })),
    retire: () => router.retire(close),
    close,
  };
}

function positionOf({ number, hash, parentHash, json }: UpstreamHeader) {
  return { number, hash, parentHash, header: json, logs: null, receipts: null };
}
