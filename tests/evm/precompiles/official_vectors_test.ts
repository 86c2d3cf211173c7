import type { Fork } from "../../../src/evm/forks.ts";
import { stopHeavyWork } from "../../../src/crypto/heavy.ts";
import { UnpackedArchive, vectorArchive } from "../vectors/archive.ts";
import { addressOf, checkVector, type Vector } from "./vectors.ts";

const archive = vectorArchive("precompiles.tar.gz");

/** Which contract each file is about, and a fork that has its prices. */
const CONTRACTS: Readonly<Record<string, readonly [address: number, fork: Fork]>> = {
  ecRecover: [0x01, "osaka"],
  modexp: [0x05, "byzantium"],
  modexp_eip2565: [0x05, "berlin"],
  modexp_eip7883: [0x05, "osaka"],
  bn256Add: [0x06, "istanbul"],
  bn256ScalarMul: [0x07, "istanbul"],
  bn256Pairing: [0x08, "istanbul"],
  blake2F: [0x09, "istanbul"],
  blake2f: [0x09, "istanbul"],
  pointEvaluation: [0x0a, "cancun"],
  blsG1Add: [0x0b, "prague"],
  blsG1Mul: [0x0c, "prague"],
  blsG1MultiExp: [0x0c, "prague"],
  blsG2Add: [0x0d, "prague"],
  blsG2Mul: [0x0e, "prague"],
  blsG2MultiExp: [0x0e, "prague"],
  blsPairing: [0x0f, "prague"],
  blsMapG1: [0x10, "prague"],
  blsMapG2: [0x11, "prague"],
  p256Verify: [0x100, "osaka"],
};

interface VectorJson {
  readonly Name: string;
  readonly Input: string;
  readonly Expected?: string;
  readonly ExpectedError?: string;
  readonly Gas?: number;
}

/** The vectors of a file, whose name is that of a contract, with `fail-` before it where all inputs are wrong. */
async function readVectors(path: string): Promise<Vector[]> {
  const file = /([^/]+)\.json$/.exec(path)?.[1] ?? "";
  const contract = CONTRACTS[file.replace(/^fail-/, "")];
  if (contract === undefined) throw new Error(`no contract is known for ${file}`);
  const [address, fork] = contract;
  const vectors = JSON.parse(await Deno.readTextFile(path)) as readonly VectorJson[];
  return vectors.map((vector): Vector => ({
    name: `${file}: ${vector.Name}`,
    address: addressOf(address),
    fork,
    input: vector.Input,
    expected: vector.ExpectedError === undefined ? { output: vector.Expected ?? "" } : { fault: vector.ExpectedError },
    // The files leave a gas of zero out.
    gas: vector.ExpectedError === undefined ? vector.Gas ?? 0 : undefined,
  }));
}

Deno.test({
  name: "every official vector of a precompiled contract has its output, its gas or its fault in an eth_call",
  ignore: archive === undefined,
  async fn(t) {
    if (archive === undefined) return;
    await using unpacked = await UnpackedArchive.open(archive);
    for (const path of unpacked.files()) {
      const vectors = await readVectors(path);
      await t.step(`${/[^/]+$/.exec(path)?.[0]}: ${vectors.length}`, async () => {
        for (const vector of vectors) await checkVector(vector);
      });
    }
    stopHeavyWork();
  },
});
