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
  #young = new Map<AddressKey, number>();
  #old = new Map<AddressKey, number>();
  #turnedAt: number;
  readonly #shared = new Float64Array(SHARED);
  readonly #seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;

  constructor(rate: Rate, { clock, max = MAX_ADDRESSES }: { readonly clock: Clock; readonly max?: number }) {
    this.#clock = clock;
    this.#unitMs = 1000 / rate.perSecond;
    this.#fullMs = rate.burst * this.#unitMs;
    this.#max = max;
    this.#turnedAt = clock.now();
    this.#shared.fill(-Infinity);
  }

  /** The addresses that have a bucket of their own. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Returns the milliseconds until an address may take `weight`; 0 for now. */
  waitMs(key: AddressKey, weight: number): number {
    const cost = Math.min(weight * this.#unitMs, this.#fullMs);
    return Math.max(0, Math.ceil(this.#fullAt(key) + cost - this.#clock.now() - this.#fullMs - ROUNDING_MS));
  }

  /** Takes `weight` from the bucket of an address. */
  take(key: AddressKey, weight: number): void {
    const fullAt = this.#fullAt(key) + Math.min(weight * this.#unitMs, this.#fullMs);
    const known = this.#young.has(key) || this.#old.delete(key);
    if (!known && this.size >= this.#max) this.#shared[this.#slot(key)] = fullAt;
    else this.#young.set(key, fullAt);
  }

  #fullAt(key: AddressKey): number {
    const now = this.#clock.now();
    if (now - this.#turnedAt >= this.#fullMs) this.#turn(now);
    const known = this.#young.get(key) ?? this.#old.get(key);
    if (known !== undefined) return Math.max(now, known);
    return Math.max(now, this.size >= this.#max ? this.#shared[this.#slot(key)] ?? now : now);
  }

  /** Drops what was not touched since the last turn: a bucket is full again after the time between two turns. */
  #turn(now: number): void {
    const isLate = now - this.#turnedAt >= 2 * this.#fullMs;
    this.#old = isLate ? new Map() : this.#young;
    this.#young = new Map();
    this.#turnedAt = now;
  }

  /** The slot of an address cannot be guessed from outside, because the seed is random. */
  #slot(key: AddressKey): number {
    let hash = this.#seed;
    for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
    return (hash ^ hash >>> 15) & (SHARED - 1);
  }
}

/** What sums of fractions may be off by. */
const ROUNDING_MS = 1e-6;
