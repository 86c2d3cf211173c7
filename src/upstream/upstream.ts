import type { Hash } from "../eth/types.ts";
import { RpcError } from "../rpc/error.ts";
import type { Awaitable } from "../rpc/awaitable.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import type { UpstreamAddress } from "./address.ts";
import { Backoff } from "./backoff.ts";
import type { Connector } from "./connector.ts";
import { dropOldest } from "./drop_oldest.ts";
import type { Clock, Timer } from "../concurrency/clock.ts";
import { TokenBucket } from "../concurrency/token_bucket.ts";
import { UpstreamFailure } from "./failure.ts";
import { readHeader, type UpstreamHeader } from "./head.ts";
import { KeptState } from "./kept_state.ts";
import { HeadPoller } from "./head_poller.ts";
import { type CallLimits, type Channel, isDuplex, type SubscriptionRequest } from "./session.ts";

/** The configuration of one upstream. */
export interface UpstreamSpec {
  /** The name in logs and on pages: unique, without secrets. */
  readonly name: string;
  readonly address: UpstreamAddress;
  /** A lower number is asked first; one of a higher number only when no other can answer. 0 by default. */
  readonly priority: number;
  /** Methods and namespaces that it may serve; everything when undefined. */
  readonly allows?: ((method: string) => boolean) | undefined;
  /** Methods that the operator named in full: only these are passed on though they control a node. */
  readonly named?: ReadonlySet<string> | undefined;
  /** Requests per second that it admits; unlimited when undefined. */
  readonly rateLimit?: number | undefined;
  /** True where it keeps the state of every block, false where only of the newest; learnt when undefined. */
  readonly archive?: boolean | undefined;
  /** Milliseconds for one call. */
  readonly timeoutMs: number;
}

export interface UpstreamListener {
  /** Called when it announced a head, or was found to have one. */
  head(upstream: Upstream, header: UpstreamHeader): void;
  /** Called when it can be asked from now on, or no longer. */
  state(upstream: Upstream): void;
  /** Called with a transaction that entered its pool; the whole object. */
  pending(upstream: Upstream, transaction: RawJson): void;
}

export interface UpstreamDeps {
  readonly connector: Connector;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly listener: UpstreamListener;
  /** Takes the chain of this upstream; resolves with the chain that every upstream must have. */
  readonly agreeOn: (chainId: bigint) => Awaitable<bigint>;
  /** False where only the past is asked for, and no head is announced; true when absent. */
  readonly followsHeads?: boolean;
}

/** `down`: not connected, or it failed; tried again. `refused`: it is of another chain; asked again at the next attempt. */
export type UpstreamState = "connecting" | "ready" | "down" | "refused";

/** Calls whose answers may be large: on a connection of their own, so that none of them can hold up or end the heads. */
const HEAVY = /^(debug_|trace_|arbtrace_|ots_)|^eth_(getLogs|simulateV1|getBlockReceipts|getFilterLogs)$/;
/** The weight of one call in the moving average of the latency. */
const LATENCY_WEIGHT = 0.1;
/** The number of announced blocks that are remembered. */
const MAX_ANNOUNCED = 512;

/** One real node: its connections, its last head, and its state. */
export class Upstream {
  readonly spec: UpstreamSpec;
  readonly #deps: UpstreamDeps;
  readonly #backoff: Backoff;
  readonly #rateLimit: TokenBucket | null;
  readonly #announced = new Map<Hash, bigint>();
  readonly #keptState: KeptState;
  #main: Channel | null = null;
  #heavy: Promise<Channel> | null = null;
  #state: UpstreamState = "connecting";
  #reason = "not connected yet";
  #head: UpstreamHeader | null = null;
  #headAt: number | null = null;
  #announcements = 0;
  #retryTimer: Timer | null = null;
  #stopHeads: (() => void) | null = null;
  #stopPending: (() => void) | null = null;
  #wantsPending = false;
  #stopped = false;
  #latencyMs: number | null = null;
  #isPolled = true;

  constructor(spec: UpstreamSpec, deps: UpstreamDeps) {
    this.spec = spec;
    this.#deps = deps;
    this.#backoff = new Backoff(deps.random);
    this.#keptState = new KeptState(spec.archive);
    const { rateLimit: perSecond } = spec;
    const burst = Math.max(perSecond ?? 0, 1);
    this.#rateLimit = perSecond === undefined ? null : new TokenBucket({ perSecond, burst }, deps.clock);
  }

  get state(): UpstreamState {
    return this.#state;
  }

  /** The reason why it is not ready; empty when it is. */
  get reason(): string {
    return this.#reason;
  }

  /** The head that it last announced; kept while it is down. */
  get head(): UpstreamHeader | null {
    return this.#head;
  }

  /** The time at which it last announced a head, milliseconds of the clock. */
  get headAt(): number | null {
    return this.#headAt;
  }

  /** The time that a small call takes, a moving average in milliseconds; null before the first. */
  get latencyMs(): number | null {
    return this.#latencyMs;
  }

  /** True where its head is asked for again and again, because it does not announce it. */
  get isPolled(): boolean {
    return this.#isPolled;
  }

  /** Returns true when it announced this block, or is known to have it. */
  has(hash: Hash): boolean {
    return this.#announced.has(hash);
  }

  /** The number of the head that it last announced; -1n before the first. */
  get height(): bigint {
    return this.#head?.number ?? -1n;
  }

  /** Returns true when it should have the state of the block at `height`. */
  keepsStateAt(height: bigint): boolean {
    return this.#keptState.has(height, this.height);
  }

  /** Notes that it did not have the state of the block at `height`. */
  lacksStateAt(height: bigint): void {
    this.#keptState.lacks(height, this.height);
  }

  /** Notes that it has a block. */
  noteBlock(hash: Hash, number: bigint): void {
    this.#announced.set(hash, number);
    dropOldest(this.#announced, MAX_ANNOUNCED);
  }

  start(): void {
    void this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#retryTimer?.cancel();
    this.#drop();
  }

  /** Starts or ends the subscription to whole pending transactions. */
  wantPending(wanted: boolean): void {
    if (this.#wantsPending === wanted) return;
    this.#wantsPending = wanted;
    if (this.#state === "ready") void this.#followPending();
  }

  /** Calls a method; rejects as {@link Channel} does. */
  async call(method: string, params: string, limits: CallLimits): Promise<RawJson> {
    const main = this.#main;
    if (main === null) throw new UpstreamFailure("closed", this.#reason);
    const wait = this.#rateLimit?.tryTake(1) ?? 0;
    if (wait > 0) throw new UpstreamFailure("busy", "its rate limit is used up", { retryAfterMs: wait });
    if (HEAVY.test(method)) return await (await this.#heavyChannel(main)).call(method, params, limits);
    const asked = this.#deps.clock.now();
    const answer = await main.call(method, params, limits);
    this.#measure(this.#deps.clock.now() - asked);
    return answer;
  }

  /**
   * Subscribes to events of a kind that only this upstream knows. Resolves with a function that ends the subscription;
   * `onEnd` is called if the upstream is gone before.
   */
  async subscribe(subscription: SubscriptionRequest, onEnd: (reason: string) => void): Promise<() => void> {
    const channel = this.#main;
    if (channel === null || !isDuplex(channel)) throw new UpstreamFailure("closed", "it tells of no events");
    const stop = await channel.subscribe(subscription, { timeoutMs: this.spec.timeoutMs });
    let ended = false;
    void channel.closed.then((failure) => ended || onEnd(`upstream ${this.spec.name}: ${failure.message}`));
    return () => {
      ended = true;
      stop();
    };
  }

  async #connect(): Promise<void> {
    if (this.#stopped) return;
    const { address, timeoutMs } = this.spec;
    try {
      const { connector, clock } = this.#deps;
      const channel = await connector(address);
      if (this.#stopped) return channel.close();
      this.#main = channel;
      const asked = clock.now();
      const chainId = BigInt(String((await channel.call("eth_chainId", "[]", { timeoutMs })).decode()));
      this.#measure(clock.now() - asked);
      const expected = await this.#deps.agreeOn(chainId);
      if (expected !== chainId) return this.#refuse(chainId, expected);
      if (this.#deps.followsHeads !== false) await this.#follow(channel);
      this.#backoff.reset();
      this.#become("ready", "");
      if (isDuplex(channel)) void channel.closed.then((failure) => this.#main === channel && this.#fail(failure));
      void this.#followPending();
      void this.#learnKeptState(channel);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #learnKeptState(channel: Channel): Promise<void> {
    try {
      this.#keptState.learn(await channel.call("eth_capabilities", "[]", { timeoutMs: this.spec.timeoutMs }));
    } catch {
      // Most nodes do not have the method: their refusals show what they keep.
    }
  }

  /** Subscribes to the heads, or polls where that is not offered, and asks for the present one. */
  async #follow(channel: Channel): Promise<void> {
    const { timeoutMs } = this.spec;
    this.#isPolled = true;
    if (isDuplex(channel)) {
      try {
        this.#stopHeads = await channel.subscribe(
          { namespace: "eth", params: `["newHeads"]`, onNotification: (json) => this.#announce(json) },
          { timeoutMs },
        );
        this.#isPolled = false;
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
      }
    }
    const read = async () => await channel.call("eth_getBlockByNumber", `["latest",false]`, { timeoutMs });
    const before = this.#announcements;
    const latest = await read();
    // A head that was announced meanwhile is newer than the answer.
    if (this.#announcements === before) this.#announce(latest);
    if (!this.#isPolled) return;
    const poller = new HeadPoller({ read, clock: this.#deps.clock });
    poller.start((json) => this.#announce(json), (error) => this.#main === channel && this.#fail(error));
    this.#stopHeads = () => poller.stop();
  }

  async #followPending(): Promise<void> {
    this.#stopPending?.();
    this.#stopPending = null;
    const channel = this.#main;
    if (!this.#wantsPending || channel === null || !isDuplex(channel)) return;
    try {
      const stop = await channel.subscribe(
        {
          namespace: "eth",
          params: `["newPendingTransactions",true]`,
          onNotification: (json) => this.#deps.listener.pending(this, json),
        },
        { timeoutMs: this.spec.timeoutMs },
      );
      if (this.#wantsPending && this.#main === channel) this.#stopPending = stop;
      else stop();
    } catch {
      // It does not offer them, or is gone, which its other channel reports.
    }
  }

  #announce(json: RawJson): void {
    this.#announcements += 1;
    let header: UpstreamHeader;
    try {
      header = readHeader(json);
    } catch (error) {
      return this.#fail(error);
    }
    this.#headAt = this.#deps.clock.now();
    if (header.hash === this.#head?.hash) return;
    this.#head = header;
    this.noteBlock(header.hash, header.number);
    this.#deps.listener.head(this, header);
  }

  #heavyChannel(main: Channel): Promise<Channel> {
    // Each call of the other kind has a connection of its own already.
    if (!isDuplex(main)) return Promise.resolve(main);
    this.#heavy ??= this.#deps.connector(this.spec.address).then((channel) => {
      if (isDuplex(channel)) void channel.closed.then(() => this.#heavy = null);
      return channel;
    }, (error) => {
      this.#heavy = null;
      throw error;
    });
    return this.#heavy;
  }

  #refuse(chainId: bigint, expected: bigint): void {
    this.#drop();
    this.#become("refused", `it is of chain ${chainId}, and this gateway serves chain ${expected}`);
    this.#retry();
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.#drop();
    this.#become("down", error instanceof Error ? error.message : String(error));
    this.#retry(error instanceof UpstreamFailure ? error.retryAfterMs : undefined);
  }

  /** Connects again after the next delay, or after the time that the upstream itself named, whichever is longer. */
  #retry(askedMs = 0): void {
    this.#retryTimer?.cancel();
    const delay = Math.max(this.#backoff.next(), askedMs);
    this.#retryTimer = this.#deps.clock.setTimer(delay, () => void this.#connect());
  }

  #measure(tookMs: number): void {
    this.#latencyMs = this.#latencyMs === null ? tookMs : this.#latencyMs + LATENCY_WEIGHT * (tookMs - this.#latencyMs);
  }

  #drop(): void {
    const main = this.#main;
    this.#main = null;
    this.#stopHeads?.();
    this.#stopHeads = null;
    this.#stopPending = null;
    main?.close();
    void this.#heavy?.then((channel) => channel.close(), () => {});
    this.#heavy = null;
  }

  #become(state: UpstreamState, reason: string): void {
    const changed = state !== this.#state || reason !== this.#reason;
    this.#state = state;
    this.#reason = reason;
    if (changed) this.#deps.listener.state(this);
  }
}
