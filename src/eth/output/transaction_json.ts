import type { AccessListItem, Address, Authorization, Hash } from "../types.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import { effectiveGasPrice, type Transaction, TX_TYPE } from "../../primitives/transaction.ts";
import type { Sidecar } from "../../primitives/transaction_codec.ts";
import { quantity } from "../../primitives/hex.ts";

/** The place at which a transaction was mined. */
export interface Position {
  readonly blockHash: Hash;
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly baseFee: bigint | undefined;
  readonly index: number;
}

/** Its sender and its hash. */
export interface Identity {
  readonly hash: Hash;
  readonly sender: Address;
}

/** The result of geth's deriveChainId for a `v` of 0, in 64 bits: (0 - 35) / 2. Simulated legacy transactions show it. */
const UNSIGNED_CHAIN_ID = (2n ** 64n - 35n) / 2n;

/** The object of eth_getTransactionBy*, in the order of geth's ethapi.RPCTransaction; no position is a pending one. */
export function transactionJson(transaction: Transaction, identity: Identity, position: Position | null): RawJson {
  const { type, to, v } = transaction;
  // Built by hand: every value is hex, and a block of 200 encodes 3 times as fast as through JSON.stringify (measured).
  let text = position === null
    ? `{"blockHash":null,"blockNumber":null,"blockTimestamp":null`
    : `{"blockHash":"${position.blockHash}","blockNumber":"${quantity(position.number)}",` +
      `"blockTimestamp":"${quantity(position.timestamp)}"`;
  const price = position === null ? transaction.gasFeeCap : effectiveGasPrice(transaction, position.baseFee);
  text += `,"from":"${identity.sender}","gas":"${quantity(transaction.gasLimit)}","gasPrice":"${quantity(price)}"`;
  if (type >= TX_TYPE.dynamicFee) {
    text += `,"maxFeePerGas":"${quantity(transaction.gasFeeCap)}"` +
      `,"maxPriorityFeePerGas":"${quantity(transaction.gasTipCap)}"`;
  }
  if (type === TX_TYPE.blob) text += `,"maxFeePerBlobGas":"${quantity(transaction.blobFeeCap)}"`;
  text += `,"hash":"${identity.hash}","input":"0x${transaction.data.toHex()}","nonce":"${quantity(transaction.nonce)}"`;
  text += `,"to":${to === null ? "null" : `"${to}"`}`;
  text += `,"transactionIndex":${position === null ? "null" : `"${quantity(position.index)}"`}`;
  text += `,"value":"${quantity(transaction.value)}","type":"${quantity(type)}"`;
  if (type >= TX_TYPE.accessList) text += `,"accessList":${accessListJson(transaction.accessList)}`;
  const chainId = transaction.chainId ?? (type === TX_TYPE.legacy && v === 0n ? UNSIGNED_CHAIN_ID : undefined);
  if (chainId !== undefined) text += `,"chainId":"${quantity(chainId)}"`;
  if (type === TX_TYPE.blob) text += `,"blobVersionedHashes":${hashesJson(transaction.blobHashes)}`;
  if (type === TX_TYPE.setCode) text += `,"authorizationList":${authorizationsJson(transaction.authorizations)}`;
  text += `,"v":"${quantity(v)}","r":"${quantity(transaction.r)}","s":"${quantity(transaction.s)}"`;
  if (type >= TX_TYPE.accessList) text += `,"yParity":"${quantity(v)}"`;
  return new RawJson(`${text}}`);
}

/** The `tx` of eth_signTransaction and eth_fillTransaction: geth's types.Transaction.MarshalJSON. */
export function signedTransactionJson(transaction: Transaction, hash: Hash, sidecar: Sidecar | null): RawJson {
  const { type, to, v } = transaction;
  const dynamic = type >= TX_TYPE.dynamicFee;
  let text = `{"type":"${quantity(type)}"`;
  // geth's tx.Protected() is false while a legacy transaction has no signature (isProtectedV, core/types/transaction.go).
  const chainId = type === TX_TYPE.legacy && v === 0n ? undefined : transaction.chainId;
  if (chainId !== undefined) text += `,"chainId":"${quantity(chainId)}"`;
  text += `,"nonce":"${quantity(transaction.nonce)}","to":${to === null ? "null" : `"${to}"`}`;
  text += `,"gas":"${quantity(transaction.gasLimit)}"`;
  text += `,"gasPrice":${dynamic ? "null" : `"${quantity(transaction.gasFeeCap)}"`}`;
  text += `,"maxPriorityFeePerGas":${dynamic ? `"${quantity(transaction.gasTipCap)}"` : "null"}`;
  text += `,"maxFeePerGas":${dynamic ? `"${quantity(transaction.gasFeeCap)}"` : "null"}`;
  if (type === TX_TYPE.blob) text += `,"maxFeePerBlobGas":"${quantity(transaction.blobFeeCap)}"`;
  text += `,"value":"${quantity(transaction.value)}","input":"0x${transaction.data.toHex()}"`;
  if (type >= TX_TYPE.accessList) text += `,"accessList":${accessListJson(transaction.accessList)}`;
  if (type === TX_TYPE.blob) text += `,"blobVersionedHashes":${hashesJson(transaction.blobHashes)}`;
  if (type === TX_TYPE.setCode) text += `,"authorizationList":${authorizationsJson(transaction.authorizations)}`;
  text += `,"v":"${quantity(v)}","r":"${quantity(transaction.r)}","s":"${quantity(transaction.s)}"`;
  if (type >= TX_TYPE.accessList) text += `,"yParity":"${quantity(v)}"`;
  if (sidecar !== null) {
    const list = (items: readonly string[]) => JSON.stringify(items.map((digits) => `0x${digits}`));
    text += `,"blobs":${list(sidecar.blobs)},"commitments":${list(sidecar.commitments)}`;
    text += `,"proofs":${list(sidecar.proofs)}`;
  }
  return new RawJson(`${text},"hash":"${hash}"}`);
}

function hashesJson(hashes: readonly Hash[]): string {
  return hashes.length === 0 ? "[]" : `["${hashes.join('","')}"]`;
}

function accessListJson(items: readonly AccessListItem[]): string {
  return `[${
    items.map((item) => `{"address":"${item.address}","storageKeys":${hashesJson(item.storageKeys)}}`).join(",")
  }]`;
}

function authorizationsJson(items: readonly Authorization[]): string {
  const entries = items.map((item) =>
    `{"chainId":"${quantity(item.chainId)}","address":"${item.address}","nonce":"${quantity(item.nonce)}",` +
    `"yParity":"${quantity(item.yParity)}","r":"${quantity(item.r)}","s":"${quantity(item.s)}"}`
  );
  return `[${entries.join(",")}]`;
}
