// Runs in a worker of its own. `deno task worker` makes one text of this file and all that it imports, heavy_worker.txt: a
// worker from a file would need --allow-read, one from a blob: URL needs nothing, but imports neither our files nor, in
// the output of `deno bundle`, packages (measured, Deno 2.9.6).
import { kzgEngine, useTrustedSetup } from "./arithmetic/kzg_engine.ts";
import { type Operation, OPERATIONS } from "./operations.ts";

export interface CalculateJob {
  readonly kind: "calculate";
  readonly operation: Operation;
  readonly input: Uint8Array;
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

export type HeavyJob = CalculateJob | VerifyBlobsJob | ProveBlobsJob;

export interface HeavyAnswers {
  /** The output, or the text of what was wrong with the input. */
  readonly calculate: Uint8Array | string;
  readonly verifyBlobs: boolean;
  readonly proveBlobs: BlobProofs;
}

export type HeavyAnswer<J extends HeavyJob> = HeavyAnswers[J["kind"]];

/** The message that the worker takes. */
export interface HeavyRequest {
  readonly job: HeavyJob;
  /** The address of the module of the trusted setup; empty where the job needs none. */
  readonly setup: string;
}

/** The message that the worker posts: the answer of its last job, or the reason why there is none. */
export type HeavyReply = { readonly value: HeavyAnswers[keyof HeavyAnswers] } | { readonly failure: string };

/** The cells of an extended blob (EIP-7594). */
const CELLS_PER_BLOB = 128;

async function calculate({ operation, input }: CalculateJob): Promise<Uint8Array | string> {
  return await OPERATIONS[operation](input);
}

async function verifyBlobs({ blobs, commitments, proofs, cells }: VerifyBlobsJob): Promise<boolean> {
  const engine = await kzgEngine();
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
  const engine = await kzgEngine();
  const commitments = blobs.map((blob) => engine.blobToKzgCommitment(blob));
  const proofs = blobs.flatMap((blob, index) =>
    cells ? engine.computeCellsAndProofs(blob)[1] : [engine.computeBlobProof(blob, commitments[index] ?? "")]
  );
  return { commitments, proofs };
}

function run(job: HeavyJob) {
  if (job.kind === "calculate") return calculate(job);
  return job.kind === "verifyBlobs" ? verifyBlobs(job) : proveBlobs(job);
}

interface Scope {
  onmessage: ((event: MessageEvent<HeavyRequest>) => void) | null;
  postMessage(reply: HeavyReply): void;
}

const scope = globalThis as unknown as Scope;
scope.onmessage = async ({ data }) => {
  try {
    if (data.setup !== "") useTrustedSetup(data.setup);
    scope.postMessage({ value: await run(data.job) });
  } catch (error) {
    scope.postMessage({ failure: error instanceof Error ? error.message : String(error) });
  }
};
