import { blake2F } from "../../crypto/arithmetic/blake2f.ts";
import { ripemd160, sha256 } from "../../crypto/arithmetic/hashes.ts";
import { boundedModExp, modExp } from "../../crypto/arithmetic/modexp.ts";
import type { Outcome } from "../../crypto/operations.ts";
import type { Address } from "../../eth/types.ts";
import { type Fork, FORKS, isSince } from "../forks.ts";
import { G1_DISCOUNTS, G2_DISCOUNTS } from "./discounts.ts";
import { ecRecover } from "./ec_recover.ts";
import {
  BERLIN_MODEXP,
  blake2fGas,
  BYZANTIUM_MODEXP,
  modExpGas,
  msmGas,
  OSAKA_MODEXP,
  partGas,
  wordGas,
} from "./gas.ts";
import type { Precompile } from "./precompile.ts";
import { atOnceOrElsewhere, elsewhere, onceLoaded } from "./where.ts";
import { isHeavyModExp, isLong, isManyRounds } from "./weight.ts";

/** A row of the table: from `since` on the contract is at `address`. A later row of the same address replaces it. */
interface Row extends Precompile {
  readonly address: number;
  readonly since: Fork;
}

const bls12381 = () => import("../../crypto/arithmetic/bls12_381_add.ts");
const bn254 = () => import("../../crypto/arithmetic/bn254.ts");
const bn254Add = onceLoaded(async () => (await bn254()).bn254Add);
const bn254Multiply = onceLoaded(async () => (await bn254()).bn254Multiply);
const blsG1Add = onceLoaded(async () => (await bls12381()).blsG1Add);
const blsG2Add = onceLoaded(async () => (await bls12381()).blsG2Add);

function free(gas: number): () => number {
  return () => gas;
}

const ROWS: readonly Row[] = [
  { address: 0x01, since: "chainstart", gas: free(3_000), run: ecRecover },
  { address: 0x02, since: "chainstart", gas: wordGas(60, 12), run: atOnceOrElsewhere(sha256, "sha256", isLong) },
  {
    address: 0x03,
    since: "chainstart",
    gas: wordGas(600, 120),
    run: atOnceOrElsewhere(ripemd160, "ripemd160", isLong),
  },
  { address: 0x04, since: "chainstart", gas: wordGas(15, 3), run: (input) => input.slice() },
  ...([["byzantium", BYZANTIUM_MODEXP], ["berlin", BERLIN_MODEXP]] as const).map(([since, rules]) => ({
    ...{ address: 0x05, since, gas: modExpGas(rules), run: atOnceOrElsewhere(modExp, "modExp", isHeavyModExp) },
  })),
  {
    ...{ address: 0x05, since: "osaka", gas: modExpGas(OSAKA_MODEXP) },
    run: atOnceOrElsewhere(boundedModExp, "boundedModExp", isHeavyModExp),
  },
  { address: 0x06, since: "byzantium", gas: free(500), run: bn254Add },
  { address: 0x06, since: "istanbul", gas: free(150), run: bn254Add },
  { address: 0x07, since: "byzantium", gas: free(40_000), run: bn254Multiply },
  { address: 0x07, since: "istanbul", gas: free(6_000), run: bn254Multiply },
  { address: 0x08, since: "byzantium", gas: partGas(100_000, 80_000, 192), run: elsewhere("bn254Pairing") },
  { address: 0x08, since: "istanbul", gas: partGas(45_000, 34_000, 192), run: elsewhere("bn254Pairing") },
  { address: 0x09, since: "istanbul", gas: blake2fGas, run: atOnceOrElsewhere(blake2F, "blake2F", isManyRounds) },
  { address: 0x0a, since: "cancun", gas: free(50_000), run: elsewhere("pointEvaluation") },
  { address: 0x0b, since: "prague", gas: free(375), run: blsG1Add },
  { address: 0x0c, since: "prague", gas: msmGas(12_000, 160, G1_DISCOUNTS), run: elsewhere("blsG1Msm") },
  { address: 0x0d, since: "prague", gas: free(600), run: blsG2Add },
  { address: 0x0e, since: "prague", gas: msmGas(22_500, 288, G2_DISCOUNTS), run: elsewhere("blsG2Msm") },
  { address: 0x0f, since: "prague", gas: partGas(37_700, 32_600, 384), run: elsewhere("blsPairing") },
  { address: 0x10, since: "prague", gas: free(5_500), run: elsewhere("blsMapToG1") },
  { address: 0x11, since: "prague", gas: free(23_800), run: elsewhere("blsMapToG2") },
  { address: 0x100, since: "osaka", gas: free(6_900), run: elsewhere("p256Verify") },
];

const TABLES: ReadonlyMap<Fork, ReadonlyMap<Address, Precompile>> = new Map(
  FORKS.map((fork) => [
    fork,
    new Map(ROWS.filter(({ since }) => isSince(fork, since)).map((row) => [addressOf(row.address), row] as const)),
  ]),
);

const NONE: ReadonlyMap<Address, Precompile> = new Map();

/** The precompiled contracts of a fork. */
export function precompilesOf(fork: Fork): ReadonlyMap<Address, Precompile> {
  return TABLES.get(fork) ?? NONE;
}

function addressOf(number: number): Address {
  return `0x${number.toString(16).padStart(40, "0")}`;
}

export type { Outcome, Precompile };
