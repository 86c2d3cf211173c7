import { serverError } from "../../rpc/error.ts";
import type { Rules } from "../../evm/forks.ts";
import type { Transaction } from "../../primitives/transaction.ts";
import type { Sidecar } from "../../primitives/transaction_codec.ts";
import { blobHash, verifySidecar } from "../../primitives/blob_proofs.ts";
import { CELLS_PER_BLOB, MAX_BLOBS_PER_TRANSACTION } from "../../primitives/limits.ts";

/** geth's params.BlobTxMaxBlobs, since EIP-7594. */
const MIN_BLOB_FEE_CAP = 1n;

/** Checks a blob transaction against its blobs (geth's validateBlobTx and validateBlobSidecar). */
export async function checkSidecar(
  transaction: Transaction,
  { sidecar, rules, signal }: {
    readonly sidecar: Sidecar | null;
    readonly rules: Rules;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const { blobHashes, blobFeeCap } = transaction;
  if (sidecar === null) throw serverError("missing sidecar in blob transaction");
  if (blobFeeCap < MIN_BLOB_FEE_CAP) {
    throw serverError(
      `transaction gas price below minimum: blob fee cap ${blobFeeCap}, minimum needed ${MIN_BLOB_FEE_CAP}`,
    );
  }
  const count = blobHashes.length;
  if (count === 0) throw serverError("blobless blob transaction");
  const permitted = Math.min(rules.blobs?.max ?? 0, MAX_BLOBS_PER_TRANSACTION);
  if (count > permitted) throw serverError(`too many blobs in transaction: have ${count}, permitted ${permitted}`);
  if (sidecar.blobs.length !== count) {
    throw serverError(`invalid number of ${sidecar.blobs.length} blobs compared to ${count} blob hashes`);
  }
  if (sidecar.commitments.length !== count) {
    throw serverError(
      `invalid number of ${sidecar.commitments.length} blob commitments compared to ${count} blob hashes`,
    );
  }
  sidecar.commitments.forEach((commitment, index) => {
    const computed = blobHash(commitment);
    if (computed !== blobHashes[index]) {
      throw serverError(`blob ${index}: computed hash ${computed} mismatches transaction one ${blobHashes[index]}`);
    }
  });
  const cells = rules.has("osaka");
  if (cells !== (sidecar.version === 1)) {
    throw serverError(
      cells
        ? "blob sidecar version 0 is not supported after Osaka: cell proofs (version 1) are needed"
        : "blob sidecar version 1 is not supported before Osaka",
    );
  }
  const expected = cells ? count * CELLS_PER_BLOB : count;
  if (sidecar.proofs.length !== expected) {
    throw serverError(`invalid number of ${sidecar.proofs.length} blob proofs expected ${expected}`);
  }
  if (!await verifySidecar(sidecar, signal)) throw serverError("invalid blob proofs");
}
