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
 * Readers that stand at one position of the stream and are told of its next event together. An event is told in
 * units, in the one order that every connection sees: header, each log by index, receipts; of an abandoned block its
 * logs, last first. A long replay pauses between units.
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

  /** Tells one whole event. */
  deliver(event: ChainEvent): void {
    const units = this.units(event);
    for (let unit = 0; unit < units; unit++) this.deliverUnit(event, unit);
  }

  /** How many units {@link deliverUnit} splits the event into. */
  units(event: ChainEvent): number {
    switch (event.kind) {
      case "pending":
        return 1;
      case "removed":
        return event.block.logs.length + 1;
      case "block":
        return event.block.logs.length + 2;
    }
  }

  /** Tells one unit; answers how many characters of JSON were handed to readers. */
  deliverUnit(event: ChainEvent, unit: number): number {
    switch (event.kind) {
      case "pending":
        for (const reader of this.#pending) reader.tell(event.transaction);
        return 0;
      case "removed":
        return this.#deliverRemoved(event.block, unit);
      case "block":
        return this.#deliverBlock(event.block, unit);
    }
  }

  #deliverBlock(block: BlockEvent, unit: number): number {
    if (unit === 0) {
      for (const reader of this.#heads) reader.tell(block);
      return this.#heads.size === 0 ? 0 : this.#heads.size * block.header.text.length;
    }
    const log = block.logs[unit - 1];
    if (log === undefined) {
      this.#receipts.deliver(block);
      return 0;
    }
    let characters = 0;
    this.#logs.visit(log, (reader) => {
      if (!inRange(reader, block.number)) return;
      characters += log.json.text.length;
      reader.tell(log.json);
    });
    return characters;
  }

  #deliverRemoved(block: BlockEvent, unit: number): number {
    const log = block.logs[block.logs.length - 1 - unit];
    if (log === undefined) {
      for (const reader of this.#logs) if (reader.floor >= block.number) reader.floor = block.number - 1n;
      return 0;
    }
    let characters = 0;
    this.#logs.visit(log, (reader) => {
      if (reader.floor >= block.number || !inRange(reader, block.number)) return;
      characters += log.removedJson.text.length;
      reader.tell(log.removedJson);
    });
    return characters;
  }
}

function inRange(reader: LogReader, number: bigint): boolean {
  return (reader.fromBlock === null || reader.fromBlock <= number) &&
    (reader.toBlock === null || reader.toBlock >= number);
}
