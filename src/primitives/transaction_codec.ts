import { decodeRlp, encodeRlp, RlpError, type RlpItem } from "./rlp.ts";
import { type Transaction, TX_TYPE } from "./transaction.ts";
import type { AccessListItem, Address, Authorization, Hash } from "./types.ts";
import { minimalDigits, numberOfDigits } from "./hex.ts";

/** A blob transaction's blobs as they travel between nodes (EIP-4844, EIP-7594), in hex digits. */
export interface Sidecar {
  /** 0: one proof for each blob; 1: the proofs of its cells. */
  readonly version: number;
  readonly blobs: readonly string[];
  readonly commitments: readonly string[];
  readonly proofs: readonly string[];
}

/** A decoded transaction, with its blobs when its bytes hold them. */
export interface DecodedTransaction {
  readonly transaction: Transaction;
  readonly sidecar: Sidecar | null;
}

const HIGHEST_TYPE_BYTE = 0x7f;

/** Decodes the digits of a signed transaction; errors are worded as geth's `UnmarshalBinary` words them. */
export function decodeTransaction(digits: string): DecodedTransaction {
  const first = parseInt(digits.slice(0, 2), 16);
  if (first > HIGHEST_TYPE_BYTE) return { transaction: legacy(decodeRlp(digits)), sidecar: null };
  if (digits.length <= 2) throw new RlpError("typed transaction too short");
  if (first < TX_TYPE.accessList || first > TX_TYPE.setCode) throw new RlpError("transaction type not supported");
  const item = decodeRlp(digits.slice(2));
  if (first === TX_TYPE.blob && typeof item !== "string" && typeof item[0] !== "string") return wrapped(item);
  return { transaction: typed(first, item), sidecar: null };
}

/** Decodes a transaction out of a block body, where a legacy one is a list and a typed one a string. */
export function decodeBodyTransaction(item: RlpItem): Transaction {
  return typeof item === "string" ? decodeTransaction(item).transaction : legacy(item);
}

class Fields {
  readonly #items: readonly RlpItem[];
  readonly #of: string;
  #at = 0;

  constructor(item: RlpItem, size: number, of: string) {
    if (typeof item === "string") throw new RlpError(`rlp: expected input list for ${of}`);
    if (item.length < size) throw new RlpError(`rlp: too few elements for ${of}`);
    if (item.length > size) throw new RlpError(`rlp: input list has too many elements for ${of}`);
    this.#items = item;
    this.#of = of;
  }

  text(size?: number): string {
    const item = this.#items[this.#at++];
    if (typeof item !== "string") throw new RlpError(`rlp: expected input string or byte for ${this.#of}`);
    if (size !== undefined && item.length !== size * 2) {
      const problem = item.length > size * 2 ? "too long" : "too short";
      throw new RlpError(`rlp: input string ${problem} for ${this.#of}`);
    }
    return item;
  }

  number(bits = 256): bigint {
    const digits = this.text();
    if (digits.startsWith("00")) {
      throw new RlpError(`rlp: non-canonical integer (leading zero bytes) for ${this.#of}`);
    }
    if (digits.length * 4 > bits) {
      throw new RlpError(`rlp: input string too long for uint${bits}, decoding into ${this.#of}`);
    }
    return numberOfDigits(digits);
  }

  to(): Address | null {
    const digits = this.text();
    if (digits !== "" && digits.length !== 40) {
      throw new RlpError(`rlp: input string too ${digits.length > 40 ? "long" : "short"} for common.Address`);
    }
    return digits === "" ? null : `0x${digits}`;
  }

  list(): readonly RlpItem[] {
    const item = this.#items[this.#at++];
    if (item === undefined || typeof item === "string") throw new RlpError(`rlp: expected input list for ${this.#of}`);
    return item;
  }

  texts(): string[] {
    return this.list().map((item) => {
      if (typeof item !== "string") throw new RlpError(`rlp: expected input string or byte for ${this.#of}`);
      return item;
    });
  }
}

const NO_EXTRAS = { accessList: [], blobFeeCap: 0n, blobHashes: [], authorizations: [] } as const;

function legacy(item: RlpItem): Transaction {
  const fields = new Fields(item, 9, "types.LegacyTx");
  const nonce = fields.number(64);
  const gasPrice = fields.number();
  const gasLimit = fields.number(64);
  const to = fields.to();
  const value = fields.number();
  const data = Uint8Array.fromHex(fields.text());
  const v = fields.number();
  const chainId = v >= 35n ? (v - 35n) / 2n : undefined;
  const signature = { v, r: fields.number(), s: fields.number() };
  return {
    ...{ type: TX_TYPE.legacy, chainId, nonce, gasLimit, gasFeeCap: gasPrice, gasTipCap: gasPrice, to, value, data },
    ...NO_EXTRAS,
    ...signature,
  };
}

const FIELD_COUNT = [9, 11, 12, 14, 13] as const;
const GO_NAME = ["types.LegacyTx", "types.AccessListTx", "types.DynamicFeeTx", "types.BlobTx", "types.SetCodeTx"];

function typed(type: number, item: RlpItem): Transaction {
  const fields = new Fields(item, FIELD_COUNT[type] ?? 0, GO_NAME[type] ?? "");
  const chainId = fields.number();
  const nonce = fields.number(64);
  const gasTipCap = fields.number();
  const gasFeeCap = type === TX_TYPE.accessList ? gasTipCap : fields.number();
  const gasLimit = fields.number(64);
  const to = fields.to();
  if (to === null && (type === TX_TYPE.blob || type === TX_TYPE.setCode)) {
    throw new RlpError(`rlp: input string too short for common.Address, decoding into (${GO_NAME[type]}).To`);
  }
  const value = fields.number();
  const data = Uint8Array.fromHex(fields.text());
  const accessList = fields.list().map(accessListItem);
  const blobFeeCap = type === TX_TYPE.blob ? fields.number() : 0n;
  const blobHashes = type === TX_TYPE.blob ? fields.texts().map((digits): Hash => `0x${digits}`) : [];
  const authorizations = type === TX_TYPE.setCode ? fields.list().map(authorization) : [];
  const signature = { v: fields.number(), r: fields.number(), s: fields.number() };
  return {
    ...{ type, chainId, nonce, gasLimit, gasFeeCap, gasTipCap, to, value, data, accessList },
    ...{ blobFeeCap, blobHashes, authorizations },
    ...signature,
  };
}

function accessListItem(item: RlpItem): AccessListItem {
  const fields = new Fields(item, 2, "types.AccessTuple");
  const address: Address = `0x${fields.text(20)}`;
  return { address, storageKeys: fields.texts().map((digits): Hash => `0x${digits}`) };
}

function authorization(item: RlpItem): Authorization {
  const fields = new Fields(item, 6, "types.SetCodeAuthorization");
  const chainId = fields.number();
  const address: Address = `0x${fields.text(20)}`;
  return {
    ...{ chainId, address, nonce: fields.number(64), yParity: fields.number(8) },
    ...{ r: fields.number(), s: fields.number() },
  };
}

function wrapped(item: readonly RlpItem[]): DecodedTransaction {
  const versioned = item.length === 5;
  const fields = new Fields(item, versioned ? 5 : 4, "types.blobTxWithBlobs");
  const transaction = typed(TX_TYPE.blob, fields.list());
  const version = versioned ? Number(fields.number(8)) : 0;
  if (versioned && version !== 1) throw new RlpError(`unsupported blob tx version ${version}`);
  return {
    transaction,
    sidecar: { version, blobs: fields.texts(), commitments: fields.texts(), proofs: fields.texts() },
  };
}

/** Encodes a signed transaction as it is put into the transaction trie, in hex digits. */
export function encodeTransaction(transaction: Transaction): string {
  const { v, r, s } = transaction;
  return envelope(transaction, encodeRlp([...unsignedItems(transaction), ...[v, r, s].map(minimalDigits)]));
}

/** Encodes a blob transaction with its blobs, as nodes pass it on. */
export function encodeWithSidecar(transaction: Transaction, sidecar: Sidecar): string {
  const { v, r, s } = transaction;
  const body = [...unsignedItems(transaction), ...[v, r, s].map(minimalDigits)];
  const version = sidecar.version === 0 ? [] : [minimalDigits(sidecar.version)];
  return envelope(transaction, encodeRlp([body, ...version, sidecar.blobs, sidecar.commitments, sidecar.proofs]));
}

/** Encodes what the sender signs the hash of (EIP-155 for legacy transactions that name a chain). */
export function encodeForSigning(transaction: Transaction): string {
  const items = unsignedItems(transaction);
  if (transaction.type !== TX_TYPE.legacy || transaction.chainId === undefined) {
    return envelope(transaction, encodeRlp(items));
  }
  return encodeRlp([...items, minimalDigits(transaction.chainId), "", ""]);
}

function envelope(transaction: Transaction, payload: string): string {
  return transaction.type === TX_TYPE.legacy ? payload : `0${transaction.type}${payload}`;
}

function unsignedItems(tx: Transaction): RlpItem[] {
  const call: RlpItem[] = [
    ...[minimalDigits(tx.gasLimit), tx.to === null ? "" : tx.to.slice(2), minimalDigits(tx.value), tx.data.toHex()],
  ];
  if (tx.type === TX_TYPE.legacy) return [minimalDigits(tx.nonce), minimalDigits(tx.gasFeeCap), ...call];
  const fees = tx.type === TX_TYPE.accessList ? [tx.gasFeeCap] : [tx.gasTipCap, tx.gasFeeCap];
  const accessList = tx.accessList.map((item) => [item.address.slice(2), item.storageKeys.map((key) => key.slice(2))]);
  const items: RlpItem[] = [
    ...[minimalDigits(tx.chainId ?? 0n), minimalDigits(tx.nonce), ...fees.map(minimalDigits), ...call, accessList],
  ];
  if (tx.type === TX_TYPE.blob) items.push(minimalDigits(tx.blobFeeCap), tx.blobHashes.map((hash) => hash.slice(2)));
  if (tx.type === TX_TYPE.setCode) {
    items.push(tx.authorizations.map((entry) => [
      ...[minimalDigits(entry.chainId), entry.address.slice(2), minimalDigits(entry.nonce)],
      ...[minimalDigits(entry.yParity), minimalDigits(entry.r), minimalDigits(entry.s)],
    ]));
  }
  return items;
}
