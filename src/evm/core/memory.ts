/** What a frame calls memory: how it grows, and what that costs. */
import { depth, frame, inputBytes, memories, reserve } from "./heap";
import { FRAME_GAS, FRAME_MEMORY, FRAME_MEMORY_BYTES } from "./layout";
import { isShort } from "./words";

/** No size: an offset and a length that 64 bits do not hold together. */
export const OVERFLOW: u64 = u64.MAX_VALUE;
/** The largest memory whose price 64 bits hold (geth's memoryGasCost). */
export const LARGEST: u64 = 0x1fffffffe0;

/** Where a range ends, whose offset and length are words; 0 when it is empty. */
export function endOf(offset: usize, length: usize): u64 {
  if (!isShort(length)) return OVERFLOW;
  const size = load<u64>(length);
  return size == 0 ? 0 : endOfFixed(offset, size);
}

function endOfFixed(offset: usize, size: u64): u64 {
  if (!isShort(offset)) return OVERFLOW;
  const start = load<u64>(offset), end = start + size;
  return end < start ? OVERFLOW : end;
}

function price(words: u64): u64 {
  return words * 3 + (words * words >> 9);
}

/** What memory that reaches to `end`, at most LARGEST, costs more than what the frame has. */
export function growthCost(end: u64): u64 {
  const size = <u64> load<u32>(frame, FRAME_MEMORY_BYTES);
  if (end <= size) return 0;
  return price((end + 31) >> 5) - price(size >> 5);
}

/** Grows the frame's memory, which has been paid for, to hold `end`. */
export function grow(end: u64): void {
  const size: usize = load<u32>(frame, FRAME_MEMORY_BYTES);
  if (end <= <u64> size) return;
  const wanted = (end + 31) & ~31;
  const start = memories + load<u32>(frame, FRAME_MEMORY);
  reserve(<u64> start + wanted);
  memory.fill(start + size, 0, <usize> wanted - size);
  store<u32>(frame, <u32> wanted, FRAME_MEMORY_BYTES);
}

/** Where a range of the frame's memory begins; it has been grown to hold it. */

export function at(offset: usize): usize {
  return memories + load<u32>(frame, FRAME_MEMORY) + <usize> load<u64>(offset);
}

/** Where the memories of open frames end, from where they begin; a callee's starts there. */

export function floor(): usize {
  return depth == 0 ? inputBytes + 31 & ~31 : load<u32>(frame, FRAME_MEMORY) + load<u32>(frame, FRAME_MEMORY_BYTES);
}

/** Takes gas from the frame; false when it has too little. */

export function charge(cost: u64): bool {
  const gas = load<u64>(frame, FRAME_GAS);
  if (gas < cost) return false;
  store<u64>(frame, gas - cost, FRAME_GAS);
  return true;
}

/**
 * Copies from bytes that end somewhere to memory, with zeros for what they do not have; `offset` and `size` are words, the
 * size short. The memory has been grown.
 */
export function copyPadded(to: usize, from: usize, bytes: usize, offset: usize, size: usize): void {
  const wanted = <usize> load<u64>(size);
  const start: u64 = isShort(offset) ? load<u64>(offset) : u64.MAX_VALUE;
  const had: usize = start >= <u64> bytes ? 0 : min(bytes - <usize> start, wanted);
  if (had != 0) memory.copy(to, from + <usize> start, had);
  if (had != wanted) memory.fill(to + had, 0, wanted - had);
}
