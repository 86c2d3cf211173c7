import { decodeRlp, encodeRlp, type RlpItem, rlpList, rlpNumber, rlpString } from "../../primitives/rlp.ts";
import { transactionHash } from "../../primitives/signed_transaction.ts";
import { decodeTransaction, encodeTransaction, type Sidecar } from "../../primitives/transaction_codec.ts";
import { PoolEntry } from "./pool_entry.ts";

/** Encodes a waiting transaction with what its own bytes do not say: sender, blobs, impersonation, arrival. */
export function encodePoolEntry({ transaction, sender, sidecar, impersonated, arrival }: PoolEntry): Uint8Array {
  return Uint8Array.fromHex(rlpList([
    rlpString(encodeTransaction(transaction)),
    rlpString(sender.slice(2)),
    rlpNumber(impersonated ? 1 : 0),
    rlpNumber(arrival),
    sidecar === null ? rlpString("") : encodeSidecar(sidecar),
  ]));
}

function encodeSidecar({ version, blobs, commitments, proofs }: Sidecar): string {
  return rlpList([rlpNumber(version), ...[blobs, commitments, proofs].map((items) => encodeRlp([...items]))]);
}

/** Reads what {@link encodePoolEntry} wrote. */
export function decodePoolEntry(bytes: Uint8Array): PoolEntry {
  const [digits, sender, impersonated, arrival, sidecar] = listOf(decodeRlp(bytes.toHex()));
  const { transaction } = decodeTransaction(textOf(digits));
  return new PoolEntry({
    transaction,
    hash: transactionHash(transaction),
    sender: `0x${textOf(sender)}`,
    impersonated: textOf(impersonated) !== "",
    arrival: parseInt(textOf(arrival) || "0", 16),
    sidecar: typeof sidecar === "string" ? null : decodeSidecar(listOf(sidecar)),
  });
}

function decodeSidecar([version, blobs, commitments, proofs]: readonly RlpItem[]): Sidecar {
  return {
    version: parseInt(textOf(version) || "0", 16),
    blobs: listOf(blobs).map(textOf),
    commitments: listOf(commitments).map(textOf),
    proofs: listOf(proofs).map(textOf),
  };
}

function listOf(item: RlpItem | undefined): readonly RlpItem[] {
  if (item === undefined || typeof item === "string") throw new Error("a waiting transaction cannot be read: no list");
  return item;
}

function textOf(item: RlpItem | undefined): string {
  if (typeof item !== "string") throw new Error("a waiting transaction cannot be read: no string");
  return item;
}
