import { array, boolean, integer, number, type Schema, string, ValueError } from "../../rpc/schema.ts";
import { maybe, nullable, object, oneOf, record } from "../../rpc/schema_object.ts";
import { wireAddress, wireData, wireHash, wireQuantity } from "./wire.ts";

/** The result of eth_feeHistory: one base fee more than blocks, and rewards only where percentiles were given. */
export const wireFeeHistory: Schema<unknown> = object({
  oldestBlock: wireQuantity,
  reward: maybe(array(array(wireQuantity))),
  baseFeePerGas: maybe(array(wireQuantity)),
  gasUsedRatio: nullable(array(number)),
  baseFeePerBlobGas: maybe(array(wireQuantity)),
  blobGasUsedRatio: maybe(array(number)),
}, { closed: true });

const notSyncing: Schema<false> = {
  json: { const: false },
  read(value) {
    if (value !== false) throw new ValueError("want false");
    return false;
  },
};

/** The result of eth_syncing: false, or how far it has come. */
export const wireSyncing: Schema<unknown> = oneOf([
  notSyncing,
  object({ startingBlock: wireQuantity, currentBlock: wireQuantity, highestBlock: wireQuantity }),
]);

const forkConfig = object({
  activationTime: integer({ minimum: 0 }),
  blobSchedule: nullable(
    object({ baseFeeUpdateFraction: integer(), max: integer(), target: integer() }, { closed: true }),
  ),
  chainId: wireQuantity,
  forkId: wireData,
  precompiles: record(string, { value: wireAddress }),
  systemContracts: nullable(record(string, { value: wireAddress })),
}, { closed: true });

/** EIP-7910: the fork that rules now, the next and the last one known. */
export const wireConfig: Schema<unknown> = object({
  current: forkConfig,
  next: nullable(forkConfig),
  last: nullable(forkConfig),
}, { closed: true });

const resource = object({
  disabled: boolean,
  oldestBlock: maybe(wireQuantity),
  deleteStrategy: maybe(object({ type: string, retentionBlocks: maybe(wireQuantity) }, { closed: true })),
}, { closed: true });

/** The result of eth_capabilities: which history this node can answer from. */
export const wireCapabilities: Schema<unknown> = object({
  head: object({ number: wireQuantity, hash: wireHash }, { closed: true }),
  state: resource,
  tx: resource,
  logs: resource,
  receipts: resource,
  blocks: resource,
  stateproofs: resource,
}, { closed: true });
