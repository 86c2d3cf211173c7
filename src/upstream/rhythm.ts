/** The number of intervals between blocks that are looked at. */
const INTERVALS = 16;
/** A chain whose longest interval is this many times the average makes its blocks on demand, and cannot be late. */
const LONGEST_TO_AVERAGE = 4;
/** A chain has stalled after this many intervals, and never sooner than after this time, milliseconds. */
const STALL_INTERVALS = 10;
const SHORTEST_STALL_MS = 60_000;

/** The number of blocks that {@link stallAfterMs} looks at. */
export const RHYTHM_BLOCKS = INTERVALS + 1;

/**
 * Returns the time without a new block after which a chain has stalled, milliseconds, from the times of its last blocks
 * (seconds, oldest first); null for a chain without a steady rhythm, or with too few blocks to tell.
 */
export function stallAfterMs(timestamps: readonly bigint[]): number | null {
  const seconds = timestamps.slice(-RHYTHM_BLOCKS).map(Number);
  const intervals = seconds.slice(1).map((time, index) => time - (seconds[index] ?? time));
  if (intervals.length < INTERVALS) return null;
  const average = intervals.reduce((sum, interval) => sum + interval, 0) / intervals.length;
  if (average <= 0 || Math.max(...intervals) > LONGEST_TO_AVERAGE * average) return null;
  return Math.max(SHORTEST_STALL_MS, STALL_INTERVALS * average * 1000);
}
