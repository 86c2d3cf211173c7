import { type Clock, SYSTEM_CLOCK } from "../concurrency/clock.ts";

/** The time that running calls have to finish when the server stops, milliseconds. */
export const STOP_GRACE_MS = 5_000;
/** The time that stopping may take in all, with the calls, the closing handshakes and the ports, milliseconds. */
export const STOP_LIMIT_MS = 7_000;

/** Resolves when `stopping` does, or with false after {@link STOP_LIMIT_MS}, whatever is still open by then. */
export async function stopInTime(
  stopping: Promise<void>,
  { clock = SYSTEM_CLOCK }: { clock?: Clock } = {},
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<false>();
  const timer = clock.setTimer(STOP_LIMIT_MS, () => resolve(false));
  const stopped = await Promise.race([stopping.then(() => true), promise]);
  timer.cancel();
  return stopped;
}
