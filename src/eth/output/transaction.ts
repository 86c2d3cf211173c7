import { array, isObject, type Schema, ValueError } from "../../rpc/schema.ts";
import { maybe, object } from "../../rpc/schema_object.ts";
import { addressOrNull, hashOrNull, quantityOrNull, wireAddress, wireData, wireHash, wireQuantity } from "./wire.ts";

/** An EIP-2930 access list on its way out. */
export const wireAccessList = array(
  object({ address: wireAddress, storageKeys: array(wireHash) }, { closed: true }),
);

const wireAuthorizationList = array(
  object({
    chainId: wireQuantity,
    address: wireAddress,
    nonce: wireQuantity,
    yParity: wireQuantity,
    r: wireQuantity,
    s: wireQuantity,
  }, { closed: true }),
);

const common = {
  // Null while the transaction waits in the pool.
  blockHash: hashOrNull,
  blockNumber: quantityOrNull,
  blockTimestamp: quantityOrNull,
  transactionIndex: quantityOrNull,
  hash: wireHash,
  type: wireQuantity,
  from: wireAddress,
  // Null when it creates a contract.
  to: addressOrNull,
  nonce: wireQuantity,
  gas: wireQuantity,
  gasPrice: wireQuantity,
  value: wireQuantity,
  input: wireData,
  v: wireQuantity,
  r: wireQuantity,
  s: wireQuantity,
};
const accessListed = { ...common, chainId: wireQuantity, accessList: wireAccessList, yParity: wireQuantity };
const dynamicFee = { ...accessListed, maxFeePerGas: wireQuantity, maxPriorityFeePerGas: wireQuantity };

// A legacy transaction has a chain id when its signature has one (EIP-155).
const byType = {
  "0x0": object({ ...common, chainId: maybe(wireQuantity) }, { closed: true }),
  "0x1": object(accessListed, { closed: true }),
  "0x2": object(dynamicFee, { closed: true }),
  "0x3": object({ ...dynamicFee, maxFeePerBlobGas: wireQuantity, blobVersionedHashes: array(wireHash) }, {
    closed: true,
  }),
  "0x4": object({ ...dynamicFee, authorizationList: wireAuthorizationList }, { closed: true }),
} as const;

type TransactionType = keyof typeof byType;

function isTransactionType(value: unknown): value is TransactionType {
  return typeof value === "string" && Object.hasOwn(byType, value);
}

/** A transaction as geth's RPCTransaction shows it: which fields it has depends on its type. */
export const wireTransaction: Schema<unknown> = {
  json: { title: "Transaction", oneOf: Object.values(byType).map((schema) => schema.json) },
  read(value) {
    const type = isObject(value) ? value.type : undefined;
    if (!isTransactionType(type)) throw new ValueError(`want a transaction, got type ${JSON.stringify(type)}`);
    return byType[type].read(value);
  },
};

/**
 * A transaction without its place in a chain, as geth encodes types.Transaction itself (core/types/transaction_marshalling.go):
 * the three price fields are always there, null where the type has none; `r` and `s` are zero until it is signed.
 */
export const wireUnminedTransaction = object({
  type: wireQuantity,
  chainId: maybe(wireQuantity),
  nonce: wireQuantity,
  to: addressOrNull,
  gas: wireQuantity,
  gasPrice: quantityOrNull,
  maxPriorityFeePerGas: quantityOrNull,
  maxFeePerGas: quantityOrNull,
  maxFeePerBlobGas: maybe(wireQuantity),
  value: wireQuantity,
  input: wireData,
  accessList: maybe(wireAccessList),
  blobVersionedHashes: maybe(array(wireHash)),
  authorizationList: maybe(wireAuthorizationList),
  v: wireQuantity,
  r: wireQuantity,
  s: wireQuantity,
  yParity: maybe(wireQuantity),
  blobs: maybe(array(wireData)),
  commitments: maybe(array(wireData)),
  proofs: maybe(array(wireData)),
  hash: wireHash,
}, { closed: true });
