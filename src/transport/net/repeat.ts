import type { Clock, Timer } from "../../concurrency/clock.ts";

/** Calls `work` every `ms` milliseconds of `clock`; the returned function ends that. */
export function repeat(clock: Clock, { everyMs, work }: { everyMs: number; work: () => void }): () => void {
  let timer: Timer;
  function arm(): void {
    timer = clock.setTimer(everyMs, () => {
      arm();
      work();
    });
  }
  arm();
  return () => timer.cancel();
}
