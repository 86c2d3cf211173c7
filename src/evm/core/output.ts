/** The output of the frame that ended last: what RETURNDATACOPY reads, and what a run leaves. */
import { allocate, memories } from "./heap";

const FIRST_BYTES: usize = 1024;

let capacity: usize = 0;
export let start: usize = 0;
export let size: usize = 0;

export function createOutput(): void {
  capacity = FIRST_BYTES;
  start = allocate(capacity);
  size = 0;
}

export function clearOutput(): void {
  size = 0;
}

/** Room for an output, which the caller fills. */
export function resize(bytes: usize): usize {
  if (bytes > capacity) {
    capacity = max(bytes, capacity << 1);
    start = allocate(capacity);
  }
  size = bytes;
  return start;
}

/** Takes an output out of the frames' memories, before they are used again. */
export function take(fromMemories: usize, bytes: usize): void {
  const to = resize(bytes);
  memory.copy(to, memories + fromMemories, bytes);
}
