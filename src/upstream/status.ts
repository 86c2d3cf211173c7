import type { Upstream, UpstreamState } from "./upstream.ts";

/** The part of a logger that the gateway writes to. */
export interface UpstreamLog {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** One upstream, as pages and the first screen show it. */
export interface UpstreamStatus {
  readonly name: string;
  /** Scheme, host and port. */
  readonly shown: string;
  readonly state: UpstreamState;
  readonly reason: string;
  readonly isLeader: boolean;
  readonly head: bigint | null;
  /** The time since it announced its head, milliseconds; null before. */
  readonly headAgeMs: number | null;
  readonly latencyMs: number | null;
}

export function statusOf(
  upstream: Upstream,
  { leader, now }: { leader: Upstream | null; now: number },
): UpstreamStatus {
  const { spec, head, headAt } = upstream;
  return {
    name: spec.name,
    shown: spec.address.shown,
    state: upstream.state,
    reason: upstream.reason,
    isLeader: upstream === leader,
    head: head?.number ?? null,
    headAgeMs: headAt === null ? null : now - headAt,
    latencyMs: upstream.latencyMs,
  };
}

/** Logs a change of state. */
export function report(log: UpstreamLog, { spec, state, reason }: Upstream): void {
  const fields = { name: spec.name, at: spec.address.shown };
  if (state === "ready") log.info("Upstream connected", fields);
  else log.warn(state === "refused" ? "Upstream refused" : "Upstream lost", { ...fields, reason });
}
