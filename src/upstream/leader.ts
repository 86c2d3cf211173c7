import type { Upstream } from "./upstream.ts";

/** A block takes its time to reach every node: one that trails the best head by a block or more for longer is put aside. */
const LAG_GRACE_MS = 3_000;
/** After a fault in what it answered, an upstream is not followed for this long. */
const FAULT_MS = 10_000;

/** What is remembered of one upstream besides what it says itself. */
interface Standing {
  /** Since when it has trailed the best head; null when it does not. */
  trailsSince: number | null;
  /** Until when it is not followed because of a fault. */
  asideUntil: number;
}

/**
 * Chooses which upstream the gateway's head is taken from. The present one stays for as long as it is good: a switch costs a
 * check that the other knows the same blocks, and one for each small difference would never end.
 */
export class Leader {
  readonly #standings = new Map<Upstream, Standing>();
  #current: Upstream | null = null;

  /** The upstream that is followed; null when none can be. */
  get current(): Upstream | null {
    return this.#current;
  }

  /** Milliseconds by which an upstream trails the best head; 0 when it does not. */
  lagOf(upstream: Upstream, now: number): number {
    const { trailsSince } = this.#standingOf(upstream);
    return trailsSince === null ? 0 : now - trailsSince;
  }

  /** True while an upstream should not be followed: not ready, trailing for too long, or lately at fault. */
  isAside(upstream: Upstream, now: number): boolean {
    return upstream.state !== "ready" || this.#standingOf(upstream).asideUntil > now ||
      this.lagOf(upstream, now) > LAG_GRACE_MS;
  }

  /** It answered what cannot be: another is followed for a while. */
  fault(upstream: Upstream, now: number): void {
    this.#standingOf(upstream).asideUntil = now + FAULT_MS;
  }

  /**
   * Looks at all upstreams anew; true when another one is followed from now on. The present one is kept only while it `leads`:
   * one that has not reached the gateway's head yet gives way to any that is better.
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

/** Cheaper ones first, then those that tell their heads by themselves, then the one that is furthest, then the quickest. */
function compare(one: Upstream, other: Upstream): number {
  const priority = one.spec.priority - other.spec.priority;
  if (priority !== 0) return priority;
  const polled = Number(one.spec.address.kind === "http") - Number(other.spec.address.kind === "http");
  if (polled !== 0) return polled;
  const [here, there] = [one.head?.number ?? -1n, other.head?.number ?? -1n];
  if (here !== there) return here > there ? -1 : 1;
  return (one.latencyMs ?? Infinity) - (other.latencyMs ?? Infinity);
}
