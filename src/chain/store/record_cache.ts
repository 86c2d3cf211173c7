import type { Hash } from "../../eth/types.ts";
import type { BlockRecord } from "./block_record.ts";

/** Records without their bodies take about 3 KB each. */
const MAX_RECORDS = 1024;

/** The lately used records of a chain on disk, by hash and, the canonical ones, by number. */
export class RecordCache {
  readonly #byHash = new Map<Hash, BlockRecord>();
  readonly #byNumber = new Map<bigint, BlockRecord>();

  of(hash: Hash): BlockRecord | undefined {
    return this.#used(this.#byHash.get(hash));
  }

  at(number: bigint): BlockRecord | undefined {
    return this.#used(this.#byNumber.get(number));
  }

  add(record: BlockRecord): void {
    this.#byHash.delete(record.hash);
    for (const [hash, oldest] of this.#byHash) {
      if (this.#byHash.size < MAX_RECORDS) break;
      this.#byHash.delete(hash);
      if (this.#byNumber.get(oldest.number) === oldest) this.#byNumber.delete(oldest.number);
    }
    this.#byHash.set(record.hash, record);
  }

  addCanonical(record: BlockRecord): void {
    this.add(record);
    this.#byNumber.set(record.number, record);
  }

  /** Forgets which blocks have the numbers above one. */
  dropNumbersAbove(number: bigint): void {
    for (const known of this.#byNumber.keys()) if (known > number) this.#byNumber.delete(known);
  }

  #used(record: BlockRecord | undefined): BlockRecord | undefined {
    if (record === undefined || !this.#byHash.delete(record.hash)) return record;
    this.#byHash.set(record.hash, record);
    return record;
  }
}
