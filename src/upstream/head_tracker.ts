import type { BlockEvent, ChainEvent } from "../events/types.ts";
import { RpcError } from "../rpc/error.ts";
import { UpstreamFailure } from "./failure.ts";
import { MalformedJson } from "./json_spans.ts";
import { BlockSource } from "./block_source.ts";
import type { ChainRing } from "./chain_ring.ts";
import type { Clock, Timer } from "../concurrency/clock.ts";
import type { UpstreamHeader } from "./head.ts";
import { HeadFollower } from "./head_follower.ts";
import { Leader } from "./leader.ts";
import type { Upstream } from "./upstream.ts";

/** How often standings are looked at while nothing happens. */
const TICK_MS = 1_000;
/** An upstream that does not know the gateway's head is followed all the same when for so long no other knows it either. */
const ADOPT_AFTER_MS = 10_000;

export interface HeadTrackerOptions {
  readonly upstreams: readonly Upstream[];
  readonly ring: ChainRing;
  readonly clock: Clock;
  /** Told of each step of the chain. */
  readonly onEvent: (event: ChainEvent) => void;
  /** The chain that was told has no continuation. */
  readonly onLost: (reason: string) => void;
  /** So many blocks were fetched to fill a gap. */
  readonly onBackfilled?: (blocks: number) => void;
  /** Another upstream is followed. */
  readonly onSwitch: (upstream: Upstream | null) => void;
  /** True when nobody reads receipts. */
  readonly needless: () => boolean;
}

/**
 * Keeps the gateway's head: one upstream at a time is followed, and another is joined only where it continues what was told,
 * so that a switch never looks like a reorganisation.
 */
export class HeadTracker {
  readonly #options: HeadTrackerOptions;
  readonly #leader = new Leader();
  readonly #follower: HeadFollower;
  #joined: Upstream | null = null;
  #waitsSince: number | null = null;
  #following = false;
  #again = false;
  #tick: Timer | null = null;
  #stopped = false;

  constructor(options: HeadTrackerOptions) {
    this.#options = options;
    this.#follower = new HeadFollower(options.ring, {
      event: options.onEvent,
      lost: options.onLost,
      backfilled: options.onBackfilled ?? (() => {}),
    });
  }

  get leader(): Upstream | null {
    return this.#leader.current;
  }

  get head(): BlockEvent | null {
    return this.#options.ring.head;
  }

  /** See {@link Leader.isAside}. */
  isAside(upstream: Upstream): boolean {
    return this.#leader.isAside(upstream, this.#options.clock.now());
  }

  /** Something changed: an upstream announced a head, came or went. */
  update(): void {
    if (this.#stopped) return;
    this.#tick?.cancel();
    this.#tick = this.#options.clock.setTimer(TICK_MS, () => this.update());
    const { upstreams } = this.#options;
    if (this.#choose(upstreams)) this.#waitsSince = null;
    void this.#follow();
  }

  stop(): void {
    this.#stopped = true;
    this.#tick?.cancel();
  }

  async #follow(): Promise<void> {
    this.#again = true;
    if (this.#following) return;
    this.#following = true;
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        await this.#step();
      }
    } finally {
      this.#following = false;
    }
  }

  async #step(): Promise<void> {
    const upstream = this.#leader.current;
    const target = upstream?.head ?? null;
    const { ring, clock, needless } = this.#options;
    if (upstream === null || target === null || target.hash === ring.head?.hash) return;
    const source = new BlockSource(upstream, { timeoutMs: upstream.spec.timeoutMs });
    try {
      if (this.#joined !== upstream && !(await this.#continues(source, target))) return;
      this.#joined = upstream;
      await this.#follower.follow(source, target, needless);
    } catch (error) {
      if (!isUpstreams(error)) throw error;
      // A rate limit passes: it is asked again at the next tick.
      if (error instanceof UpstreamFailure && error.kind === "busy") return;
      // Its connection, its answer or its memory of the block failed. A connection that is gone says so itself.
      this.#leader.fault(upstream, clock.now());
      if (this.#choose(this.#options.upstreams)) this.#again = true;
    }
  }

  /** True when another upstream is followed from now on. */
  #choose(upstreams: readonly Upstream[]): boolean {
    const leads = this.#joined !== null && this.#joined === this.#leader.current;
    if (!this.#leader.choose(upstreams, { now: this.#options.clock.now(), leads })) return false;
    this.#joined = null;
    this.#options.onSwitch(this.#leader.current);
    return true;
  }

  /** True when an upstream that was not followed before continues what was told: it is ahead, or it knows the head. */
  async #continues(source: BlockSource, { number, hash }: UpstreamHeader): Promise<boolean> {
    const { ring, clock } = this.#options;
    const head = ring.head;
    if (head === null || number > head.number) return true;
    const known = await source.headerAt(head.number);
    if (known?.hash === head.hash) return true;
    // It trails on the chain that was told, or may do so: a switch is no reorganisation, so it is waited for.
    const told = ring.at(number);
    if (told === null || told.hash === hash) {
      this.#waitsSince = null;
      return false;
    }
    this.#waitsSince ??= clock.now();
    return clock.now() - this.#waitsSince >= ADOPT_AFTER_MS;
  }
}

/** True for what an upstream did; anything else is a defect here. */
function isUpstreams(error: unknown): boolean {
  return error instanceof UpstreamFailure || error instanceof MalformedJson || error instanceof RpcError;
}
