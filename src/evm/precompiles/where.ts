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
