import type { Clock } from "../concurrency/clock.ts";
import { SYSTEM_CLOCK } from "../concurrency/clock.ts";
import type { BlockEvent } from "../events/types.ts";
import type { Node } from "../node/mod.ts";
import { CODE, RpcError } from "../rpc/error.ts";
import { AnswerCache } from "./answer_cache.ts";
import { CallCounts } from "./call_counts.ts";
import { ChainAgreement } from "./chain_agreement.ts";
import { ChainRing } from "./chain_ring.ts";
import { connect, type Connector } from "./connector.ts";
import { Gateway } from "./gateway.ts";
import { Finality } from "./finality.ts";
import { HeadTracker } from "./head_tracker.ts";
import { LogSplitter } from "./log_split.ts";
import { UpstreamBlocks } from "./roles/blocks.ts";
import { UpstreamDebug } from "./roles/debug.ts";
import { UpstreamExecutor } from "./roles/execution.ts";
import { UpstreamIdentity } from "./roles/identity.ts";
import { UpstreamLogs } from "./roles/logs.ts";
import { passThroughSubscriptionTo, passThroughTo } from "./roles/pass_through.ts";
import { UpstreamPool } from "./roles/pool.ts";
import { UpstreamState } from "./roles/state.ts";
import { UpstreamSubmitter } from "./roles/submit.ts";
import { RHYTHM_BLOCKS, stallAfterMs } from "./rhythm.ts";
import { Router } from "./router.ts";
import { SentNonces } from "./sent_nonces.ts";
import { report, statusOf, type UpstreamLog, type UpstreamStatus } from "./status.ts";
import { Upstream, type UpstreamSpec } from "./upstream.ts";
import { UpstreamEvents } from "./upstream_events.ts";

export interface UpstreamNodeOptions {
  readonly upstreams: readonly UpstreamSpec[];
  /** --upstream.wait, milliseconds. */
  readonly waitMs: number;
  /** --upstream.cache, bytes. */
  readonly cacheBytes: number;
  readonly log: UpstreamLog;
  /** The chain that every upstream must have; the first of the list decides when absent. */
  readonly chainId?: bigint | undefined;
  /** Called when the announced chain has no continuation, so that events are lost. */
  readonly onLost: (reason: string) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly connector?: Connector;
}

/** Real nodes as one node. */
export interface UpstreamNode extends Node {
  /** Resolves when the first head is there, or when `waitMs` has passed without one. */
  started(): Promise<boolean>;
  /** True while the gateway follows an upstream, and its head is not older than the rhythm of the chain allows. */
  isFresh(): boolean;
  readonly upstreams: () => readonly UpstreamStatus[];
  readonly counts: CallCounts;
  readonly cache: AnswerCache;
  close(): void;
}

/** Makes one node of the given upstreams. */
export function createUpstreamNode(options: UpstreamNodeOptions): UpstreamNode {
  const { clock = SYSTEM_CLOCK, random = Math.random, waitMs, log } = options;
  const ring = new ChainRing();
  const counts = new CallCounts();
  const cache = new AnswerCache(options.cacheBytes);
  const sent = new SentNonces(clock);
  const first = Promise.withResolvers<BlockEvent>();
  let newBlockAt = clock.now();
  const agreement = new ChainAgreement(clock, options.chainId);
  const connector = options.connector ?? connect;
  const upstreams = options.upstreams.map((spec, place) =>
    new Upstream(spec, {
      connector,
      clock,
      random,
      agreeOn: (chainId) => agreement.propose(chainId, place),
      listener: {
        head: () => tracker.update(),
        state(upstream) {
          report(log, upstream);
          tracker.update();
        },
        pending: (_upstream, json) => events.pending(json),
      },
    })
  );
  const tracker: HeadTracker = new HeadTracker({
    upstreams,
    ring,
    clock,
    onEvent(event) {
      events.emit(event);
      if (event.kind !== "block") return;
      newBlockAt = clock.now();
      first.resolve(event.block);
    },
    onLost(reason) {
      cache.clear();
      log.warn("The chain has no continuation", { reason });
      options.onLost(reason);
    },
    onBackfilled(blocks) {
      counts.backfilled += blocks;
    },
    onSwitch(upstream) {
      counts.switches += 1;
      log.info("Upstream followed", { name: upstream?.spec.name ?? "none" });
    },
    needless: () => !events.interest.receipts && !events.interest.logs,
  });
  const router = new Router({
    upstreams,
    clock,
    isAside: (upstream) => tracker.isAside(upstream),
    waitMs,
    onCall: (upstream, method, outcome) => counts.add({ upstream: upstream.spec.name, method, outcome }),
  });
  const firstHead = (wait: number) => withinTime(first.promise, { wait, clock });
  const gateway = new Gateway({ ring, router, cache, finality: new Finality(), waitMs, firstHead });
  const events: UpstreamEvents = new UpstreamEvents({
    ring,
    past: gateway.past,
    onWant: ({ pending }) => upstreams.forEach((upstream) => upstream.wantPending(pending !== "none")),
  });
  const identity = new UpstreamIdentity(gateway, () => agreement.chainId);
  const blocks = new UpstreamBlocks(gateway, new UpstreamLogs(gateway, new LogSplitter()));
  const state = new UpstreamState(gateway, sent);
  const executor = new UpstreamExecutor(gateway);
  const debug = new UpstreamDebug(gateway);
  for (const upstream of upstreams) upstream.start();
  return {
    identity,
    blocks,
    state,
    executor,
    submit: new UpstreamSubmitter({ identity, blocks, state, executor, router, sent }),
    events,
    pool: new UpstreamPool(gateway),
    raw: debug,
    tracer: debug,
    simulator: executor,
    passThrough: passThroughTo(gateway),
    passThroughSubscription: passThroughSubscriptionTo(router),
    counts,
    cache,
    started: () => firstHead(waitMs).then(() => true, () => false),
    isFresh() {
      if (tracker.leader === null || ring.head === null) return false;
      const stallMs = stallAfterMs(ring.timestamps(RHYTHM_BLOCKS));
      return stallMs === null || clock.now() - newBlockAt < stallMs;
    },
    upstreams: () => upstreams.map((upstream) => statusOf(upstream, { leader: tracker.leader, now: clock.now() })),
    close() {
      tracker.stop();
      for (const upstream of upstreams) upstream.stop();
    },
  };
}

function withinTime(head: Promise<BlockEvent>, { wait, clock }: { wait: number; clock: Clock }): Promise<BlockEvent> {
  const { promise, resolve, reject } = Promise.withResolvers<BlockEvent>();
  const timer = clock.setTimer(wait, () => reject(new RpcError(CODE.timeout, "no upstream has told a head yet")));
  head.then((block) => {
    timer.cancel();
    resolve(block);
  });
  return promise;
}
