import {
  address,
  data,
  hash,
  list,
  struct,
  uint64,
  wireAddress,
  wireBloom,
  wireData,
  wireHash,
  wireQuantity,
  wireWithdrawal,
  withdrawals,
} from "../eth/mod.ts";
import type { BlockBuilder, BuildRequest } from "../node/mod.ts";
import { type Method, method, optional, required } from "../rpc/method.ts";
import { array, boolean, type Schema, ValueError } from "../rpc/schema.ts";
import { mapped, maybe, object } from "../rpc/schema_object.ts";

type PayloadAttributes = Omit<BuildRequest, "transactions" | "extraData">;

/** The Engine API's PayloadAttributesV3. */
const payloadAttributes: Schema<PayloadAttributes> = mapped(
  struct({
    timestamp: uint64,
    prevRandao: hash,
    suggestedFeeRecipient: address,
    withdrawals,
    parentBeaconBlockRoot: hash,
  }, {
    type: "engine.PayloadAttributes",
    required: ["timestamp", "prevRandao", "suggestedFeeRecipient"],
    decodesItself: true,
  }),
  (attributes) => ({
    timestamp: present(attributes.timestamp),
    prevRandao: present(attributes.prevRandao),
    suggestedFeeRecipient: present(attributes.suggestedFeeRecipient),
    withdrawals: attributes.withdrawals,
    parentBeaconBlockRoot: attributes.parentBeaconBlockRoot,
  }),
);

/** Returns a field that the struct before has required already. */
function present<T>(value: T | undefined): T {
  if (value === undefined) throw new ValueError("missing required field");
  return value;
}

const executionPayload = object({
  parentHash: wireHash,
  feeRecipient: wireAddress,
  stateRoot: wireHash,
  receiptsRoot: wireHash,
  logsBloom: wireBloom,
  prevRandao: wireHash,
  blockNumber: wireQuantity,
  gasLimit: wireQuantity,
  gasUsed: wireQuantity,
  timestamp: wireQuantity,
  extraData: wireData,
  baseFeePerGas: wireQuantity,
  blockHash: wireHash,
  transactions: array(wireData),
  withdrawals: maybe(array(wireWithdrawal)),
  blobGasUsed: maybe(wireQuantity),
  excessBlobGas: maybe(wireQuantity),
}, { closed: true });

const envelope: Schema<unknown> = object({
  executionPayload,
  blockValue: wireQuantity,
  blobsBundle: object({ commitments: array(wireData), proofs: array(wireData), blobs: array(wireData) }, {
    closed: true,
  }),
  executionRequests: array(wireData),
  shouldOverrideBuilder: boolean,
}, { closed: true });

const attributes = required("payloadAttributes", payloadAttributes);
const transactions = optional(
  "transactions",
  list(data, "[]hexutil.Bytes"),
  "Signed bytes, all of which must be mined; those of the pool when absent or null.",
);
const extraData = optional("extraData", data, "The block's extra data; none when absent.");

/** Makes the rows that build blocks from given parts, for tests of other programs (geth's eth/catalyst testing API). */
export function testingRows(builder: BlockBuilder): { readonly [name: string]: Method } {
  return {
    testing_buildBlockV1: method({
      summary: "Builds a block on the head and returns it as an execution payload; the chain stays as it is.",
      params: [required("parentHash", hash), attributes, transactions, extraData],
      result: envelope,
      handler: ([parent, payload, included, extra]) =>
        builder.buildBlock(parent, { ...payload, transactions: included ?? null, extraData: extra }),
    }),
    testing_commitBlockV1: method({
      summary: "Builds a block on the head, makes it the head and returns its hash.",
      params: [attributes, transactions, extraData],
      result: wireHash,
      handler: ([payload, included, extra]) =>
        builder.commitBlock({ ...payload, transactions: included ?? null, extraData: extra }),
    }),
  };
}
