import type { Clock } from "../concurrency/clock.ts";
import type { Rate } from "../concurrency/token_bucket.ts";
import { isIpv4, parseIp } from "./cidr.ts";
import { hostOf } from "../text/host_port.ts";

/** The addresses that have a bucket of their own at a time; about 10 MB. */
const MAX_ADDRESSES = 100_000;
/** The buckets that all other addresses share. */
const SHARED = 1024;
/** The network of one customer of an IPv6 provider: whoever has one address has all of it. */
const IPV6_NETWORK_BYTES = 8;

/** An address as the buckets know it. */
export type AddressKey = string;

/** Returns the key of a client: its IPv4 address, or its IPv6 network of 64 bits; others that have no address share one. */
export function addressKey(address: string): AddressKey {
  const bytes = parseIp(hostOf(address));
  if (bytes === undefined) return "";
  return isIpv4(bytes) ? bytes.subarray(12).join(".") : bytes.subarray(0, IPV6_NETWORK_BYTES).toHex();
}

/** A weight and the time of the clock. */
interface Charge {
  readonly weight: number;
  readonly now: number;
}

/** The time at which a bucket will be full again, and the turn in which that was last changed. */
interface Entry {
  fullAt: number;
  turn: number;
}

/**
 * A token bucket for each address, in bounded memory. A bucket is one number: the time at which it will be full again (GCRA,
 * ITU-T I.371). A bucket that is full is as good as none, so only the addresses of the last few seconds are remembered: two
 * maps take turns, and the older one is dropped whole once everything in it is full. Where more addresses call than there is
 * room for, the newcomers share buckets; nobody is forgotten while it is over its limit, and nobody is locked out.
 */
export class AddressBuckets {
  readonly #clock: Clock;
  /** Milliseconds for a weight of one, and for the whole burst. */
  readonly #unitMs: number;
  readonly #fullMs: number;
  readonly #max: number;
  #young = new Map<AddressKey, Entry>();
  #old = new Map<AddressKey, Entry>();
  #turn = 0;
  #turnedAt: number;
  readonly #shared: readonly Entry[];
  readonly #seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;

  constructor(rate: Rate, { clock, max = MAX_ADDRESSES }: { readonly clock: Clock; readonly max?: number }) {
    this.#clock = clock;
    this.#unitMs = 1000 / rate.perSecond;
    this.#fullMs = rate.burst * this.#unitMs;
    this.#max = max;
    this.#turnedAt = clock.now();
    this.#shared = Array.from({ length: SHARED }, () => ({ fullAt: -Infinity, turn: -1 }));
  }

  /** The addresses that have a bucket of their own. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Returns the bucket of an address, for one connection or request. */
  of(key: AddressKey): AddressBucket {
    return new AddressBucket(this, key);
  }

  /** Returns the milliseconds until `weight` can be taken from a bucket; 0 for now. */
  waitMs(entry: Entry | undefined, { weight, now }: Charge): number {
    const fullAt = entry === undefined ? now : Math.max(now, entry.fullAt);
    const cost = Math.min(weight * this.#unitMs, this.#fullMs);
    return Math.max(0, Math.ceil(fullAt + cost - now - this.#fullMs - ROUNDING_MS));
  }

  /** Takes `weight` from a bucket. */
  take(entry: Entry, { weight, now }: Charge): void {
    entry.fullAt = Math.max(now, entry.fullAt) + Math.min(weight * this.#unitMs, this.#fullMs);
  }

  /** Returns the bucket of an address as far as it has one; undefined for one that is full. */
  find(key: AddressKey, now: number): Entry | undefined {
    if (now - this.#turnedAt >= this.#fullMs) this.#nextTurn(now);
    const known = this.#young.get(key) ?? this.#old.get(key);
    if (known !== undefined || this.size < this.#max) return known;
    return this.#shared[this.#slot(key)];
  }

  /** Returns the bucket of an address for a change: it is remembered until the turn after this one. */
  touch(key: AddressKey, now: number): Entry {
    const entry = this.find(key, now) ?? { fullAt: now, turn: this.#turn };
    if (entry.turn < 0) return entry;
    this.#old.delete(key);
    this.#young.set(key, entry);
    entry.turn = this.#turn;
    return entry;
  }

  /** Returns true while a bucket that was touched need not be looked for again. */
  isCurrent({ turn }: Entry, now: number): boolean {
    return turn === this.#turn && now - this.#turnedAt < this.#fullMs;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Drops what was not touched since the last turn: a bucket is full again after the time between two turns. */
  #nextTurn(now: number): void {
    const isLate = now - this.#turnedAt >= 2 * this.#fullMs;
    this.#old = isLate ? new Map() : this.#young;
    this.#young = new Map();
    this.#turnedAt = now;
    this.#turn += 1;
  }

  /** The slot of an address cannot be guessed from outside, because the seed is random. */
  #slot(key: AddressKey): number {
    let hash = this.#seed;
    for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
    return (hash ^ hash >>> 15) & (SHARED - 1);
  }
}

/** The bucket of one address, as a connection keeps it: it is looked for once in each turn. */
export class AddressBucket {
  readonly #buckets: AddressBuckets;
  readonly #key: AddressKey;
  #touched: Entry | undefined;

  constructor(buckets: AddressBuckets, key: AddressKey) {
    this.#buckets = buckets;
    this.#key = key;
  }

  /** Returns the milliseconds until `weight` can be taken; 0 for now. */
  waitMs(weight: number, now = this.#buckets.now()): number {
    return this.#buckets.waitMs(this.#current(now) ?? this.#buckets.find(this.#key, now), { weight, now });
  }

  /** Takes `weight`, at most the burst. */
  take(weight: number, now = this.#buckets.now()): void {
    const entry = this.#current(now) ?? this.#buckets.touch(this.#key, now);
    this.#touched = entry;
    this.#buckets.take(entry, { weight, now });
  }

  #current(now: number): Entry | undefined {
    return this.#touched !== undefined && this.#buckets.isCurrent(this.#touched, now) ? this.#touched : undefined;
  }
}

/** What sums of fractions may be off by. */
const ROUNDING_MS = 1e-6;
