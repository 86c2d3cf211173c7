/**
 * The part of memory that grows: records and tables first (nothing is freed before all of it is), the memories of the frames
 * behind them. When the records need room, the frames' memories move up; whatever points into them counts from where they
 * begin, or is mended here.
 */
import { FRAME_BYTES, FRAME_CODE, FRAME_IP, FRAME_JUMPS, FRAMES, HEAP, HEAP_BYTES } from "./layout";

const PAGE_BYTES: usize = 65_536;
/** No instance takes more than this; a run that wants more traps, and its instance is thrown away. */
const MAX_BYTES: u64 = 1 << 30;

/** Where the memories of the frames begin. */
export let memories: usize = HEAP + HEAP_BYTES;
/** Frames that are open. */
export let depth: u32 = 0;
/** The frame that runs. */
export let frame: usize = FRAMES;

let top: usize = HEAP;

export function setDepth(value: u32): void {
  depth = value;
  frame = FRAMES + (value == 0 ? 0 : <usize> value - 1) * FRAME_BYTES;
}

/** The record of the frame that is called next. */

export function nextFrame(): usize {
  return FRAMES + <usize> depth * FRAME_BYTES;
}

export function usedBytes(): usize {
  return top - HEAP;
}

/** Bytes of input of the run's first frame, which lie where the memories begin. */
export let inputBytes: usize = 0;

export function setInputBytes(bytes: usize): void {
  inputBytes = bytes;
}

/** Forgets every record. */
export function clearHeap(): void {
  top = HEAP;
}

/** Bytes that are not cleared, aligned to 8. */
export function allocate(bytes: usize): usize {
  const at = top, end = at + (bytes + 7 & ~7);
  if (end > memories) raise(end - memories);
  top = end;
  return at;
}

function raise(least: usize): void {
  const wanted = max(least, (memories - HEAP) >> 1);
  const by = (wanted + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
  const size = (<usize> memory.size() << 16) - memories;
  reserve(memories + size + by);
  memory.copy(memories + by, memories, size);
  for (let i: u32 = 0; i <= depth; i++) {
    const record = FRAMES + <usize> i * FRAME_BYTES, code = load<u32>(record, FRAME_CODE);
    if (code < memories) continue;
    store<u32>(record, code + by, FRAME_CODE);
    store<u32>(record, load<u32>(record, FRAME_IP) + by, FRAME_IP);
    store<u32>(record, load<u32>(record, FRAME_JUMPS) + by, FRAME_JUMPS);
  }
  memories += by;
}

/** Makes sure that memory reaches to `end`. */
export function reserve(end: u64): void {
  const size = <u64> memory.size() << 16;
  if (end <= size) return;
  if (end > MAX_BYTES) unreachable();
  // Half as much again as the frames' memories have: growing costs a system call and new views in the host.
  const wanted = min(MAX_BYTES, max(end, size + (size - <u64> memories >> 1)));
  if (memory.grow(<i32> ((wanted - size + PAGE_BYTES - 1) >> 16)) < 0) unreachable();
}
