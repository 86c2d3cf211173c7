import { blake2F } from "./arithmetic/blake2f.ts";
import { blsG1Msm, blsG2Msm, blsMapToG1, blsMapToG2, blsPairing } from "./arithmetic/bls12_381.ts";
import { bn254Pairing } from "./arithmetic/bn254.ts";
import { ripemd160, sha256 } from "./arithmetic/hashes.ts";
import { pointEvaluation } from "./arithmetic/kzg_point.ts";
import { boundedModExp, modExp } from "./arithmetic/modexp.ts";
import { p256Verify } from "./arithmetic/p256.ts";

/** The output of a precompiled contract, or geth's text of what was wrong with its input. */
export type Outcome = Uint8Array | string;

/** The functions that the worker runs. The rest of the program takes types from here, and nothing else. */
export const OPERATIONS = {
  blake2F,
  blsG1Msm,
  blsG2Msm,
  blsPairing,
  blsMapToG1,
  blsMapToG2,
  bn254Pairing,
  sha256,
  ripemd160,
  pointEvaluation,
  modExp,
  boundedModExp,
  p256Verify,
} as const satisfies { readonly [name: string]: (input: Uint8Array) => Outcome | Promise<Outcome> };
export type Operation = keyof typeof OPERATIONS;
