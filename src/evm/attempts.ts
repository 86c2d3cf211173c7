import type { Address } from "../primitives/types.ts";
import { RunAborted } from "../concurrency/pacer.ts";
import { type ForeseenCall, Misses, MISSING, MissingState, type StateBase } from "../state/base.ts";

/** What a run is known to read before it has begun. */
export interface Foreknowledge {
  readonly accounts: readonly Address[];
  /** Asked about where one of the accounts is missing: then most of what the call reads will be, too. */
  readonly calls?: readonly ForeseenCall[];
}

/** Waits for a load, no longer than the run may last. */
export type Waiting = (load: (signal: AbortSignal | undefined) => Promise<void>) => Promise<void>;

export interface AttemptOptions {
  readonly during: Waiting;
  readonly foreknowledge?: Foreknowledge | undefined;
}

/**
 * Runs `attempt` until it met nothing that the base has yet to load. In an attempt, what is missing counts as nothing and is
 * noted, and the run goes on: so one load brings everything that does not depend on what is missing, and the number of loads is
 * the depth of dependence, not the number of values. An attempt that noted nothing is a run like any other; one that noted
 * something is thrown away, whatever came out of it. It must leave nothing behind, and keep what it collects within itself.
 */
export async function attempts<T>(
  base: StateBase,
  attempt: (noted: Misses) => Promise<T>,
  { during, foreknowledge }: AttemptOptions,
): Promise<T> {
  if (foreknowledge !== undefined) await loadForeknown(base, foreknowledge, during);
  for (;;) {
    const noted = new Misses();
    try {
      const result = await attempt(noted);
      if (noted.isEmpty) return result;
    } catch (error) {
      if (error instanceof MissingState) noted.addAll(error.misses);
      if (noted.isEmpty || error instanceof RunAborted) throw error;
    }
    await during((signal) => base.load(noted, signal));
  }
}

/**
 * Loads the accounts that are known to be read. Where one is missing, the base is also asked what the calls will read; that
 * is loaded beside the attempts that follow, which ask for the same and need not wait for it.
 */
async function loadForeknown(base: StateBase, { accounts, calls = [] }: Foreknowledge, during: Waiting): Promise<void> {
  const misses = new Misses();
  for (const address of accounts) if (base.account(address) === MISSING) misses.accounts.add(address);
  if (misses.isEmpty) return;
  for (const call of calls) {
    void base.foresee?.(call).then((foreseen) => foreseen.isEmpty ? undefined : base.load(foreseen)).catch(() => {});
  }
  await during((signal) => base.load(misses, signal));
}

/** An attempt has noted enough: going on with values that are not true would find little more. */
export class AttemptOver extends Error {
  override readonly name = "AttemptOver";
}
