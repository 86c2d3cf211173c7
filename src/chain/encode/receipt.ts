import type { Hash } from "../../eth/types.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import type { IncludedTransaction } from "../store/block.ts";
import type { ReceiptData } from "../../primitives/receipt.ts";
import type { EvmLog } from "../../primitives/receipt.ts";
import { TX_TYPE } from "../../primitives/transaction.ts";
import { quantity } from "../../primitives/hex.ts";

/** The block that logs and receipts belong to. */
export interface BlockPosition {
  readonly hash: Hash;
  readonly number: bigint;
  readonly timestamp: bigint;
  /** Wei per blob gas; undefined before Cancun. */
  readonly blobGasPrice: bigint | undefined;
}

/** The part of a log that comes from its transaction and block. */
export interface LogPosition {
  readonly block: BlockPosition;
  readonly transactionHash: Hash;
  readonly transactionIndex: number;
  readonly logIndex: number;
}

/** A log in the order of geth's types.Log. */
export function logJson(log: EvmLog, at: LogPosition, removed = false): RawJson {
  const topics = log.topics.length === 0 ? "[]" : `["${log.topics.join('","')}"]`;
  return new RawJson(
    `{"address":"${log.address}","topics":${topics},"data":"0x${log.data.toHex()}",` +
      `"blockNumber":"${quantity(at.block.number)}","transactionHash":"${at.transactionHash}",` +
      `"transactionIndex":"${quantity(at.transactionIndex)}","blockHash":"${at.block.hash}",` +
      `"blockTimestamp":"${quantity(at.block.timestamp)}","logIndex":"${quantity(at.logIndex)}","removed":${removed}}`,
  );
}

/** A receipt as geth's ethapi.MarshalReceipt has it: a Go map, so its keys are sorted. */
export function receiptJson(
  receipt: ReceiptData,
  at: {
    readonly block: BlockPosition;
    readonly included: IncludedTransaction;
    readonly index: number;
    readonly logs: readonly RawJson[];
  },
): RawJson {
  const { block, included, index, logs } = at;
  const { transaction } = included;
  const blob = receipt.type === TX_TYPE.blob
    ? `"blobGasPrice":"${quantity(block.blobGasPrice ?? 0n)}","blobGasUsed":"${quantity(receipt.blobGasUsed)}",`
    : "";
  const created = receipt.contractAddress === null ? "null" : `"${receipt.contractAddress}"`;
  const outcome = receipt.root !== undefined
    ? `"root":"${receipt.root}"`
    : `"status":"${receipt.status === true ? "0x1" : "0x0"}"`;
  return new RawJson(
    `{${blob}"blockHash":"${block.hash}","blockNumber":"${quantity(block.number)}","contractAddress":${created},` +
      `"cumulativeGasUsed":"${quantity(receipt.cumulativeGasUsed)}",` +
      `"effectiveGasPrice":"${quantity(receipt.effectiveGasPrice)}","from":"${included.sender}",` +
      `"gasUsed":"${quantity(receipt.gasUsed)}","logs":${RawJson.array(logs).text},` +
      `"logsBloom":"0x${receipt.bloom.toHex()}",${outcome},` +
      `"to":${transaction.to === null ? "null" : `"${transaction.to}"`},"transactionHash":"${included.hash}",` +
      `"transactionIndex":"${quantity(index)}","type":"${quantity(receipt.type)}"}`,
  );
}
