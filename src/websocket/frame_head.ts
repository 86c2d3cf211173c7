/** The opcodes of RFC 6455 section 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** The bits of a frame's first byte. */
export const FINAL = 0x80;
export const RESERVED_BITS = 0x70;
export const OPCODE_BITS = 0x0f;
/** Set in the opcode of a control frame. */
export const CONTROL_BIT = 0x08;

/** The bits of its second byte. */
export const MASKED = 0x80;
export const LENGTH_BITS = 0x7f;
/** Lengths that stand for a length of 16 or 64 bits in the bytes behind. */
const LENGTH_OF_16_BITS = 126;
const LENGTH_OF_64_BITS = 127;

export const MASK_BYTES = 4;
/** The most that a control frame carries (section 5.5), and that fits the second byte. */
export const MAX_CONTROL_BYTES = 125;
const MAX_16_BITS = 0xffff;
/** The longest head, without a mask. */
export const MAX_HEAD_BYTES = 10;

/** Returns how many bytes of a head hold the length, by the head's second byte. */
export function extendedLengthBytes(second: number): 0 | 2 | 8 {
  const marker = second & LENGTH_BITS;
  return marker === LENGTH_OF_16_BITS ? 2 : marker === LENGTH_OF_64_BITS ? 8 : 0;
}

/** Reads the length of a payload from a head that begins at `at`. A length beyond 2^53 loses its low bits. */
export function payloadLength(bytes: Uint8Array, at: number): number {
  const second = bytes[at + 1] ?? 0;
  const size = extendedLengthBytes(second);
  if (size === 0) return second & LENGTH_BITS;
  let length = 0;
  for (let index = at + 2; index < at + 2 + size; index++) length = length * 0x100 + (bytes[index] ?? 0);
  return length;
}

/** Returns the size of the head of a payload, without a mask. */
export function headBytes(payload: number): number {
  return payload <= MAX_CONTROL_BYTES ? 2 : payload <= MAX_16_BITS ? 4 : MAX_HEAD_BYTES;
}

/** Writes the head of a final frame to `at`, without the mask itself; returns where the head ends. */
export function writeHead(
  bytes: Uint8Array,
  { at, opcode, payload, mask }: { at: number; opcode: number; payload: number; mask: 0 | typeof MASKED },
): number {
  const end = at + headBytes(payload);
  bytes[at] = FINAL | opcode;
  if (payload <= MAX_CONTROL_BYTES) {
    bytes[at + 1] = mask | payload;
    return end;
  }
  bytes[at + 1] = mask | (payload <= MAX_16_BITS ? LENGTH_OF_16_BITS : LENGTH_OF_64_BITS);
  let rest = payload;
  for (let index = end - 1; index > at + 1; index--) {
    bytes[index] = rest & 0xff;
    rest = Math.floor(rest / 0x100);
  }
  return end;
}
