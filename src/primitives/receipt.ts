import { encodeRlp, rlpList, rlpNumber, rlpString } from "./rlp.ts";
import type { Address, Hash } from "./types.ts";

/** A log as the EVM leaves it. */
export interface EvmLog {
  readonly address: Address;
  readonly topics: readonly Hash[];
  readonly data: Uint8Array;
}

/** A receipt before it knows its block. */
export interface ReceiptData {
  readonly type: number;
  /** Byzantium and later: true on success. Before: undefined, and `root` is there. */
  readonly status: boolean | undefined;
  /** The state root after the transaction, before Byzantium. */
  readonly root: Hash | undefined;
  readonly gasUsed: bigint;
  readonly cumulativeGasUsed: bigint;
  readonly logs: readonly EvmLog[];
  /** 256 bytes. */
  readonly bloom: Uint8Array;
  readonly contractAddress: Address | null;
  readonly effectiveGasPrice: bigint;
  /** Type 3 only, else 0. */
  readonly blobGasUsed: bigint;
}

/** The receipt in its consensus encoding (EIP-2718), as the receipts trie and debug_getRawReceipts have it. */
export function encodeReceipt(receipt: ReceiptData): Uint8Array {
  const outcome = receipt.root === undefined ? (receipt.status === true ? "01" : "") : receipt.root.slice(2);
  const payload = rlpList([
    rlpString(outcome),
    rlpNumber(receipt.cumulativeGasUsed),
    rlpString(receipt.bloom.toHex()),
    rlpList(
      receipt.logs.map((log) =>
        encodeRlp([log.address.slice(2), log.topics.map((topic) => topic.slice(2)), log.data.toHex()])
      ),
    ),
  ]);
  const prefix = receipt.type === 0 ? "" : receipt.type.toString(16).padStart(2, "0");
  return Uint8Array.fromHex(prefix + payload);
}
