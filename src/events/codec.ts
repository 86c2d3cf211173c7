import { RawJson } from "../rpc/raw_json.ts";
import { ByteReader, ByteWriter, EventCodecError } from "./bytes.ts";
import type { BlockEvent, ChainEvent, LogEvent, PendingTransactionEvent, ReceiptEvent } from "./types.ts";

export { EventCodecError };

/** The version of the format, its first byte. A change that an old reader would misread has a new one. */
const VERSION = 1;

const KINDS = ["pending", "block", "removed"] as const;

/** Bits of the byte that says which parts of a transaction or block follow. */
const HAS_TRANSACTION = 1;
const HAS_HEADER = 1;
const HAS_LOGS = 2;
const HAS_RECEIPTS = 4;

const ADDRESS_BYTES = 20;
const HASH_BYTES = 32;
/** The LOG4 instruction has the most topics. */
const MAX_TOPICS = 4;

/**
 * Encodes an event. Integers are big-endian, a text is its length (4 bytes) and its UTF-8:
 *
 *     version (1), kind (1: 0 pending, 1 block, 2 removed), then
 *     pending: hash (32), parts (1: 1 transaction), and of these json
 *     block, removed: number (8), hash (32), parent hash (32), parts (1: 1 header, 2 logs, 4 receipts), then of these
 *       header: json
 *       logs: count (4), each: address (20), topics (1, then 32 each), json
 *       receipts: count (4), each: transaction hash (32), json
 *
 * @example
 * ```ts
 * const bytes = encodeEvent({ kind: "block", block });
 * const { block: same } = decodeEvent(bytes) as { block: BlockEvent };
 * ```
 */
export function encodeEvent(event: ChainEvent): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(VERSION);
  writer.byte(KINDS.indexOf(event.kind));
  if (event.kind === "pending") {
    const { hash, json } = event.transaction;
    writer.hex(hash, HASH_BYTES);
    writer.byte(bit(json, HAS_TRANSACTION));
    if (json !== null) writer.text(json.text);
  } else {
    writeBlock(writer, event.block);
  }
  return writer.bytes();
}

/** Decodes what {@link encodeEvent} made; throws an {@link EventCodecError} for anything else. */
export function decodeEvent(bytes: Uint8Array): ChainEvent {
  const reader = new ByteReader(bytes);
  const version = reader.byte("version");
  if (version !== VERSION) throw new EventCodecError(`version ${version} is unknown: this program reads ${VERSION}`);
  const kind = KINDS[reader.byte("kind")];
  if (kind === undefined) throw new EventCodecError(`kind ${bytes[1]} is unknown`);
  const event: ChainEvent = kind === "pending"
    ? { kind, transaction: readPending(reader) }
    : { kind, block: readBlock(reader) };
  reader.end();
  return event;
}

function writeBlock(writer: ByteWriter, { number, hash, parentHash, header, logs, receipts }: BlockEvent): void {
  writer.uint64(number);
  writer.hex(hash, HASH_BYTES);
  writer.hex(parentHash, HASH_BYTES);
  writer.byte(bit(header, HAS_HEADER) | bit(logs, HAS_LOGS) | bit(receipts, HAS_RECEIPTS));
  if (header !== null) writer.text(header.text);
  if (logs !== null) {
    writer.uint32(logs.length);
    for (const { address, topics, json } of logs) {
      writer.hex(address, ADDRESS_BYTES);
      writer.byte(topics.length);
      for (const topic of topics) writer.hex(topic, HASH_BYTES);
      writer.text(json.text);
    }
  }
  if (receipts === null) return;
  writer.uint32(receipts.length);
  for (const { transactionHash, json } of receipts) {
    writer.hex(transactionHash, HASH_BYTES);
    writer.text(json.text);
  }
}

function readPending(reader: ByteReader): PendingTransactionEvent {
  const hash = reader.hex("transaction hash", HASH_BYTES);
  const parts = readParts(reader, HAS_TRANSACTION);
  return { hash, json: parts & HAS_TRANSACTION ? new RawJson(reader.text("transaction")) : null };
}

function readBlock(reader: ByteReader): BlockEvent {
  const number = reader.uint64("block number");
  const hash = reader.hex("block hash", HASH_BYTES);
  const parentHash = reader.hex("parent hash", HASH_BYTES);
  const parts = readParts(reader, HAS_HEADER | HAS_LOGS | HAS_RECEIPTS);
  return {
    number,
    hash,
    parentHash,
    header: parts & HAS_HEADER ? new RawJson(reader.text("header")) : null,
    logs: parts & HAS_LOGS ? readList(reader, { of: "logs", read: readLog }) : null,
    receipts: parts & HAS_RECEIPTS ? readList(reader, { of: "receipts", read: readReceipt }) : null,
  };
}

function readParts(reader: ByteReader, known: number): number {
  const parts = reader.byte("parts");
  if ((parts & ~known) !== 0) throw new EventCodecError(`parts ${parts} are unknown`);
  return parts;
}

function readList<T>(reader: ByteReader, { of, read }: { of: string; read: (reader: ByteReader) => T }): readonly T[] {
  const count = reader.uint32(`number of ${of}`);
  const items: T[] = [];
  // The list grows with what is there, not with what the count promises.
  for (let index = 0; index < count; index++) items.push(read(reader));
  return items;
}

function readLog(reader: ByteReader): LogEvent {
  const address = reader.hex("log address", ADDRESS_BYTES);
  const count = reader.byte("number of topics");
  if (count > MAX_TOPICS) throw new EventCodecError(`${count} topics: a log has at most ${MAX_TOPICS}`);
  const topics = Array.from({ length: count }, () => reader.hex("topic", HASH_BYTES));
  return { address, topics, json: new RawJson(reader.text("log")) };
}

function readReceipt(reader: ByteReader): ReceiptEvent {
  const transactionHash = reader.hex("transaction hash", HASH_BYTES);
  return { transactionHash, json: new RawJson(reader.text("receipt")) };
}

function bit(part: unknown, value: number): number {
  return part === null ? 0 : value;
}
