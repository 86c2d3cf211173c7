import { attempts, type Foreknowledge } from "../../evm/attempts.ts";
import type { RunLimits } from "../../evm/machine.ts";
import { Pacer } from "../../concurrency/pacer.ts";
import type { Misses } from "../../state/base.ts";
import type { ChainCore } from "./core.ts";

export interface AttemptedOptions extends RunLimits {
  readonly foreknowledge?: Foreknowledge | undefined;
}

/**
 * Runs work that executes over states of the chain. On a chain that stands on another's state it is repeated until it misses
 * nothing: it must leave nothing behind, and hand `noted` to every run. See evm/attempts.ts.
 */
export async function attempted<T>(
  { base }: ChainCore,
  work: (noted?: Misses) => Promise<T>,
  { foreknowledge, ...limits }: AttemptedOptions = {},
): Promise<T> {
  if (base === null) return await work();
  const pacer = new Pacer(limits);
  return await attempts(base, work, { during: (load) => pacer.during(load), foreknowledge });
}
