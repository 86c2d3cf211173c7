import { array, boolean, type Schema, ValueError } from "../../rpc/schema.ts";
import { mapped, maybe, object } from "../../rpc/schema_object.ts";
import {
  addressOrNull,
  hashOrNull,
  quantityOrNull,
  wireAddress,
  wireBloom,
  wireData,
  wireHash,
  wireQuantity,
} from "./wire.ts";

/** A log; the fields of its block are null while that block is pending. */
export const wireLog = object({
  address: wireAddress,
  topics: array(wireHash, { maximum: 4 }),
  data: wireData,
  blockNumber: quantityOrNull,
  transactionHash: hashOrNull,
  transactionIndex: quantityOrNull,
  blockHash: hashOrNull,
  blockTimestamp: maybe(wireQuantity),
  logIndex: quantityOrNull,
  removed: boolean,
}, { closed: true });

const fields = object({
  type: wireQuantity,
  transactionHash: wireHash,
  transactionIndex: wireQuantity,
  blockHash: wireHash,
  blockNumber: wireQuantity,
  from: wireAddress,
  to: addressOrNull,
  contractAddress: addressOrNull,
  cumulativeGasUsed: wireQuantity,
  gasUsed: wireQuantity,
  effectiveGasPrice: wireQuantity,
  logs: array(wireLog),
  logsBloom: wireBloom,
  root: maybe(wireHash),
  status: maybe(wireQuantity),
  blobGasUsed: maybe(wireQuantity),
  blobGasPrice: maybe(wireQuantity),
}, { closed: true });

/** A receipt: with a state root before Byzantium (EIP-658), with a status since; blob fields for type 3 only. */
export const wireReceipt: Schema<unknown> = mapped(fields, (receipt) => {
  if ((receipt.root === undefined) === (receipt.status === undefined)) {
    throw new ValueError("want either root or status");
  }
  const blob = receipt.type === "0x3";
  if ((receipt.blobGasUsed !== undefined) !== blob || (receipt.blobGasPrice !== undefined) !== blob) {
    throw new ValueError(`want ${blob ? "" : "no "}blob fields in a receipt of type ${receipt.type}`);
  }
  return receipt;
});
