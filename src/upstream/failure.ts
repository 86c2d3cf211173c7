/** The reason why a call has no answer. */
export type FailureKind = "closed" | "timeout" | "aborted" | "malformed" | "busy" | "status";

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
