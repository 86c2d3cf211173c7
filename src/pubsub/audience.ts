import type { BlockEvent, ChainEvent } from "../eth/types.ts";
import { LogIndex } from "./log_index.ts";
import type { HeadReader, LogReader, PendingReader, Reader } from "./reader.ts";
import { ReceiptIndex } from "./receipt_index.ts";

/** How many readers of each kind. */
export interface AudienceSize {
  readonly heads: number;
  readonly logs: number;
  readonly receipts: number;
  readonly pending: number;
}

/**
 * Readers that stand at one position of the stream and are told of its next event together, in the one order that every
 * connection sees: header, each log by index, receipts; of an abandoned block its logs, last first.
 */
export class Audience {
  readonly #heads = new Set<HeadReader>();
  readonly #logs = new LogIndex();
  readonly #receipts = new ReceiptIndex();
  readonly #pending = new Set<PendingReader>();

  get size(): AudienceSize {
    return {
      heads: this.#heads.size,
      logs: this.#logs.size,
      receipts: this.#receipts.size,
      pending: this.#pending.size,
    };
  }

  get empty(): boolean {
    return this.#heads.size === 0 && this.#logs.size === 0 && this.#receipts.size === 0 && this.#pending.size === 0;
  }

  add(reader: Reader): void {
    switch (reader.kind) {
      case "heads":
        this.#heads.add(reader);
        break;
      case "logs":
        this.#logs.add(reader);
        break;
      case "receipts":
        this.#receipts.add(reader);
        break;
      case "pending":
        this.#pending.add(reader);
        break;
    }
  }

  delete(reader: Reader): boolean {
    switch (reader.kind) {
      case "heads":
        return this.#heads.delete(reader);
      case "logs":
        return this.#logs.delete(reader);
      case "receipts":
        return this.#receipts.delete(reader);
      case "pending":
        return this.#pending.delete(reader);
    }
  }

  /** Tells a whole event. */
  deliver(event: ChainEvent): void {
    const told = this.tell(event);
    while (!told.next().done);
  }

  /**
   * Tells an event bit by bit; yields how much JSON each bit handed to readers, in UTF-16 units. Logs and receipts of a
   * block are looked at only when somebody wants them, because a chain may encode them when they are.
   */
  *tell(event: ChainEvent): Generator<number, void> {
    switch (event.kind) {
      case "pending":
        for (const reader of this.#pending) reader.tell(event.transaction);
        return;
      case "block":
        yield this.#tellHeader(event.block);
        yield* this.#tellLogs(event.block);
        this.#receipts.deliver(event.block);
        return;
      case "removed":
        yield* this.#tellRemovals(event.block);
        return;
    }
  }

  #tellHeader(block: BlockEvent): number {
    if (this.#heads.size === 0) return 0;
    for (const reader of this.#heads) reader.tell(block);
    return this.#heads.size * block.header.text.length;
  }

  *#tellLogs(block: BlockEvent): Generator<number, void> {
    if (this.#logs.size === 0) return;
    for (const log of block.logs) {
      let units = 0;
      this.#logs.visit(log, (reader) => {
        if (!inRange(reader, block.number)) return;
        units += log.json.text.length;
        reader.tell(log.json);
      });
      yield units;
    }
  }

  *#tellRemovals(block: BlockEvent): Generator<number, void> {
    if (this.#logs.size === 0) return;
    for (const log of block.logs.toReversed()) {
      let units = 0;
      this.#logs.visit(log, (reader) => {
        if (reader.floor >= block.number || !inRange(reader, block.number)) return;
        units += log.removedJson.text.length;
        reader.tell(log.removedJson);
      });
      yield units;
    }
    for (const reader of this.#logs) if (reader.floor >= block.number) reader.floor = block.number - 1n;
  }
}

function inRange(reader: LogReader, number: bigint): boolean {
  return (reader.fromBlock === null || reader.fromBlock <= number) &&
    (reader.toBlock === null || reader.toBlock >= number);
}
