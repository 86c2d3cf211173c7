import { sha256 } from "@noble/hashes/sha2.js";
import { proveBlobs, verifyBlobs } from "../crypto/kzg.ts";
import type { Sidecar } from "./transaction_codec.ts";

/** Checks the proofs of a sidecar against its blobs and commitments. */
export function verifySidecar(sidecar: Sidecar, signal?: AbortSignal): Promise<boolean> {
  const [blobs, commitments, proofs] = [
    prefixed(sidecar.blobs),
    prefixed(sidecar.commitments),
    prefixed(sidecar.proofs),
  ];
  return verifyBlobs({ blobs, commitments, proofs }, { cells: sidecar.version === 1, signal });
}

/** Computes the commitments of blobs, given as hex digits, and the proofs of the blobs or of their cells. */
export async function completeSidecar(
  blobs: readonly string[],
  { cells, signal }: { readonly cells: boolean; readonly signal: AbortSignal | undefined },
): Promise<Sidecar> {
  const { commitments, proofs } = await proveBlobs(prefixed(blobs), { cells, signal });
  const digits = (items: readonly string[]) => items.map((item) => item.slice(2));
  return { version: cells ? 1 : 0, blobs, commitments: digits(commitments), proofs: digits(proofs) };
}

/** Returns the versioned hash of a commitment, given as hex digits (EIP-4844). */
export function blobHash(commitment: string): `0x${string}` {
  return `0x01${sha256(Uint8Array.fromHex(commitment)).toHex().slice(2)}`;
}

function prefixed(items: readonly string[]): string[] {
  return items.map((digits) => `0x${digits}`);
}
