import type { BlockEvent } from "../eth/types.ts";
import { RawJson } from "../rpc/raw_json.ts";
import type { ReceiptReader } from "./reader.ts";

/** Finds the readers of a block's receipts by transaction hash. */
export class ReceiptIndex {
  readonly #all = new Set<ReceiptReader>();
  readonly #byTransaction = new Map<string, Set<ReceiptReader>>();
  #filtered = 0;

  get size(): number {
    return this.#all.size + this.#filtered;
  }

  add(reader: ReceiptReader): void {
    if (reader.transactionHashes === null) {
      this.#all.add(reader);
      return;
    }
    this.#filtered++;
    for (const hash of reader.transactionHashes) {
      const readers = this.#byTransaction.get(hash);
      if (readers === undefined) this.#byTransaction.set(hash, new Set([reader]));
      else readers.add(reader);
    }
  }

  delete(reader: ReceiptReader): boolean {
    if (reader.transactionHashes === null) return this.#all.delete(reader);
    let found = false;
    for (const hash of reader.transactionHashes) {
      const readers = this.#byTransaction.get(hash);
      if (!readers?.delete(reader)) continue;
      found = true;
      if (readers.size === 0) this.#byTransaction.delete(hash);
    }
    if (found) this.#filtered--;
    return found;
  }

  /** Sends one array per reader, in block order, and nothing to a reader that wants none of the block. */
  deliver(block: BlockEvent): void {
    if (this.size === 0 || block.receipts.length === 0) return;
    if (this.#all.size > 0) {
      const array = RawJson.array(block.receipts.map((receipt) => receipt.json));
      for (const reader of this.#all) reader.tell(array);
    }
    if (this.#filtered === 0) return;
    const wanted = new Map<ReceiptReader, RawJson[]>();
    for (const receipt of block.receipts) {
      for (const reader of this.#byTransaction.get(receipt.transactionHash) ?? []) {
        const receipts = wanted.get(reader);
        if (receipts === undefined) wanted.set(reader, [receipt.json]);
        else receipts.push(receipt.json);
      }
    }
    for (const [reader, receipts] of wanted) reader.tell(RawJson.array(receipts));
  }
}
