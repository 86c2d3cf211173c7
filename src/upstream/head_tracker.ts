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

/** The interval at which the upstreams are compared while nothing happens. */
const TICK_MS = 1_000;
/** After this time without any upstream that knows the gateway's head, one that does not know it is followed. */
const ADOPT_AFTER_MS = 10_000;

export interface HeadTrackerOptions {
  readonly upstreams: readonly Upstream[];
  readonly ring: ChainRing;
  readonly clock: Clock;
  /** Takes each step of the chain. */
  readonly onEvent: (event: ChainEvent) => void;
  /** Called when the announced chain has no continuation. */
  readonly onLost: (reason: string) => void;
  /** Called with the number of blocks that were fetched to fill a gap. */
  readonly onBackfilled?: (blocks: number) => void;
  /** Called when another upstream is followed. */
  readonly onSwitch: (upstream: Upstream | null) => void;
  /** True when nobody reads receipts. */
  readonly needless: () => boolean;
}

/**
 * Keeps the gateway's head: it follows one upstream at a time, and switches to another only where that one continues the
 * announced chain, so that a switch never looks like a reorganisation.
 */
export class HeadTracker {
  readonly #options: HeadTrackerOptions;
  readonly #leader = new Leader();
  readonly #follower: HeadFollower;
  #joined: Upstream | null = null;
  /** The upstream that blocks are read from now. */
  #source: Upstream | null = null;
  #waitsSince: number | null = null;
  #following = false;
  #again = false;
  #tick: Timer | null = null;
  #stopped = false;

  constructor(options: HeadTrackerOptions) {
    this.#options = options;
    this.#follower = new HeadFollower(options.ring, {
      event: (event) => {
        if (event.kind === "block") this.#source?.noteBlock(event.block.hash, event.block.number);
        options.onEvent(event);
      },
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

  /** Compares the upstreams again; called when one announced a head, connected or disconnected. */
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
      this.#source = upstream;
      if (await this.#isStale(source, target)) return;
      await this.#follower.follow(source, target, needless);
    } catch (error) {
      if (!isUpstreams(error)) throw error;
      // A rate limit passes: the upstream is asked again at the next tick.
      if (error instanceof UpstreamFailure && error.kind === "busy") return;
      // Its connection or its answer failed, or it no longer has the block. A lost connection is reported elsewhere.
      this.#leader.fault(upstream, clock.now());
      if (this.#choose(this.#options.upstreams)) this.#again = true;
    }
  }

  /** Switches to another upstream if there is a better one; returns whether it did. */
  #choose(upstreams: readonly Upstream[]): boolean {
    const leads = this.#joined !== null && this.#joined === this.#leader.current;
    if (!this.#leader.choose(upstreams, { now: this.#options.clock.now(), leads })) return false;
    this.#joined = null;
    this.#options.onSwitch(this.#leader.current);
    return true;
  }

  /**
   * Returns true for an older block that is not the head of the upstream any more, because the gateway's head is on its chain:
   * an answer may come late, and must not look like a reorganisation.
   */
  async #isStale(source: BlockSource, { hash }: UpstreamHeader): Promise<boolean> {
    const { ring } = this.#options;
    const { head } = ring;
    if (head === null || hash === head.hash || ring.canonical(hash) === null) return false;
    return (await source.headerAt(head.number))?.hash === head.hash;
  }

  /** Returns true when a new upstream continues the announced chain: it is ahead, or it knows the head. */
  async #continues(source: BlockSource, { number, hash }: UpstreamHeader): Promise<boolean> {
    const { ring, clock } = this.#options;
    const head = ring.head;
    if (head === null || number > head.number) return true;
    const known = await source.headerAt(head.number);
    if (known?.hash === head.hash) return true;
    // It may trail on the announced chain. A switch must not look like a reorganisation, so the gateway waits for it.
    const told = ring.at(number);
    if (told === null || told.hash === hash) {
      this.#waitsSince = null;
      return false;
    }
    this.#waitsSince ??= clock.now();
    return clock.now() - this.#waitsSince >= ADOPT_AFTER_MS;
  }
}

/** Returns true for an error that an upstream caused; any other is a defect of this program. */
function isUpstreams(error: unknown): boolean {
  return error instanceof UpstreamFailure || error instanceof MalformedJson || error instanceof RpcError;
}
