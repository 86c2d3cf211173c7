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
