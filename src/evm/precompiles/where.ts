import { heavy } from "../../crypto/heavy.ts";
import { moduleUrl, type Operation, type Outcome } from "../../crypto/operations.ts";
import type { Precompile } from "./precompile.ts";

type Run = Precompile["run"];
type Calculate = (input: Uint8Array) => Outcome;
type BnCurve = typeof import("../../crypto/arithmetic/bn254.ts");
type BlsAdditions = typeof import("../../crypto/arithmetic/bls12_381_add.ts");

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

/** Runs a function of the curve bn254, which takes 9 ms to load: not before something calls it. */
export const bnCurve = loadedOnCall<BnCurve>(() => import("../../crypto/arithmetic/bn254.ts"));

/** Runs an addition of BLS12-381. */
export const blsAdditions = loadedOnCall<BlsAdditions>(() => import("../../crypto/arithmetic/bls12_381_add.ts"));

function loadedOnCall<Module>(load: () => Promise<Module>): (pick: (module: Module) => Calculate) => Run {
  let loaded: Module | undefined;
  return (pick) => (input) => {
    if (loaded !== undefined) return pick(loaded)(input);
    const copy = input.slice();
    return () => load().then((module) => pick(loaded = module)(copy));
  };
}
