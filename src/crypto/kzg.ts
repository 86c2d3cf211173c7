import { heavy } from "./heavy.ts";
import type { BlobProofs } from "./heavy_worker.ts";

/** Blobs with what proves them, as `0x` hex. */
export interface BlobSidecar extends BlobProofs {
  readonly blobs: readonly string[];
}

export interface BlobOptions {
  /** One proof for each cell (EIP-7594) instead of one for the blob (EIP-4844). */
  readonly cells: boolean;
  /** Ends the work when the caller is gone. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks blobs against their commitments, off the event loop. Loading takes 300 ms once, a blob 50 to 560 ms (measured).
 */
export function verifyBlobs({ blobs, commitments, proofs }: BlobSidecar, options: BlobOptions): Promise<boolean> {
  const { cells, signal } = options;
  return heavy({ kind: "verifyBlobs", blobs, commitments, proofs, cells }, signal);
}

/**
 * Computes commitments and proofs; 0.7 s for a blob, 5.3 s with the proofs of its cells (measured). Each blob is a job of
 * its own, so that those of several callers take turns.
 */
export async function proveBlobs(blobs: readonly string[], { cells, signal }: BlobOptions): Promise<BlobProofs> {
  const commitments: string[] = [];
  const proofs: string[] = [];
  for (const blob of blobs) {
    const proven = await heavy({ kind: "proveBlobs", blobs: [blob], cells }, signal);
    commitments.push(...proven.commitments);
    proofs.push(...proven.proofs);
  }
  return { commitments, proofs };
}
