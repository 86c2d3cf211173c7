import type { Upstream } from "./upstream.ts";

/** A block takes its time to reach every node: one that trails the best head by a block or more for longer is put aside. */
const LAG_GRACE_MS = 3_000;
/** The time for which an upstream is not followed after a faulty answer. */
const FAULT_MS = 10_000;

/** The state of one upstream as its follower sees it. */
interface Standing {
  /** The time since which it has trailed the best head; null when it does not. */
  trailsSince: number | null;
  /** The time until which it is not followed because of a fault. */
  asideUntil: number;
}

/**
 * Chooses the upstream that the gateway's head is taken from. The present one is kept for as long as it is good: each switch
 * needs a check that the other upstream knows the same blocks, and small differences would cause switches without end.
 */
export class Leader {
  readonly #standings = new Map<Upstream, Standing>();
  #current: Upstream | null = null;

  /** The upstream that is followed; null when none can be. */
  get current(): Upstream | null {
    return this.#current;
  }

  /** Returns the time for which an upstream has trailed the best head, milliseconds; 0 when it does not. */
  lagOf(upstream: Upstream, now: number): number {
    const { trailsSince } = this.#standingOf(upstream);
    return trailsSince === null ? 0 : now - trailsSince;
  }

  /** Returns true while an upstream should not be followed: it is not ready, trails for too long, or had a fault lately. */
  isAside(upstream: Upstream, now: number): boolean {
    return upstream.state !== "ready" || this.#standingOf(upstream).asideUntil > now ||
      this.lagOf(upstream, now) > LAG_GRACE_MS;
  }

  /** Notes a faulty answer of an upstream: another is followed for a while. */
  fault(upstream: Upstream, now: number): void {
    this.#standingOf(upstream).asideUntil = now + FAULT_MS;
  }

  /**
   * Compares all upstreams; returns true when another one is followed from now on. The present one is kept only while it
   * `leads`; one that has not reached the gateway's head yet is replaced by any better one.
   */
  choose(upstreams: readonly Upstream[], { now, leads }: { readonly now: number; readonly leads: boolean }): boolean {
    this.#measure(upstreams, now);
    const good = upstreams.filter((upstream) => !this.isAside(upstream, now));
    // When every one is aside, a ready one is better than none.
    const candidates = good.length > 0 ? good : upstreams.filter(({ state }) => state === "ready");
    const best = candidates.toSorted(compare)[0] ?? null;
    const current = this.#current;
    const stays = leads && current !== null && best !== null && candidates.includes(current) &&
      current.spec.priority <= best.spec.priority;
    const next = stays ? current : best;
    this.#current = next;
    return next !== current;
  }

  #measure(upstreams: readonly Upstream[], now: number): void {
    let best = -1n;
    for (const { state, head } of upstreams) {
      if (state === "ready" && head !== null && head.number > best) best = head.number;
    }
    for (const upstream of upstreams) {
      const standing = this.#standingOf(upstream);
      const trails = upstream.head === null || upstream.head.number < best;
      standing.trailsSince = trails ? standing.trailsSince ?? now : null;
    }
  }

  #standingOf(upstream: Upstream): Standing {
    let standing = this.#standings.get(upstream);
    if (standing === undefined) this.#standings.set(upstream, standing = { trailsSince: null, asideUntil: 0 });
    return standing;
  }
}

/** Sorts by priority, then those that announce their heads before polled ones, then by height, then by speed. */
function compare(one: Upstream, other: Upstream): number {
  const priority = one.spec.priority - other.spec.priority;
  if (priority !== 0) return priority;
  const polled = Number(one.isPolled) - Number(other.isPolled);
  if (polled !== 0) return polled;
  const [here, there] = [one.head?.number ?? -1n, other.head?.number ?? -1n];
  if (here !== there) return here > there ? -1 : 1;
  return (one.latencyMs ?? Infinity) - (other.latencyMs ?? Infinity);
}
