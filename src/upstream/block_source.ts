import type { Hash } from "../eth/types.ts";
import type { BlockEvent, LogEvent, ReceiptEvent } from "../events/types.ts";
import { quantity } from "../primitives/hex.ts";
import { RawJson } from "../rpc/raw_json.ts";
import { UpstreamFailure } from "./failure.ts";
import { isHeader, readHeader, type UpstreamHeader } from "./head.ts";
import { MalformedJson } from "./json_spans.ts";
import type { CallLimits } from "./session.ts";

/** The part of an upstream that is needed to read blocks. */
export interface Asked {
  /** `isValid` returns false for an answer that cannot be true; where several upstreams can be asked, the next one is. */
  call(
    method: string,
    params: string,
    limits: CallLimits & { readonly isValid?: (answer: RawJson) => boolean },
  ): Promise<RawJson>;
}

/** Reads whole blocks of one upstream, as events. Its methods reject with UpstreamFailure when a necessary part is missing. */
export class BlockSource {
  readonly #upstream: Asked;
  readonly #limits: CallLimits;

  constructor(upstream: Asked, limits: CallLimits) {
    this.#upstream = upstream;
    this.#limits = limits;
  }

  async header(hash: Hash): Promise<UpstreamHeader> {
    const header = await this.find(hash);
    if (header === null) throw lacking(`block ${hash}`);
    return header;
  }

  /** Returns the header with a hash; null when the upstream does not have it. */
  async find(hash: Hash): Promise<UpstreamHeader | null> {
    return await this.#header({ method: "eth_getBlockByHash", asked: hash }, (header) => header.hash === hash);
  }

  /** Returns true when a block is on the canonical chain of the upstream. */
  async isCanonical(hash: Hash): Promise<boolean> {
    const header = await this.find(hash);
    return header !== null && (await this.headerAt(header.number))?.hash === hash;
  }

  /** Returns the canonical headers from `from` to `to`, both included, with one request. */
  async headers(from: bigint, to: bigint): Promise<UpstreamHeader[]> {
    const numbers = Array.from({ length: Number(to - from) + 1 }, (_, index) => from + BigInt(index));
    return await Promise.all(numbers.map(async (number) => {
      const header = await this.headerAt(number);
      if (header === null) throw lacking(`block ${number}`);
      return header;
    }));
  }

  /** Returns the canonical header with a number; null when the upstream has none. */
  async headerAt(number: bigint): Promise<UpstreamHeader | null> {
    const asked = quantity(number);
    return await this.#header({ method: "eth_getBlockByNumber", asked }, (header) => header.number === number);
  }

  /** A block with its receipts and logs; `needless` skips asking for receipts that nobody reads of a block without logs. */
  async event(header: UpstreamHeader, needless = false): Promise<BlockEvent> {
    if (needless && header.hasNoLogs) return { ...positionOf(header), logs: [], receipts: null };
    const json = await this.#upstream.call("eth_getBlockReceipts", `["${header.hash}"]`, {
      ...this.#limits,
      isValid: ({ text }) => text.startsWith("["),
    });
    const receipts = json.decode();
    if (!Array.isArray(receipts)) throw lacking(`the receipts of block ${header.hash}`);
    return eventOf(header, receipts);
  }

  async #header(
    { method, asked }: { readonly method: string; readonly asked: string },
    isAsked: (header: UpstreamHeader) => boolean,
  ): Promise<UpstreamHeader | null> {
    const isValid = (json: RawJson) => json.text === "null" || isHeader(json, isAsked);
    const json = await this.#upstream.call(method, `["${asked}",false]`, { ...this.#limits, isValid });
    if (json.text === "null") return null;
    const header = readHeader(json);
    if (!isAsked(header)) throw new MalformedJson(`asked for block ${asked}, got another`);
    return header;
  }
}

function lacking(what: string): UpstreamFailure {
  return new UpstreamFailure("malformed", `it announced a block and does not have ${what}`);
}

/** The fields of a log that are read; the rest is only passed on. */
interface WireLog {
  readonly address: Hash;
  readonly topics: readonly Hash[];
  readonly blockHash: Hash;
}

interface WireReceipt {
  readonly transactionHash: Hash;
  readonly blockHash: Hash;
  readonly logs: readonly WireLog[];
}

/** Makes an event of a header and its decoded receipts. Throws MalformedJson when they are not of one block. */
function eventOf(header: UpstreamHeader, receipts: readonly WireReceipt[]): BlockEvent {
  const logs = receipts.flatMap(({ logs }) => logs);
  const isOfOtherBlock = [...receipts, ...logs].some(({ blockHash }) => blockHash?.toLowerCase() !== header.hash);
  if (isOfOtherBlock || (header.hasNoLogs && logs.length > 0)) {
    throw new MalformedJson(`the receipts of block ${header.hash} are of another block`);
  }
  return {
    ...positionOf(header),
    logs: logs.map(logEvent),
    receipts: receipts.map((receipt): ReceiptEvent => ({
      transactionHash: receipt.transactionHash,
      json: RawJson.of(receipt),
    })),
  };
}

function positionOf({ number, hash, parentHash, json }: UpstreamHeader): Omit<BlockEvent, "logs" | "receipts"> {
  return { number, hash, parentHash, header: json };
}

function logEvent(log: WireLog): LogEvent {
  return { address: log.address.toLowerCase() as Hash, topics: log.topics, json: RawJson.of(log) };
}
