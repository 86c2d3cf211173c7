import type { UpstreamKind } from "./address.ts";
import type { Clock } from "../concurrency/clock.ts";
import { SYSTEM_CLOCK } from "../concurrency/clock.ts";
import type { BlockEvent } from "../events/types.ts";
import type { Node } from "../node/mod.ts";
import { CODE, RpcError } from "../rpc/error.ts";
import { AnswerCache } from "./answer_cache.ts";
import { CallCounts } from "./call_counts.ts";
import { ChainAgreement } from "./chain_agreement.ts";
import { ChainRing } from "./chain_ring.ts";
import { Gateway } from "./gateway.ts";
import { Finality } from "./finality.ts";
import { HeadTracker } from "./head_tracker.ts";
import { HttpChannel } from "./http_channel.ts";
import { connectIpc } from "./ipc_channel.ts";
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
import { Router } from "./router.ts";
import { SentNonces } from "./sent_nonces.ts";
import { type Connector, Upstream, type UpstreamSpec, type UpstreamState as ConnectionState } from "./upstream.ts";
import { UpstreamEvents } from "./upstream_events.ts";

/** The part of a logger that the gateway writes to. */
export interface UpstreamLog {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

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

/** One upstream, as pages and the first screen show it. */
export interface UpstreamStatus {
  readonly name: string;
  /** Scheme, host and port. */
  readonly shown: string;
  readonly state: ConnectionState;
  readonly reason: string;
  readonly isLeader: boolean;
  readonly head: bigint | null;
  /** The time since it announced its head, milliseconds; null before. */
  readonly headAgeMs: number | null;
  readonly latencyMs: number | null;
}

/** Real nodes as one node. */
export interface UpstreamNode extends Node {
  /** Resolves when the first head is there, or when `waitMs` has passed without one. */
  started(): Promise<boolean>;
  /** True while the gateway follows an upstream that has its head. */
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
  const agreement = new ChainAgreement(clock, options.chainId);
  const connector = options.connector ?? REAL;
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
      if (event.kind === "block") first.resolve(event.block);
    },
    onLost(reason) {
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
    isFresh: () => tracker.leader !== null && ring.head !== null,
    upstreams: () => upstreams.map((upstream) => statusOf(upstream, { leader: tracker.leader, now: clock.now() })),
    close() {
      tracker.stop();
      for (const upstream of upstreams) upstream.stop();
    },
  };
}

/** Opens a channel of each kind. */
const CHANNELS = {
  http: (address) => Promise.resolve(new HttpChannel(address)),
  ipc: connectIpc,
  async ws(address) {
    // The package is loaded only for an upstream: the embedded chain does not need it.
    const { connectWebSocket } = await import("./websocket_channel.ts");
    return await connectWebSocket(address);
  },
} satisfies Record<UpstreamKind, Connector>;

const REAL: Connector = (address) => CHANNELS[address.kind](address);

function statusOf(
  upstream: Upstream,
  { leader, now }: { leader: Upstream | null; now: number },
): UpstreamStatus {
  const { spec, head, headAt } = upstream;
  return {
    name: spec.name,
    shown: spec.address.shown,
    state: upstream.state,
    reason: upstream.reason,
    isLeader: upstream === leader,
    head: head?.number ?? null,
    headAgeMs: headAt === null ? null : now - headAt,
    latencyMs: upstream.latencyMs,
  };
}

/** Logs each change of state. */
function report(log: UpstreamLog, { spec, state, reason }: Upstream): void {
  const fields = { name: spec.name, at: spec.address.shown };
  if (state === "ready") log.info("Upstream connected", fields);
  else log.warn(state === "refused" ? "Upstream refused" : "Upstream lost", { ...fields, reason });
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
