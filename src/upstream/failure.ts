import type { RpcError } from "../rpc/error.ts";

/** The reason why a call has no answer. */
export type FailureKind = "closed" | "timeout" | "aborted" | "malformed" | "missing" | "busy" | "status";

/** The failure of an upstream to answer a call. An error in its answer is an RpcError instead. */
export class UpstreamFailure extends Error {
  override readonly name = "UpstreamFailure";
  readonly kind: FailureKind;
  /** Milliseconds after which the upstream may be asked again, by its own answer; undefined without such an answer. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: FailureKind,
    message: string,
    options: { retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The longest wait that an upstream can ask for, milliseconds: an absurd one must not disable it for ever. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** Reads Retry-After of RFC 9110 section 10.2.3, seconds or a date, as milliseconds from `now`. */
export function retryAfterMs(header: string | null | undefined, now: number): number | undefined {
  if (header === null || header === undefined) return undefined;
  const seconds = Number(header);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(wait) && wait >= 0 ? Math.min(wait, MAX_RETRY_AFTER_MS) : undefined;
}

/** The code of HTTP's status 429, which some providers put into the error itself. */
const TOO_MANY_REQUESTS = 429;
/** EIP-1474: "Limit exceeded". Providers have it for a range of logs that is too large as well. */
const LIMIT_EXCEEDED = -32005;
/** Match the texts by which providers refuse a request that came too soon after others; none matches a limit on a range of blocks. */
const TOO_SOON =
  /too many (concurrent )?requests|rate.?limit|(request|requests|capacity|throughput|compute units?)\b.*\b(exceeded|reached)|exceeded .*\b(requests|capacity|throughput|compute units)|per second/i;

/** Returns the failure that an error means when the upstream only refused because it is asked too often; else null. */
export function rateLimitOf(error: RpcError): UpstreamFailure | null {
  const { code, message, data } = error;
  const isLimit = code === TOO_MANY_REQUESTS || TOO_SOON.test(message) ||
    (code === LIMIT_EXCEEDED && /^limit exceeded$/i.test(message));
  if (!isLimit) return null;
  // Infura: `data: {rate: {backoff_seconds: 30, ...}}`.
  const { rate } = (typeof data === "object" && data !== null ? data : {}) as { readonly rate?: unknown };
  const { backoff_seconds } = (typeof rate === "object" && rate !== null ? rate : {}) as {
    readonly backoff_seconds?: unknown;
  };
  const wait = typeof backoff_seconds === "number" && backoff_seconds >= 0 ? backoff_seconds * 1000 : undefined;
  return new UpstreamFailure("busy", message, { retryAfterMs: wait, cause: error });
}
