import type { Clock } from "../concurrency/clock.ts";
import { TokenBucket } from "../concurrency/token_bucket.ts";
import type { Principal, PrincipalLimits } from "../rpc/principal.ts";
import { Weights } from "./weights.ts";

/** The name of clients without a credential. */
export const ANONYMOUS = "anonymous";

/** What one principal uses over all its connections, and what it may use. */
export class Meter {
  readonly name: string;
  /** Open WebSocket connections. */
  connections = 0;
  /** Live subscriptions. */
  subscriptions = 0;
  /** Calls that run. */
  inFlight = 0;
  /** Calls that were admitted, and calls that a limit refused. */
  readonly calls = { admitted: 0, refused: 0 };
  #limits: PrincipalLimits = {};
  #requests: TokenBucket | undefined;
  #bytes: TokenBucket | undefined;
  #weights = NO_WEIGHTS;

  constructor(name: string) {
    this.name = name;
  }

  /** Puts other limits in force; buckets begin full where their limits are other ones. */
  limit(limits: PrincipalLimits, clock: Clock): void {
    if (limits === this.#limits) return;
    const { requestsPerSecond, burst, bytesPerSecond, weights } = limits;
    const before = this.#limits;
    this.#limits = limits;
    if (requestsPerSecond !== before.requestsPerSecond || burst !== before.burst) {
      this.#requests = bucketOf(clock, { perSecond: requestsPerSecond, burst });
    }
    if (bytesPerSecond !== before.bytesPerSecond) this.#bytes = bucketOf(clock, { perSecond: bytesPerSecond });
    this.#weights = weights === undefined ? NO_WEIGHTS : new Weights(weights);
  }

  get limits(): PrincipalLimits {
    return this.#limits;
  }

  get requests(): TokenBucket | undefined {
    return this.#requests;
  }

  get bytes(): TokenBucket | undefined {
    return this.#bytes;
  }

  get weights(): Weights {
    return this.#weights;
  }

  /** True while nothing of it is open; its numbers may be forgotten then. */
  get isIdle(): boolean {
    return this.connections === 0 && this.inFlight === 0 && this.subscriptions === 0;
  }
}

const NO_WEIGHTS = new Weights();

function bucketOf(
  clock: Clock,
  { perSecond, burst }: { perSecond: number | undefined; burst?: number | undefined },
): TokenBucket | undefined {
  // A rate below one call per second still admits one.
  return perSecond === undefined
    ? undefined
    : new TokenBucket({ perSecond, burst: burst ?? Math.max(perSecond, 1) }, clock);
}

/** A token may name anybody, so the meters that are kept are bounded; idle ones give way, the oldest first. */
const MAX_METERS = 20_000;
/** Principals with a label of their own in metrics; the others are added up. */
export const MAX_LABELS = 100;
const OTHERS = "others";

/** What the meters show of one principal. */
export interface MeterSample {
  readonly principal: string;
  readonly connections: number;
  readonly subscriptions: number;
  readonly admitted: number;
  readonly refused: number;
}

/** The meters of all principals, by name. */
export class Meters {
  readonly #clock: Clock;
  readonly #byName = new Map<string, Meter>();
  readonly #byPrincipal = new WeakMap<Principal, Meter>();
  readonly #anonymous = new Meter(ANONYMOUS);

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#byName.set(ANONYMOUS, this.#anonymous);
  }

  of(principal: Principal | null): Meter {
    if (principal === null) return this.#anonymous;
    const known = this.#byPrincipal.get(principal);
    if (known !== undefined) return known;
    const meter = this.#byName.get(principal.name) ?? this.#add(principal.name);
    meter.limit(principal.limits ?? NO_LIMITS, this.#clock);
    this.#byPrincipal.set(principal, meter);
    return meter;
  }

  /** One sample for each of the first principals, and one for the sum of the others. */
  get samples(): readonly MeterSample[] {
    const all = [...this.#byName.values()].filter(({ isIdle, calls }) => !isIdle || calls.admitted + calls.refused > 0);
    const samples = all.slice(0, MAX_LABELS).map(sampleOf);
    const others = all.slice(MAX_LABELS).map(sampleOf);
    return others.length === 0 ? samples : [...samples, others.reduce(added)];
  }

  #add(name: string): Meter {
    if (this.#byName.size >= MAX_METERS) this.#forgetIdle();
    const meter = new Meter(name);
    this.#byName.set(name, meter);
    return meter;
  }

  #forgetIdle(): void {
    for (const [name, meter] of this.#byName) {
      if (meter.isIdle && meter !== this.#anonymous) return void this.#byName.delete(name);
    }
  }
}

const NO_LIMITS: PrincipalLimits = {};

function sampleOf({ name, connections, subscriptions, calls }: Meter): MeterSample {
  return { principal: name, connections, subscriptions, ...calls };
}

function added(one: MeterSample, other: MeterSample): MeterSample {
  return {
    principal: OTHERS,
    connections: one.connections + other.connections,
    subscriptions: one.subscriptions + other.subscriptions,
    admitted: one.admitted + other.admitted,
    refused: one.refused + other.refused,
  };
}
