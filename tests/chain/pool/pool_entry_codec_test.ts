import { assertEquals } from "@std/assert";
import { PoolEntry } from "../../../src/chain/pool/pool_entry.ts";
import { decodePoolEntry, encodePoolEntry } from "../../../src/chain/pool/pool_entry_codec.ts";
import { transactionHash, withImpersonatedSender } from "../../../src/primitives/signed_transaction.ts";
import { type Transaction, TX_TYPE } from "../../../src/primitives/transaction.ts";
import type { Sidecar } from "../../../src/primitives/transaction_codec.ts";

const SENDER = `0x${"99".repeat(20)}` as const;
const BASE: Transaction = {
  ...{ type: TX_TYPE.dynamicFee, chainId: 1337n, nonce: 5n, gasLimit: 21_000n, gasFeeCap: 9n, gasTipCap: 2n },
  ...{ to: SENDER, value: 7n, data: Uint8Array.of(1, 2), accessList: [], blobFeeCap: 0n, blobHashes: [] },
  ...{ authorizations: [], v: 1n, r: 3n, s: 4n },
};

function entryOf(
  transaction: Transaction,
  rest: { readonly sidecar?: Sidecar; readonly impersonated?: boolean; readonly arrival?: number } = {},
): PoolEntry {
  const { sidecar = null, impersonated = false, arrival = 0 } = rest;
  return new PoolEntry({
    ...{ transaction, hash: transactionHash(transaction), sender: SENDER },
    ...{ sidecar, impersonated, arrival },
  });
}

Deno.test("A waiting transaction is what it was after it was written and read: plain, impersonated, with blobs", () => {
  const sidecar: Sidecar = {
    version: 1,
    blobs: ["aa".repeat(64)],
    commitments: ["bb".repeat(48)],
    proofs: ["cc", "dd"],
  };
  const blob: Transaction = { ...BASE, type: TX_TYPE.blob, blobFeeCap: 1n, blobHashes: [`0x01${"11".repeat(31)}`] };
  for (
    const entry of [
      entryOf(BASE, { arrival: 300 }),
      entryOf(withImpersonatedSender(BASE, SENDER), { impersonated: true }),
      entryOf(blob, { sidecar, arrival: 1 }),
      entryOf({ ...BASE, type: TX_TYPE.legacy, gasTipCap: 9n, v: 2709n }),
    ]
  ) {
    const read = decodePoolEntry(encodePoolEntry(entry));
    for (const field of ["transaction", "hash", "sender", "sidecar", "impersonated", "arrival", "cost"] as const) {
      assertEquals(read[field], entry[field], field);
    }
  }
});
