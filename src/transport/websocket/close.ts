/** The close codes that this server sends: RFC 6455 section 7.4.1, and one from the private range. */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  invalidText: 1007,
  policyViolation: 1008,
  messageTooBig: 1009,
  internalError: 1011,
  /** From IANA's registry: the client is to connect again. */
  serviceRestart: 1012,
  tryAgainLater: 1013,
  /** The peer does not read its answers and notifications. */
  slowConsumer: 4008,
  /** The peer went on calling although its calls were refused for its limits; HTTP's 429. */
  rateLimited: 4029,
  /** The peer's credential has come to its end; HTTP's 401. */
  expired: 4401,
  /** The peer's credential is no longer valid, or no longer allows the connection; HTTP's 403. */
  revoked: 4403,
} as const;

/** RFC 6455 section 7.4.1: the codes of a close event when no close frame came, or one without a code. */
export const ABNORMAL_CLOSURE = 1006;
export const NO_CODE = 1005;

/** RFC 6455 section 5.5: a control frame carries 125 bytes, two of them the code. */
const MAX_REASON_BYTES = 123;

/** Cuts a reason to what a close frame can carry, at a character. */
export function closeReason(text: string): string {
  const buffer = new Uint8Array(MAX_REASON_BYTES);
  const { read } = new TextEncoder().encodeInto(text, buffer);
  return text.slice(0, read);
}

/** Returns true for a code that a peer may send (RFC 6455 section 7.4.2, and the registry of IANA). */
export function mayBeSent(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== NO_CODE && code !== ABNORMAL_CLOSURE;
}
