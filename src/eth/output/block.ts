import { array, integer, type Schema, string } from "../../rpc/schema.ts";
import { maybe, nullable, object, oneOf } from "../../rpc/schema_object.ts";
import {
  addressOrNull,
  hashOrNull,
  quantityOrNull,
  wireAddress,
  wireBloom,
  wireData,
  wireHash,
  wireNonce,
  wireQuantity,
} from "./wire.ts";
import { wireLog } from "./receipt.ts";
import { wireTransaction } from "./transaction.ts";

const sealed = {
  parentHash: wireHash,
  sha3Uncles: wireHash,
  stateRoot: wireHash,
  transactionsRoot: wireHash,
  receiptsRoot: wireHash,
  logsBloom: wireBloom,
  difficulty: wireQuantity,
  number: wireQuantity,
  gasLimit: wireQuantity,
  gasUsed: wireQuantity,
  timestamp: wireQuantity,
  extraData: wireData,
  mixHash: wireHash,
};

// A pending block has none of these yet; geth answers null (internal/ethapi/api.go, GetBlockByNumber).
const unsealed = { hash: hashOrNull, nonce: nullable(wireNonce), miner: addressOrNull };

// Each came with a fork, and is left out of the blocks before it.
const laterFields = {
  baseFeePerGas: maybe(wireQuantity),
  withdrawalsRoot: maybe(wireHash),
  blobGasUsed: maybe(wireQuantity),
  excessBlobGas: maybe(wireQuantity),
  parentBeaconBlockRoot: maybe(wireHash),
  requestsHash: maybe(wireHash),
};

/** A header, as eth_getHeaderBy* answer it. */
export const wireHeader: Schema<unknown> = object({ ...sealed, ...unsealed, ...laterFields }, { closed: true });

/** A header as newHeads sends it: every field of every fork, null where the block's fork has none. */
export const wireNewHead: Schema<unknown> = object({
  ...sealed,
  hash: wireHash,
  nonce: wireNonce,
  miner: wireAddress,
  baseFeePerGas: quantityOrNull,
  withdrawalsRoot: hashOrNull,
  blobGasUsed: quantityOrNull,
  excessBlobGas: quantityOrNull,
  parentBeaconBlockRoot: hashOrNull,
  requestsHash: hashOrNull,
  blockAccessListHash: hashOrNull,
  slotNumber: quantityOrNull,
}, { closed: true });

/** A withdrawal of a block (EIP-4895). */
export const wireWithdrawal = object({
  index: wireQuantity,
  validatorIndex: wireQuantity,
  address: wireAddress,
  amount: wireQuantity,
}, { closed: true });

const uncleFields = { ...sealed, ...unsealed, ...laterFields, size: wireQuantity, uncles: array(wireHash) };

/** A block without its transactions, as uncles are answered. */
export const wireUncle: Schema<unknown> = object(uncleFields, { closed: true });

const blockFields = {
  ...uncleFields,
  transactions: oneOf([array(wireHash), array(wireTransaction)]),
  withdrawals: maybe(array(wireWithdrawal)),
};

/** A block, with its transactions whole or as hashes. */
export const wireBlock: Schema<unknown> = object(blockFields, { closed: true });

const wireSimulatedCall = object({
  returnData: wireData,
  logs: array(wireLog),
  gasUsed: wireQuantity,
  maxUsedGas: wireQuantity,
  status: wireQuantity,
  error: maybe(object({ message: string, code: integer(), data: maybe(wireData) }, { closed: true })),
}, { closed: true });

/** A block of eth_simulateV1, with what each of its calls did. */
export const wireSimulatedBlock: Schema<unknown> = object({ ...blockFields, calls: array(wireSimulatedCall) }, {
  closed: true,
});
