/** The logs of the transaction, one record behind the other. */
import { allocate } from "./heap";
import { LOG_ACCOUNT, LOG_DATA_BYTES, LOG_HEAD, LOG_TOPICS } from "./layout";
import { toBytes } from "./words";

const FIRST_BYTES: usize = 4096;

let capacity: usize = 0;
export let start: usize = 0;
export let length: usize = 0;

export function createLogs(): void {
  capacity = FIRST_BYTES;
  start = allocate(capacity);
  length = 0;
}

/** Takes back what was made after a mark. */
export function cutTo(mark: usize): void {
  length = mark;
}

/** Makes a log and returns where its data goes; the topics are words, the first at `topics`, each next one below it. */
export function append(account: usize, topics: usize, count: u32, dataBytes: usize): usize {
  const bytes = (<usize> LOG_HEAD + (<usize> count << 5) + dataBytes + 7) & ~7;
  if (length + bytes > capacity) {
    capacity = max(capacity << 1, length + bytes);
    const larger = allocate(capacity);
    memory.copy(larger, start, length);
    start = larger;
  }
  const log = start + length;
  length += bytes;
  store<u32>(log, bytes);
  store<u32>(log, account, LOG_ACCOUNT);
  store<u32>(log, count, LOG_TOPICS);
  store<u32>(log, dataBytes, LOG_DATA_BYTES);
  for (let i: usize = 0; i < count; i++) toBytes(log + LOG_HEAD + (i << 5), topics - (i << 5));
  return log + LOG_HEAD + (<usize> count << 5);
}
