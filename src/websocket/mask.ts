import { MASK_BYTES } from "./frame_head.ts";

/** Below this many bytes the preparation for whole words costs more than it saves. */
const WORDS_FROM_BYTES = 48;

/**
 * Masks `bytes` between `start` and `end`, or removes the mask, which is the same (RFC 6455 section 5.3). `mask` holds its four
 * bytes; `offset` is the number of bytes of the same frame that come before `start`.
 */
export function applyMask(
  bytes: Uint8Array,
  { mask, start, end, offset }: { mask: Uint8Array; start: number; end: number; offset: number },
): void {
  const keys = [
    mask[offset & 3] ?? 0,
    mask[(offset + 1) & 3] ?? 0,
    mask[(offset + 2) & 3] ?? 0,
    mask[(offset + 3) & 3] ?? 0,
  ];
  let at = start;
  if (end - start >= WORDS_FROM_BYTES) {
    // A view of words begins at a multiple of four bytes in the buffer.
    const aligned = start + (-(bytes.byteOffset + start) & 3);
    for (; at < aligned; at++) bytes[at] = (bytes[at] ?? 0) ^ (keys[(at - start) & 3] ?? 0);
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >> 2);
    const lead = at - start;
    const key = (keys[lead & 3] ?? 0) | (keys[(lead + 1) & 3] ?? 0) << 8 | (keys[(lead + 2) & 3] ?? 0) << 16 |
      (keys[(lead + 3) & 3] ?? 0) << 24;
    for (let index = 0; index < words.length; index++) words[index] = (words[index] ?? 0) ^ key;
    at += words.length * MASK_BYTES;
  }
  for (; at < end; at++) bytes[at] = (bytes[at] ?? 0) ^ (keys[(at - start) & 3] ?? 0);
}
