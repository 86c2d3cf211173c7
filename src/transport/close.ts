/** The close codes that this server sends: RFC 6455 section 7.4.1, and one of its own from the private range. */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  messageTooBig: 1009,
  internalError: 1011,
  /** The peer does not take what it asked for. */
  slowConsumer: 4008,
} as const;

/** RFC 6455 section 5.5: a control frame carries 125 bytes, two of them the code. */
const MAX_REASON_BYTES = 123;

/** Cuts a reason to what a close frame can carry, at a character. */
export function closeReason(text: string): string {
  const buffer = new Uint8Array(MAX_REASON_BYTES);
  const { read } = new TextEncoder().encodeInto(text, buffer);
  return text.slice(0, read);
}
