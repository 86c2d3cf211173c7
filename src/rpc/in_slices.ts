import type { TimeSlices } from "../concurrency/time_slices.ts";

/**
 * Runs steps to their end, each in a slice that has just begun or still lasts. The first waits for a slice of its own,
 * because the transport has just copied the large message that they read.
 */
export async function inSlices<T>(steps: Generator<void, T>, slices: TimeSlices): Promise<T> {
  await slices.pause();
  let step = steps.next();
  while (step.done !== true) {
    if (slices.isOver) await slices.pause();
    step = steps.next();
  }
  if (slices.isOver) await slices.pause();
  return step.value;
}
