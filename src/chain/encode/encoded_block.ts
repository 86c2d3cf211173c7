import type { LogEvent, ReceiptEvent } from "../../events/mod.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import { encodeBlock } from "../store/block_codec.ts";
import type { BlockRecord } from "../store/block_record.ts";
import { headerHash } from "../../primitives/header.ts";
import { blockJson, newHeadJson } from "./header.ts";
import { type BlockPosition, logJson, receiptJson } from "./receipt.ts";
import { transactionJson } from "../../eth/output/transaction_json.ts";

/** The encoded forms of one block, each encoded when it is first needed. */
export class EncodedBlock {
  readonly #record: BlockRecord;
  readonly #at: BlockPosition;
  readonly #pending: boolean;
  readonly #grow: (bytes: number) => void;
  #header: RawJson | null = null;
  #newHead: RawJson | null = null;
  #block: RawJson | null = null;
  #full: RawJson | null = null;
  #transactions: readonly RawJson[] | null = null;
  #logs: readonly LogEvent[] | null = null;
  #receipts: readonly RawJson[] | null = null;

  constructor(
    record: BlockRecord,
    options: {
      readonly blobGasPrice: bigint | undefined;
      readonly pending: boolean;
      /** Called with the size of the kept text. */
      readonly grow: (bytes: number) => void;
    },
  ) {
    const { header, hash } = record;
    this.#record = record;
    this.#pending = options.pending;
    this.#grow = options.grow;
    this.#at = { hash, number: header.number, timestamp: header.timestamp, blobGasPrice: options.blobGasPrice };
  }

  header(): RawJson {
    return this.#header ??= this.#keep(blockJson(this.#record.header, this.#record.hash, { pending: this.#pending }));
  }

  /** The header as newHeads sends it. */
  newHead(): RawJson {
    return this.#newHead ??= this.#keep(newHeadJson(this.#record.header, this.#record.hash));
  }

  block(full: boolean): RawJson {
    if (full) return this.#full ??= this.#keep(this.#encode(RawJson.array(this.transactions())));
    return this.#block ??= this.#keep(this.#encode(RawJson.of(this.#record.hashes)));
  }

  #encode(transactions: RawJson): RawJson {
    const { header, hash } = this.#record;
    const body = this.#record.body();
    const size = encodeBlock(header, body).length / 2;
    const parts = { size, transactions, uncles: body.uncles.map(headerHash), withdrawals: body.withdrawals };
    return blockJson(header, hash, { parts, pending: this.#pending });
  }

  transactions(): readonly RawJson[] {
    return this.#transactions ??= this.#keepAll(
      this.#record.body().transactions.map(({ transaction, hash, sender }, index) =>
        // geth's newRPCTransaction sets the block fields whenever it has a block hash, so the pending block's too.
        transactionJson(transaction, { hash, sender }, {
          blockHash: this.#at.hash,
          number: this.#at.number,
          timestamp: this.#at.timestamp,
          baseFee: this.#record.header.baseFeePerGas,
          index,
        })
      ),
    );
  }

  /** The logs in order, each with its place. */
  logs(): readonly LogEvent[] {
    if (this.#logs !== null) return this.#logs;
    const events: LogEvent[] = [];
    this.#record.receipts().forEach((receipt, transactionIndex) => {
      const transactionHash = this.#record.hashes[transactionIndex] ?? "0x";
      for (const log of receipt.logs) {
        const position = { block: this.#at, transactionHash, transactionIndex, logIndex: events.length };
        events.push({ address: log.address, topics: log.topics, json: logJson(log, position) });
      }
    });
    this.#keepAll(events.map((event) => event.json));
    return this.#logs = events;
  }

  receipts(): readonly RawJson[] {
    if (this.#receipts !== null) return this.#receipts;
    const logs = this.logs();
    let start = 0;
    const encoded = this.#record.receipts().map((receipt, index) => {
      const own = logs.slice(start, start += receipt.logs.length).map((log) => log.json);
      const included = this.#record.body().transactions[index];
      if (included === undefined) throw new Error(`receipt ${index} has no transaction`);
      return receiptJson(receipt, { block: this.#at, included, index, logs: own });
    });
    return this.#receipts = this.#keepAll(encoded);
  }

  /** The receipts, each with the hash of its transaction. */
  receiptEvents(): readonly ReceiptEvent[] {
    return this.receipts().map((json, index) => ({ transactionHash: this.#record.hashes[index] ?? "0x", json }));
  }

  #keep(json: RawJson): RawJson {
    this.#grow(flatten(json.text) + ITEM_BYTES);
    return json;
  }

  #keepAll(items: readonly RawJson[]): readonly RawJson[] {
    this.#grow(items.reduce((sum, { text }) => sum + flatten(text) + ITEM_BYTES, 0));
    return items;
  }
}

/** The bytes that an encoded item takes on top of its characters: the objects that hold it (a log, measured). */
const ITEM_BYTES = 400;

/**
 * Makes one piece of a text that was put together of many, and returns its length. V8 keeps the pieces until someone
 * reads a character (measured: the transactions of a block then take three times the space that their length says).
 */
function flatten(text: string): number {
  text.charCodeAt(0);
  return text.length;
}
