import { moduleUrlOf } from "../concurrency/worker.ts";
import blake2f from "./arithmetic/blake2f.ts" with { type: "text" };
import bls12381 from "./arithmetic/bls12_381.ts" with { type: "text" };
import bn254 from "./arithmetic/bn254.ts" with { type: "text" };
import hashes from "./arithmetic/hashes.ts" with { type: "text" };
import kzgPoint from "./arithmetic/kzg_point.ts" with { type: "text" };
import modexp from "./arithmetic/modexp.ts" with { type: "text" };
import p256 from "./arithmetic/p256.ts" with { type: "text" };
import mcl from "mcl-wasm/browser/mcl.js" with { type: "text" };

/** The output of a precompiled contract, or geth's text of what was wrong with its input. */
export type Outcome = Uint8Array | string;

/** The modules that the worker may load, as text. */
const TEXTS = { blake2f, bls12381, bn254, hashes, kzgPoint, modexp, p256 };

interface Modules {
  readonly blake2f: typeof import("./arithmetic/blake2f.ts");
  readonly bls12381: typeof import("./arithmetic/bls12_381.ts");
  readonly bn254: typeof import("./arithmetic/bn254.ts");
  readonly hashes: typeof import("./arithmetic/hashes.ts");
  readonly kzgPoint: typeof import("./arithmetic/kzg_point.ts");
  readonly modexp: typeof import("./arithmetic/modexp.ts");
  readonly p256: typeof import("./arithmetic/p256.ts");
}
type ModuleName = keyof Modules;

/** The functions that the worker runs, by the module that has them. */
const OPERATIONS = {
  blake2f: ["blake2F"],
  bls12381: ["blsG1Msm", "blsG2Msm", "blsPairing", "blsMapToG1", "blsMapToG2"],
  bn254: ["bn254Pairing"],
  hashes: ["sha256", "ripemd160"],
  kzgPoint: ["pointEvaluation"],
  modexp: ["modExp", "boundedModExp"],
  p256: ["p256Verify"],
} as const satisfies { readonly [name in ModuleName]: readonly (keyof Modules[name])[] };
export type Operation = (typeof OPERATIONS)[ModuleName][number];

/** The addresses from which the worker imports the module of each operation; they hold as long as the process. */
let urls: ReadonlyMap<string, string> | undefined;

/**
 * mcl as a module: it is published as CommonJS only, and the closed sandbox refuses Node's loader of that
 * (`sandbox/realm.ts`).
 */
function mclModule(): string {
  return `const module = { exports: {} };\nconst exports = module.exports;\n${mcl}\nexport default module.exports;\n`;
}

export function moduleUrl(operation: Operation): string {
  urls ??= new Map(
    (Object.keys(TEXTS) as ModuleName[]).flatMap((name) => {
      const text = name === "bls12381"
        ? TEXTS[name].replace('"mcl-wasm"', () => JSON.stringify(moduleUrlOf(mclModule())))
        : TEXTS[name];
      const url = moduleUrlOf(text);
      return OPERATIONS[name].map((operation) => [operation, url] as const);
    }),
  );
  return urls.get(operation) ?? "";
}
