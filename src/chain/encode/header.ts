import type { Hash, Withdrawal } from "../../eth/types.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import type { Header } from "../../primitives/header.ts";
import { quantity } from "../../primitives/hex.ts";

function optional(value: bigint | undefined): string {
  return value === undefined ? "null" : `"${quantity(value)}"`;
}

function optionalHash(value: Hash | undefined): string {
  return value === undefined ? "null" : `"${value}"`;
}

/** The header as newHeads sends it: geth's types.Header.MarshalJSON, in its order, absent fields null. */
export function newHeadJson(header: Header, hash: Hash): RawJson {
  return new RawJson(
    `{"parentHash":"${header.parentHash}","sha3Uncles":"${header.unclesHash}","miner":"${header.coinbase}",` +
      `"stateRoot":"${header.stateRoot}","transactionsRoot":"${header.transactionsRoot}",` +
      `"receiptsRoot":"${header.receiptsRoot}","logsBloom":"${header.logsBloom}",` +
      `"difficulty":"${quantity(header.difficulty)}","number":"${quantity(header.number)}",` +
      `"gasLimit":"${quantity(header.gasLimit)}","gasUsed":"${quantity(header.gasUsed)}",` +
      `"timestamp":"${quantity(header.timestamp)}","extraData":"${header.extraData}","mixHash":"${header.mixHash}",` +
      `"nonce":"${header.nonce}","baseFeePerGas":${optional(header.baseFeePerGas)},` +
      `"withdrawalsRoot":${optionalHash(header.withdrawalsRoot)},"blobGasUsed":${optional(header.blobGasUsed)},` +
      `"excessBlobGas":${optional(header.excessBlobGas)},` +
      `"parentBeaconBlockRoot":${optionalHash(header.parentBeaconBlockRoot)},` +
      `"requestsHash":${optionalHash(header.requestsHash)},"blockAccessListHash":null,"slotNumber":null,` +
      `"hash":"${hash}"}`,
  );
}

/** The fields of a block's object beyond those of its header. */
export interface BlockParts {
  /** Bytes of the whole block. */
  readonly size: number;
  /** An encoded array of hashes or objects; null for an uncle, of which only the header is known. */
  readonly transactions: RawJson | null;
  readonly uncles: readonly Hash[];
  readonly withdrawals: readonly Withdrawal[] | undefined;
}

/**
 * A header or block as geth's ethapi.RPCMarshalHeader and RPCMarshalBlock have it: a Go map, so its keys are sorted,
 * and fields that the block's fork does not have are left out. The pending block has no hash, nonce and miner yet.
 */
export function blockJson(
  header: Header,
  hash: Hash,
  options: { readonly parts?: BlockParts; readonly pending?: boolean } = {},
): RawJson {
  const { parts, pending = false } = options;
  const fields: string[] = [];
  const put = (key: string, value: string) => fields.push(`"${key}":"${value}"`);
  const putNullable = (key: string, value: string) => fields.push(pending ? `"${key}":null` : `"${key}":"${value}"`);
  if (header.baseFeePerGas !== undefined) put("baseFeePerGas", quantity(header.baseFeePerGas));
  if (header.blobGasUsed !== undefined) put("blobGasUsed", quantity(header.blobGasUsed));
  put("difficulty", quantity(header.difficulty));
  if (header.excessBlobGas !== undefined) put("excessBlobGas", quantity(header.excessBlobGas));
  put("extraData", header.extraData);
  put("gasLimit", quantity(header.gasLimit));
  put("gasUsed", quantity(header.gasUsed));
  putNullable("hash", hash);
  put("logsBloom", header.logsBloom);
  putNullable("miner", header.coinbase);
  put("mixHash", header.mixHash);
  putNullable("nonce", header.nonce);
  put("number", quantity(header.number));
  if (header.parentBeaconBlockRoot !== undefined) put("parentBeaconBlockRoot", header.parentBeaconBlockRoot);
  put("parentHash", header.parentHash);
  put("receiptsRoot", header.receiptsRoot);
  if (header.requestsHash !== undefined) put("requestsHash", header.requestsHash);
  put("sha3Uncles", header.unclesHash);
  if (parts !== undefined) put("size", quantity(parts.size));
  put("stateRoot", header.stateRoot);
  put("timestamp", quantity(header.timestamp));
  if (parts !== undefined && parts.transactions !== null) fields.push(`"transactions":${parts.transactions.text}`);
  put("transactionsRoot", header.transactionsRoot);
  if (parts !== undefined) fields.push(`"uncles":${JSON.stringify(parts.uncles)}`);
  if (parts?.withdrawals !== undefined) fields.push(`"withdrawals":${withdrawalsJson(parts.withdrawals)}`);
  if (header.withdrawalsRoot !== undefined) put("withdrawalsRoot", header.withdrawalsRoot);
  return new RawJson(`{${fields.join(",")}}`);
}

function withdrawalsJson(withdrawals: readonly Withdrawal[]): string {
  const items = withdrawals.map((item) =>
    `{"index":"${quantity(item.index)}","validatorIndex":"${quantity(item.validatorIndex)}",` +
    `"address":"${item.address}","amount":"${quantity(item.amount)}"}`
  );
  return `[${items.join(",")}]`;
}
