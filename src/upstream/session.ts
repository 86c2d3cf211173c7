import type { RawJson } from "../rpc/raw_json.ts";
import { UpstreamFailure } from "./failure.ts";
import { encodeCall, readBatch, type UpstreamMessage } from "./message.ts";

/** The time limit of one call, and the signal that ends it. */
export interface CallLimits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Calls one upstream, over any transport. */
export interface Channel {
  /**
   * Calls a method with the JSON text of its parameters. Rejects with an RpcError that the upstream answered, or with an
   * UpstreamFailure.
   */
  call(method: string, params: string, limits: CallLimits): Promise<RawJson>;
  /** Ends the channel; calls under way fail. */
  close(): void;
}

/** The listener of a subscription: it gets each notification in order, and the end. */
export type OnNotification = (result: RawJson) => void;

/** The description of a subscription. */
export interface SubscriptionRequest {
  /** `eth` for eth_subscribe. */
  readonly namespace: string;
  /** The JSON text of the parameters, the kind first. */
  readonly params: string;
  readonly onNotification: OnNotification;
}

/** A channel that can also subscribe to events. */
export interface DuplexChannel extends Channel {
  /** Subscribes; resolves, once that is answered, with a function that ends the subscription. */
  subscribe(request: SubscriptionRequest, limits: CallLimits): Promise<() => void>;
  /** Resolves with the reason when the channel is gone; never rejects. */
  readonly closed: Promise<UpstreamFailure>;
}

/** Returns true for a channel that can subscribe; over one that cannot, heads are polled. */
export function isDuplex(channel: Channel): channel is DuplexChannel {
  return "subscribe" in channel;
}

interface Pending {
  readonly resolve: (result: RawJson) => void;
  readonly reject: (error: Error) => void;
  /** Called once it is settled. */
  readonly done: () => void;
  readonly method: string;
  readonly timeoutMs: number;
  /** The time by `performance.now()` at which it is given up. */
  readonly due: number;
  /** The listener of an eth_subscribe, which is called from its answer on. */
  readonly onNotification?: OnNotification | undefined;
}

/** JSON-RPC over a stream of messages in both directions: ids, answers in any order, subscriptions. */
export class Session implements DuplexChannel {
  readonly #send: (text: string) => void;
  readonly #end: () => void;
  readonly #pending = new Map<number, Pending>();
  readonly #subscriptions = new Map<string, OnNotification>();
  readonly #closed = Promise.withResolvers<UpstreamFailure>();
  #failure: UpstreamFailure | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerDue = Infinity;
  #nextId = 1;

  /** `send` writes one message, `end` drops the connection below. */
  constructor(send: (text: string) => void, end: () => void) {
    this.#send = send;
    this.#end = end;
  }

  get closed(): Promise<UpstreamFailure> {
    return this.#closed.promise;
  }

  call(method: string, params: string, limits: CallLimits): Promise<RawJson> {
    return this.#ask(method, params, { limits });
  }

  async subscribe(
    { namespace, params, onNotification }: SubscriptionRequest,
    limits: CallLimits,
  ): Promise<() => void> {
    const id = String((await this.#ask(`${namespace}_subscribe`, params, { limits, onNotification })).decode());
    return () => {
      if (!this.#subscriptions.delete(id) || this.#failure !== null) return;
      this.#ask(`${namespace}_unsubscribe`, JSON.stringify([id]), { limits }).catch(() => {});
    };
  }

  close(): void {
    this.fail(new UpstreamFailure("closed", "the connection was closed here"));
    this.#end();
  }

  /** Takes one message from the connection. Throws MalformedJson, after which the session should be ended. */
  receive(text: string): void {
    for (const message of readBatch(text)) this.#take(message);
  }

  /** Ends the session when the connection is gone: all waiting calls fail with the reason. */
  fail(failure: UpstreamFailure): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    for (const id of [...this.#pending.keys()]) this.#giveUp(id, failure);
    clearTimeout(this.#timer);
    this.#subscriptions.clear();
    this.#closed.resolve(failure);
  }

  #take(message: UpstreamMessage): void {
    if (message.kind === "notification") {
      this.#subscriptions.get(message.subscription)?.(message.result);
      return;
    }
    const pending = message.id === null ? undefined : this.#pending.get(message.id);
    // This answers a call that timed out or was given up: nobody waits for it.
    if (pending === undefined || message.id === null) return;
    this.#pending.delete(message.id);
    pending.done();
    if (message.kind === "refusal") return pending.reject(message.error);
    // It is registered before the next message is read, because the first notification may be in the same packet.
    if (pending.onNotification !== undefined) {
      this.#subscriptions.set(String(message.result.decode()), pending.onNotification);
    }
    pending.resolve(message.result);
  }

  #ask(
    method: string,
    params: string,
    { limits, onNotification }: { limits: CallLimits; onNotification?: OnNotification },
  ): Promise<RawJson> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const { timeoutMs, signal } = limits;
    if (signal?.aborted) return Promise.reject(new UpstreamFailure("aborted", "the caller is gone"));
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<RawJson>();
    const onAbort = () => this.#giveUp(id, new UpstreamFailure("aborted", "the caller is gone"));
    signal?.addEventListener("abort", onAbort, { once: true });
    const done = () => signal?.removeEventListener("abort", onAbort);
    this.#pending.set(id, {
      resolve,
      reject,
      done,
      onNotification,
      method,
      timeoutMs,
      due: performance.now() + timeoutMs,
    });
    this.#watch(timeoutMs);
    this.#send(encodeCall(id, method, params));
    return promise;
  }

  /** Fails a call that waits; its answer is dropped if it comes. */
  #giveUp(id: number, failure: UpstreamFailure): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    pending.done();
    pending.reject(failure);
  }

  /** Sets the one timer for the call that is due first: one for each call takes 8 us (measured). */
  #watch(delayMs: number): void {
    const due = performance.now() + delayMs;
    if (this.#timer !== undefined && this.#timerDue <= due) return;
    clearTimeout(this.#timer);
    this.#timerDue = due;
    this.#timer = setTimeout(() => this.#sweep(), Math.max(delayMs, 1));
  }

  /** Fails the calls whose time is up, and sets the timer for the next one. */
  #sweep(): void {
    this.#timer = undefined;
    const now = performance.now();
    let next = Infinity;
    for (const [id, { due, method, timeoutMs }] of this.#pending) {
      if (due <= now) this.#giveUp(id, new UpstreamFailure("timeout", `no answer to ${method} in ${timeoutMs} ms`));
      else if (due < next) next = due;
    }
    if (next !== Infinity) this.#watch(next - now);
  }
}
