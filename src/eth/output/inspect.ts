import { integer, type Schema, string } from "../../rpc/schema.ts";
import { maybe, nullable, object, record } from "../../rpc/schema_object.ts";
import { hashOrNull, wireAddress, wireData, wireHash } from "./wire.ts";

const account = object({
  balance: string,
  nonce: integer({ minimum: 0 }),
  root: wireHash,
  codeHash: wireHash,
  code: maybe(wireData),
  storage: maybe(record(wireHash, { value: string })),
  address: wireAddress,
  key: wireHash,
}, { closed: true });

/** geth's state.Dump: accounts by checksummed address; balances in decimal, the root and the slots' values in bare hex. */
export const wireAccountDump: Schema<unknown> = object({
  root: string,
  accounts: record(string, { value: account }),
  next: maybe(wireHash),
}, { closed: true });

/** geth's StorageRangeResult: slots by hashed key; null for an account without storage. */
export const wireStorageRange: Schema<unknown> = object({
  storage: nullable(record(wireHash, { value: object({ key: hashOrNull, value: wireHash }, { closed: true }) })),
  nextKey: hashOrNull,
}, { closed: true });
