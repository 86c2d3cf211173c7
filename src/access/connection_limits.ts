import type { Clock } from "../concurrency/clock.ts";
import { type Rate, TokenBucket } from "../concurrency/token_bucket.ts";
import type { Connection, ConnectionHandler } from "../rpc/connection.ts";
import { CODE, RpcError } from "../rpc/error.ts";
import type { Awaitable } from "../rpc/awaitable.ts";
import type { Layer } from "../rpc/layer.ts";
import type { SubscriptionQuota } from "../rpc/mod.ts";
import { CLOSE } from "../transport/mod.ts";
import type { AddressBucket } from "./address_buckets.ts";
import type { Meter } from "./meters.ts";

/** The limits that refuse calls, as `data.limit` of the error names them. */
export const LIMIT_NAMES = {
  connection: "the rate of one WebSocket connection (`--limit.rps`)",
  address: "the rate of one address (`--limit.address-rps`)",
  key: "the rate of a principal (`requestsPerSecond`)",
  bytes: "the bytes of a principal (`bytesPerSecond`)",
  inFlight: "the calls of a principal that run at a time (`inFlight`)",
  subscriptions: "the live subscriptions of a principal (`subscriptions`)",
} as const;

type LimitName = keyof typeof LIMIT_NAMES;

/** The limits that are rates; of several with the same wait the first is named. */
const RATES = ["connection", "key", "address", "bytes"] as const satisfies readonly LimitName[];
type RateName = typeof RATES[number];

/** A call ends and makes room at a time that nobody knows, so this is only a hint, milliseconds. */
const RETRY_IN_FLIGHT_MS = 1000;

/** A client that ignores so many refusals beyond its burst goes on hammering. */
const PATIENCE = 100;

export interface ConnectionLimitsOptions {
  readonly meter: Meter;
  /** The rate of this connection alone. */
  readonly rate: Rate | undefined;
  readonly addressRate: Rate | undefined;
  readonly address: AddressBucket | undefined;
  readonly clock: Clock;
}

/** The limits of one connection: its own, and those that it shares with others of its principal and of its address. */
export class ConnectionLimits implements SubscriptionQuota {
  readonly #connection: Connection;
  readonly #options: ConnectionLimitsOptions;
  readonly #meter: Meter;
  readonly #own: TokenBucket | undefined;
  readonly #address: AddressBucket | undefined;
  readonly #clock: Clock;
  /** Refusals that the client may still ignore. */
  readonly #patience: TokenBucket;
  #hasAdmitted = false;

  constructor(connection: Connection, options: ConnectionLimitsOptions) {
    const { meter, rate, address, clock } = options;
    this.#connection = connection;
    this.#options = options;
    this.#meter = meter;
    this.#clock = clock;
    this.#address = address;
    this.#own = rate === undefined ? undefined : new TokenBucket(rate, clock);
    const burst = PATIENCE + Math.max(rate?.burst ?? 0, meter.limits.burst ?? 0);
    this.#patience = new TokenBucket({ perSecond: 1, burst }, clock);
  }

  /** Admits or refuses each call; the outermost layer but the audit. */
  readonly layer: Layer = (next) => (call, context) => {
    const meter = this.#meter;
    this.#admit(call.method);
    meter.calls.admitted += 1;
    if (!this.#hasAdmitted) {
      this.#hasAdmitted = true;
      this.#connection.throttled?.(null);
    }
    if (meter.limits.inFlight === undefined) return next(call, context);
    meter.inFlight += 1;
    let result: Awaitable<unknown> = undefined;
    try {
      result = next(call, context);
    } finally {
      // Most calls end at once.
      if (!(result instanceof Promise)) meter.inFlight -= 1;
    }
    return result instanceof Promise ? result.finally(this.#ended) : result;
  };

  readonly #ended = (): void => {
    this.#meter.inFlight -= 1;
  };

  /** Charges a message that is no call: it cannot be refused, because it has no id, but it counts. */
  readonly fault = (): void => {
    const now = this.#clock.now();
    if (this.#longestWait(1, now).wait > 0) return this.#count();
    this.#take(1, now);
  };

  /** Takes a subscription of the principal's. */
  take(): void {
    const { limits: { subscriptions: most = Infinity } } = this.#meter;
    if (this.#meter.subscriptions >= most) this.#refuse("subscriptions", { max: most });
    this.#meter.subscriptions += 1;
  }

  release(): void {
    this.#meter.subscriptions -= 1;
  }

  /** Returns the connection for a handler: it counts the bytes that are sent, where they are limited. */
  outgoing(): Connection {
    const { bytes } = this.#meter;
    return bytes === undefined ? this.#connection : metered(this.#connection, bytes);
  }

  /** Returns a handler that counts the bytes that are received, where they are limited. */
  incoming(handler: ConnectionHandler): ConnectionHandler {
    const { bytes } = this.#meter;
    if (bytes === undefined) return handler;
    return {
      message(data) {
        bytes.take(data.length);
        handler.message(data);
      },
      drain: () => handler.drain(),
      cancel: () => handler.cancel(),
      closed: () => handler.closed(),
    };
  }

  /** Takes the weight of a call from every bucket, or from none. Throws the error for the client. */
  #admit(method: string): void {
    const meter = this.#meter;
    const { inFlight } = meter.limits;
    if (inFlight !== undefined && meter.inFlight >= inFlight) {
      this.#refuse("inFlight", { max: inFlight, retryAfterMs: RETRY_IN_FLIGHT_MS });
    }
    const hasBucket = this.#own ?? this.#address ?? meter.requests ?? meter.bytes;
    if (hasBucket === undefined) return;
    const now = this.#clock.now();
    const weight = meter.weights.of(method);
    if (this.#isAdmitted(weight, now)) return this.#take(weight, now);
    const { limit, wait } = this.#longestWait(weight, now);
    this.#refuse(limit, { max: this.#rateOf(limit), retryAfterMs: wait });
  }

  #isAdmitted(weight: number, now: number): boolean {
    const { requests, bytes } = this.#meter;
    return (this.#own === undefined || this.#own.waitMs(weight, now) === 0) &&
      (requests === undefined || requests.waitMs(weight, now) === 0) &&
      (this.#address === undefined || this.#address.waitMs(weight, now) === 0) &&
      (bytes === undefined || bytes.waitMs(0, now) === 0);
  }

  #take(weight: number, now: number): void {
    this.#own?.takeAtMost(weight, now);
    this.#meter.requests?.takeAtMost(weight, now);
    this.#address?.take(weight, now);
  }

  /** Returns the limit that takes the longest to admit a weight, and the milliseconds until it does. */
  #longestWait(weight: number, now: number): { readonly limit: RateName; readonly wait: number } {
    const waits = {
      connection: this.#own?.waitMs(weight, now) ?? 0,
      key: this.#meter.requests?.waitMs(weight, now) ?? 0,
      address: this.#address?.waitMs(weight, now) ?? 0,
      bytes: this.#meter.bytes?.waitMs(0, now) ?? 0,
    };
    const wait = Math.max(waits.connection, waits.key, waits.address, waits.bytes);
    return { wait, limit: RATES.find((name) => waits[name] === wait) ?? "key" };
  }

  #rateOf(limit: RateName): number {
    const { rate, addressRate } = this.#options;
    const { requestsPerSecond, bytesPerSecond } = this.#meter.limits;
    const rates = {
      connection: rate?.perSecond,
      address: addressRate?.perSecond,
      key: requestsPerSecond,
      bytes: bytesPerSecond,
    };
    return rates[limit] ?? 0;
  }

  #refuse(limit: LimitName, { max, retryAfterMs }: { max: number; retryAfterMs?: number }): never {
    this.#meter.calls.refused += 1;
    this.#count();
    if (!this.#hasAdmitted && retryAfterMs !== undefined) this.#connection.throttled?.(retryAfterMs);
    throw new RpcError(CODE.limitExceeded, MESSAGES[limit], {
      data: { limit, max, ...retryAfterMs === undefined ? {} : { retryAfterMs } },
    });
  }

  /** Counts a refusal, and closes the connection of a client that has ignored too many. */
  #count(): void {
    if (this.#patience.tryTake(1) === 0) return;
    this.#connection.close(CLOSE.rateLimited, "rate limited: the client went on although its calls were refused");
  }
}

const MESSAGES = {
  connection: "too many requests on this connection",
  address: "too many requests from this address",
  key: "too many requests with this key",
  bytes: "too many bytes with this key",
  inFlight: "too many calls of this key at a time",
  subscriptions: "too many subscriptions with this key",
} as const satisfies Record<LimitName, string>;

/** Returns a connection that counts what is sent. Results are ASCII, so a unit of text is a byte. */
function metered(inner: Connection, bytes: TokenBucket): Connection {
  return {
    peer: inner.peer,
    canSubscribe: inner.canSubscribe !== false,
    send(text) {
      bytes.take(text.length);
      inner.send(text);
    },
    ...inner.sendShared === undefined ? {} : {
      sendShared(body, around) {
        bytes.take(body.length + around.head.length + around.tail.length);
        inner.sendShared?.(body, around);
      },
    },
    isBehind: (limit) => inner.isBehind(limit),
    drained: () => inner.drained(),
    close: (code, reason) => inner.close(code, reason),
  };
}
