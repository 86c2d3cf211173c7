import type { Clock } from "../concurrency/clock.ts";
import type { Address } from "../eth/types.ts";

/** How many senders are remembered, and how many transactions of each. */
const MAX_SENDERS = 4_096;
const MAX_OF_SENDER = 256;
/** A transaction that no upstream shows after so long was dropped. */
const KEPT_MS = 120_000;

/** The nonces that were just sent through this gateway: an upstream may not show them yet. */
export class SentNonces {
  /** When each was sent, by sender and nonce, oldest first. */
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

  /** The next nonce of a sender: what an upstream answered, and beyond it whatever was sent here without a gap. */
  next(sender: Address, answered: bigint): bigint {
    const now = this.#clock.now();
    const nonces = this.#sent.get(sender);
    let next = answered;
    while (now - (nonces?.get(next) ?? -Infinity) < KEPT_MS) next++;
    return next;
  }
}

function dropOldest(map: Map<unknown, unknown>, limit: number): void {
  if (map.size <= limit) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    break;
  }
}
