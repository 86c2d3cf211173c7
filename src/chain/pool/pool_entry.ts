import type { Address, Hash } from "../../eth/types.ts";
import type { RawJson } from "../../rpc/raw_json.ts";
import type { Transaction } from "../../primitives/transaction.ts";
import { encodeTransaction, encodeWithSidecar, type Sidecar } from "../../primitives/transaction_codec.ts";
import { transactionJson } from "../../eth/output/transaction_json.ts";
import { GAS_PER_BLOB } from "../../primitives/limits.ts";

/** A transaction that waits to be mined. */
export class PoolEntry {
  readonly transaction: Transaction;
  readonly hash: Hash;
  readonly sender: Address;
  readonly sidecar: Sidecar | null;
  /** Run without a signature, for an impersonated account. */
  readonly impersonated: boolean;
  /** The most that it can cost its sender, wei. */
  readonly cost: bigint;
  /** Counts arrivals: of two that pay the same, the earlier one goes first. */
  readonly arrival: number;
  #json: RawJson | null = null;

  constructor(parts: {
    readonly transaction: Transaction;
    readonly hash: Hash;
    readonly sender: Address;
    readonly sidecar: Sidecar | null;
    readonly impersonated: boolean;
    readonly arrival: number;
  }) {
    this.transaction = parts.transaction;
    this.hash = parts.hash;
    this.sender = parts.sender;
    this.sidecar = parts.sidecar;
    this.impersonated = parts.impersonated;
    this.arrival = parts.arrival;
    const { gasLimit, gasFeeCap, value, blobHashes, blobFeeCap } = parts.transaction;
    this.cost = gasLimit * gasFeeCap + value + BigInt(blobHashes.length) * GAS_PER_BLOB * blobFeeCap;
  }

  /** The transaction object with null block fields. */
  get json(): RawJson {
    return this.#json ??= transactionJson(this.transaction, this, null);
  }

  /** Signed bytes in hex digits, blobs included as nodes pass them on. */
  raw(): string {
    return this.sidecar === null
      ? encodeTransaction(this.transaction)
      : encodeWithSidecar(this.transaction, this.sidecar);
  }
}
