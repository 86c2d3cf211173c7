/**
 * What is read again while the server runs: `SIGHUP` asks for it, as in nginx and Prometheus. The signal is listened to only
 * where a flag asked for something to be read again; everywhere else it ends the program, as it does geth.
 */
import type { Logger } from "./log.ts";

/** Something that is read from files again. */
export interface Reloadable {
  /** The flags that name the files, for log lines. */
  readonly what: string;
  /** Reads and uses the files. Rejects, and leaves everything as it was, when they cannot be used. */
  reload(): Promise<string>;
}

const SIGNAL = "SIGHUP";

/** Reloads the parts, one after the other, each time the signal comes; returns a function that ends this. */
export function reloadOnHangup(parts: readonly Reloadable[], log: Logger): () => void {
  if (parts.length === 0) return () => {};
  const reload = oneAtATime(() => reloadAll(parts, log));
  Deno.addSignalListener(SIGNAL, reload);
  return () => Deno.removeSignalListener(SIGNAL, reload);
}

/** Reloads each part, whatever became of the others. */
export async function reloadAll(parts: readonly Reloadable[], log: Logger): Promise<void> {
  for (const { what, reload } of parts) {
    try {
      log.info("Read again", { what, now: await reload() });
    } catch (cause) {
      log.error("Cannot use what was read again; everything stays as it was", {
        what,
        reason: cause instanceof Error ? cause.message : String(cause),
      });
    }
  }
}

/** Calls `work`, but never while it runs: a call that comes then is made up for once, after it. */
export function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let again = false;
  async function run(): Promise<void> {
    do {
      again = false;
      await work();
    } while (again);
    running = undefined;
  }
  return () => {
    if (running === undefined) return running = run();
    again = true;
    return running;
  };
}
