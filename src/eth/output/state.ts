import { array, type Schema, string } from "../../rpc/schema.ts";
import { maybe, object, record } from "../../rpc/schema_object.ts";
import type { Address, Data } from "../types.ts";
import { wireAddress, wireData, wireHash, wireQuantity } from "./wire.ts";
import { wireAccessList } from "./transaction.ts";

/** EIP-1186's account and storage proofs. Keys come back as they were asked for. */
export const wireProof: Schema<unknown> = object({
  address: wireAddress,
  accountProof: array(wireData),
  balance: wireQuantity,
  codeHash: wireHash,
  nonce: wireQuantity,
  storageHash: wireHash,
  storageProof: array(object({ key: string, value: wireQuantity, proof: array(wireData) }, { closed: true })),
}, { closed: true });

/** Slots of several accounts, in the order in which they were asked for. */
export const wireStorageValues: Schema<{ readonly [address: Address]: readonly Data[] }> = record(wireAddress, {
  value: array(wireHash),
});

/** The result of eth_createAccessList; `error` when the run failed, and the list is what was touched until then. */
export const wireAccessListResult: Schema<unknown> = object({
  accessList: wireAccessList,
  error: maybe(string),
  gasUsed: wireQuantity,
}, { closed: true });
