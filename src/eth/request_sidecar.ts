import type { TransactionRequest } from "./types.ts";
import { serverError } from "../rpc/error.ts";
import { blobHash, completeSidecar, verifySidecar } from "../primitives/blob_proofs.ts";
import { checkBlobCount } from "./fill_request.ts";
import type { Sidecar } from "../primitives/transaction_codec.ts";
import { CELLS_PER_BLOB } from "../primitives/limits.ts";

/** The blobs of a request with what proves them; geth's TransactionArgs.setBlobTxSidecar. Null without blobs. */
export async function requestSidecar(
  request: TransactionRequest,
  { cells, signal }: { readonly cells: boolean; readonly signal: AbortSignal },
): Promise<{ readonly sidecar: Sidecar; readonly request: TransactionRequest } | null> {
  const { blobs, commitments, proofs, blobVersionedHashes } = request;
  if (blobs === undefined) return null;
  if (commitments === undefined && proofs !== undefined) {
    throw serverError("blob proofs provided while commitments were not");
  }
  if (commitments !== undefined && proofs === undefined) {
    throw serverError("blob commitments provided while proofs were not");
  }
  const count = blobs.length;
  const expect = (items: readonly unknown[] | undefined, want: number, name: string) => {
    if (items !== undefined && items.length !== want) {
      throw serverError(`number of blobs and ${name} mismatch (have=${items.length}, want=${want})`);
    }
  };
  expect(commitments, count, "commitments");
  expect(proofs, cells ? count * CELLS_PER_BLOB : count, "proofs");
  expect(blobVersionedHashes, count, "hashes");
  // Counted before any of them is proved: a proof takes half a second of the worker (measured).
  checkBlobCount(count);
  const digits = (items: readonly string[]) => items.map((item) => item.slice(2));
  let sidecar: Sidecar;
  if (commitments === undefined || proofs === undefined) {
    sidecar = await completeSidecar(digits(blobs), { cells, signal });
  } else {
    sidecar = {
      version: cells ? 1 : 0,
      blobs: digits(blobs),
      commitments: digits(commitments),
      proofs: digits(proofs),
    };
    if (!await verifySidecar(sidecar, signal)) throw serverError("failed to verify blob proof: invalid proof");
  }
  const hashes = sidecar.commitments.map(blobHash);
  blobVersionedHashes?.forEach((hash, index) => {
    if (hash !== hashes[index]) {
      throw serverError(`blob hash verification failed (have=${hash}, want=${hashes[index]})`);
    }
  });
  return { sidecar, request: { ...request, blobVersionedHashes: hashes } };
}
