import { heavy } from "../../crypto/heavy.ts";
import { moduleUrl, type Operation, type Outcome } from "../../crypto/operations.ts";
import type { Precompile } from "./precompile.ts";

type Run = Precompile["run"];
type Calculate = (input: Uint8Array) => Outcome;

/** Runs an operation in the worker. */
export function elsewhere(operation: Operation): Run {
  return (input) => {
    // The input is memory of a frame, which may change before the work begins.
    const copy = input.slice();
    return (signal) => heavy({ kind: "calculate", operation, module: moduleUrl(operation), input: copy }, signal);
  };
}

/** Runs short work here and long work in the worker. */
export function atOnceOrElsewhere(
  calculate: Calculate,
  operation: Operation,
  isLong: (input: Uint8Array) => boolean,
): Run {
  const far = elsewhere(operation);
  return (input) => isLong(input) ? far(input) : calculate(input);
}

/**
 * Runs an operation here; what it needs is loaded when it runs for the first time, so that a start does not wait for it
 * (the tables of two curves: 25 ms and 5 MB, measured).
 */
export function onceLoaded(load: () => Promise<Calculate>): Run {
  let calculate: Calculate | undefined;
  return (input) => {
    if (calculate !== undefined) return calculate(input);
    const copy = input.slice();
    return async () => {
      calculate = await load();
      return calculate(copy);
    };
  };
}
