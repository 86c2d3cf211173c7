import { dropOldest } from "./drop_oldest.ts";
import type { Clock } from "../concurrency/clock.ts";
import type { Address } from "../eth/types.ts";

/** The most senders that are remembered, and the most transactions of each. */
const MAX_SENDERS = 4_096;
const MAX_OF_SENDER = 256;
/** A transaction that no upstream shows after this time is taken as dropped. */
const KEPT_MS = 120_000;

/** The nonces that were just sent through this gateway: an upstream may not show them yet. */
export class SentNonces {
  /** The time at which each was sent, by sender and nonce, oldest first. */
  readonly #sent = new Map<Address, Map<bigint, number>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(sender: Address, nonce: bigint): void {
    const nonces = this.#sent.get(sender) ?? new Map<bigint, number>();
    this.#sent.delete(sender);
    this.#sent.set(sender, nonces);
    nonces.delete(nonce);
    nonces.set(nonce, this.#clock.now());
    dropOldest(nonces, MAX_OF_SENDER);
    dropOldest(this.#sent, MAX_SENDERS);
  }

  /** Returns the next nonce of a sender: the upstream's answer, and after it the nonces that were sent here without a gap. */
  next(sender: Address, answered: bigint): bigint {
    const now = this.#clock.now();
    const nonces = this.#sent.get(sender);
    let next = answered;
    while (now - (nonces?.get(next) ?? -Infinity) < KEPT_MS) next++;
    return next;
  }
}
