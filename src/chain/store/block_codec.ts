import type { Hash, Withdrawal } from "../../eth/types.ts";
import type { BlockBody, IncludedTransaction } from "./block.ts";
import type { ReceiptData } from "../../primitives/receipt.ts";
import type { EvmLog } from "../../primitives/receipt.ts";
import { createdAddress } from "../../primitives/created_address.ts";
import { bloomOf } from "../../primitives/bloom.ts";
import { decodeHeader, encodeHeader, type Header } from "../../primitives/header.ts";
import { encodeRlp, RlpError, type RlpItem, rlpList, rlpNumber, rlpString } from "../../primitives/rlp.ts";
import { type Transaction, TX_TYPE } from "../../primitives/transaction.ts";
import { decodeBodyTransaction, encodeTransaction } from "../../primitives/transaction_codec.ts";
import { effectiveGasPrice } from "../../primitives/transaction.ts";
import { minimalDigits, numberOfDigits } from "../../primitives/hex.ts";
import { GAS_PER_BLOB } from "../../primitives/limits.ts";

/** A block as its bytes say, before anything is known of its senders. */
export interface DecodedBlock {
  readonly header: Header;
  readonly transactions: readonly Transaction[];
  readonly uncles: readonly Header[];
  readonly withdrawals: readonly Withdrawal[] | undefined;
}

/** Encodes a whole block, in hex digits. */
export function encodeBlock(header: Header, body: BlockBody): string {
  return rlpList([encodeHeader(header), ...encodeBodyItems(body)]);
}

/** Encodes everything but the header, in hex digits. */
export function encodeBody(body: BlockBody): string {
  return rlpList(encodeBodyItems(body));
}

function encodeBodyItems(body: BlockBody): string[] {
  const transactions = body.transactions.map(({ transaction }) => {
    const digits = encodeTransaction(transaction);
    return transaction.type === TX_TYPE.legacy ? digits : rlpString(digits);
  });
  const items = [rlpList(transactions), rlpList(body.uncles.map(encodeHeader))];
  if (body.withdrawals !== undefined) items.push(rlpList(body.withdrawals.map(encodeWithdrawal)));
  return items;
}

/** Encodes one withdrawal as its trie has it (EIP-4895). */
export function encodeWithdrawal(withdrawal: Withdrawal): string {
  const { index, validatorIndex, address, amount } = withdrawal;
  return rlpList([rlpNumber(index), rlpNumber(validatorIndex), rlpString(address.slice(2)), rlpNumber(amount)]);
}

/** Reads a block; throws RlpError. */
export function decodeBlock(item: RlpItem): DecodedBlock {
  if (typeof item === "string" || item.length < 3 || item.length > 4) {
    throw new RlpError("rlp: expected input list for types.Block");
  }
  const [header, ...body] = item;
  return { header: decodeHeader(header ?? ""), ...decodeBody(body) };
}

/** Reads what `encodeBody` wrote. */
export function decodeBody(items: RlpItem): Omit<DecodedBlock, "header"> {
  const [transactions, uncles, withdrawals] = items;
  return {
    transactions: listOf(transactions).map(decodeBodyTransaction),
    uncles: listOf(uncles).map(decodeHeader),
    withdrawals: withdrawals === undefined ? undefined : listOf(withdrawals).map(decodeWithdrawal),
  };
}

function decodeWithdrawal(item: RlpItem): Withdrawal {
  const [index, validatorIndex, address, amount] = listOf(item).map(textOf);
  if (address?.length !== 40) throw new RlpError("rlp: input string too short for common.Address");
  return {
    index: numberOfDigits(index ?? ""),
    validatorIndex: numberOfDigits(validatorIndex ?? ""),
    address: `0x${address}`,
    amount: numberOfDigits(amount ?? ""),
  };
}

function listOf(item: RlpItem | undefined): readonly RlpItem[] {
  if (item === undefined || typeof item === "string") throw new RlpError("rlp: expected input list");
  return item;
}

function textOf(item: RlpItem | undefined): string {
  if (typeof item !== "string") throw new RlpError("rlp: expected input string or byte");
  return item;
}

/**
 * Encodes what of receipts cannot be had from the block: outcome, gas and logs. The blooms, 256 bytes each, are computed
 * again when asked for.
 */
export function encodeReceipts(receipts: readonly ReceiptData[]): string {
  return encodeRlp(receipts.map((receipt) => [
    receipt.root === undefined ? (receipt.status === true ? "01" : "") : receipt.root.slice(2),
    minimalDigits(receipt.cumulativeGasUsed),
    receipt.logs.map((log) => [log.address.slice(2), log.topics.map((topic) => topic.slice(2)), log.data.toHex()]),
  ]));
}

/** Reads what `encodeReceipts` wrote. */
export function decodeReceipts(
  items: RlpItem,
  block: { readonly header: Header; readonly transactions: readonly IncludedTransaction[] },
): ReceiptData[] {
  let before = 0n;
  return listOf(items).map((item, index) => {
    const [outcome, gas, logItems] = listOf(item);
    const included = block.transactions[index];
    if (included === undefined) throw new Error(`receipt ${index} has no transaction`);
    const { transaction, sender } = included;
    const cumulativeGasUsed = numberOfDigits(textOf(gas));
    const gasUsed = cumulativeGasUsed - before;
    before = cumulativeGasUsed;
    const logs = listOf(logItems).map(decodeLog);
    const digits = textOf(outcome);
    const root: Hash | undefined = digits.length === 64 ? `0x${digits}` : undefined;
    return {
      type: transaction.type,
      status: root === undefined ? digits === "01" : undefined,
      root,
      gasUsed,
      cumulativeGasUsed,
      logs,
      bloom: bloomOf(logs),
      contractAddress: transaction.to === null ? createdAddress(sender, transaction.nonce) : null,
      effectiveGasPrice: effectiveGasPrice(transaction, block.header.baseFeePerGas),
      blobGasUsed: BigInt(transaction.blobHashes.length) * GAS_PER_BLOB,
    };
  });
}

/** Reads only the addresses and topics of the logs in what `encodeReceipts` wrote. */
export function* decodeLogSources(items: RlpItem): Generator<Pick<EvmLog, "address" | "topics">> {
  for (const item of listOf(items)) {
    const [, , logs] = listOf(item);
    for (const log of listOf(logs)) {
      const [address, topics] = listOf(log);
      yield { address: `0x${textOf(address)}`, topics: listOf(topics).map((topic): Hash => `0x${textOf(topic)}`) };
    }
  }
}

function decodeLog(item: RlpItem): EvmLog {
  const [address, topics, data] = listOf(item);
  return {
    address: `0x${textOf(address)}`,
    topics: listOf(topics).map((topic): Hash => `0x${textOf(topic)}`),
    data: Uint8Array.fromHex(textOf(data)),
  };
}
