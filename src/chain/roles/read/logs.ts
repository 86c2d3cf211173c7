import type { BlockRef, LogQuery } from "../../../eth/types.ts";
import type { LogLimits } from "../../../node/blocks.ts";
import { invalidParams, serverError } from "../../../rpc/error.ts";
import { RawJson } from "../../../rpc/raw_json.ts";
import { isPending } from "./blocks.ts";
import { bloomOf } from "../../../primitives/bloom.ts";
import type { BlockRecord } from "../../store/block_record.ts";
import type { ChainCore } from "../../core/core.ts";
import { Mutex } from "../../../concurrency/mutex.ts";
import type { Release } from "../../../concurrency/semaphore.ts";
import { Pacer } from "../../../concurrency/pacer.ts";
import { matches } from "../../store/block_log_index.ts";
import { LogCollector } from "./log_collector.ts";

/** geth's maxTopics. */
const MAX_TOPICS = 4;

/** Searches the logs of the canonical chain (geth's eth/filters). */
export class LogReader {
  readonly #core: ChainCore;
  /** Large answers are collected one after the other, because together they would take too much memory. */
  readonly #large = new Mutex();

  constructor(core: ChainCore) {
    this.#core = core;
  }

  /** The search ends when nobody waits for it any more. */
  async logs(query: LogQuery, limits: LogLimits, signal?: AbortSignal): Promise<RawJson> {
    checkCriteria(query, limits);
    if (query.blockHash !== undefined) {
      if (query.fromBlock !== undefined || query.toBlock !== undefined) {
        throw invalidParams("can't specify fromBlock/toBlock with blockHash");
      }
      const record = this.#core.blocks.of(query.blockHash);
      if (record === null) throw serverError("unknown block");
      return await this.#collect(query, { records: [record], signal });
    }
    const { from, to } = this.#range(query, limits);
    return await this.#collect(query, {
      records: this.#records(query, { from: Number(from), to: Number(to) }),
      signal,
    });
  }

  #range(query: LogQuery, limits: LogLimits): { readonly from: bigint; readonly to: bigint } {
    const { fromBlock = { tag: "latest" }, toBlock = { tag: "latest" } } = query;
    if ("number" in fromBlock && "number" in toBlock && fromBlock.number > toBlock.number) {
      throw invalidParams("invalid block range params");
    }
    if (isPending(fromBlock) || isPending(toBlock)) throw invalidParams("pending logs are not supported");
    // To geth the head is above every number (filter.go, resolveSpecial), so a range from the head can only end at the head.
    if (isLatest(fromBlock) && !isLatest(toBlock)) throw invalidParams("invalid block range params");
    const [from, to] = [this.#number(fromBlock), this.#number(toBlock)];
    const head = this.#core.blocks.head.number;
    if (from > to) throw invalidParams("invalid block range params");
    if (to > head) throw invalidParams("block range extends beyond current head block");
    if (limits.maxBlockRange > 0 && to - from > BigInt(limits.maxBlockRange)) {
      throw invalidParams(`exceed maximum block range ${limits.maxBlockRange}`);
    }
    return { from, to };
  }

  #number(at: BlockRef): bigint {
    if ("number" in at) return at.number;
    const record = this.#core.find(at);
    if (record === null) throw serverError("header not found");
    return record.number;
  }

  /** Yields the blocks of a range that may have matching logs; undefined for a block that is skipped. */
  *#records(
    query: LogQuery,
    range: { readonly from: number; readonly to: number },
  ): Generator<BlockRecord | undefined> {
    const { blocks } = this.#core;
    const needed = bloomBits(query);
    const candidate = (record: BlockRecord | null) =>
      record !== null && record.header.gasUsed > 0n && mayHold(record.header.logsBloom, needed) ? record : undefined;
    const numbers = blocks.logs.candidates(query, range);
    for (const number of numbers ?? []) yield candidate(blocks.at(BigInt(number)));
    if (numbers !== null) return;
    for (const segment of blocks.segmentsFrom(BigInt(range.from))) {
      if ("last" in segment) continue;
      if (segment.number > range.to) return;
      yield candidate(segment);
    }
  }

  async #collect(
    query: LogQuery,
    { records, signal }: { records: Iterable<BlockRecord | undefined>; signal: AbortSignal | undefined },
  ): Promise<RawJson> {
    const pacer = new Pacer({ signal });
    const found = new LogCollector();
    let release: Release | undefined;
    try {
      for (const record of records) {
        for (const log of record === undefined ? [] : this.#core.encoded.of(record).logs()) {
          if (!matches(query, log)) continue;
          found.add(log.json.text);
          if (found.isLarge) release ??= await this.#large.acquire(signal);
          if (pacer.isDue) await pacer.pause();
        }
        await pacer.breathe();
      }
      return new RawJson(found.text());
    } catch (cause) {
      throw signal?.aborted === true ? serverError("log query aborted", { cause }) : cause;
    } finally {
      release?.();
    }
  }
}

function isLatest(at: BlockRef): boolean {
  return "tag" in at && at.tag === "latest";
}

function checkCriteria(query: LogQuery, { maxAlternatives }: LogLimits): void {
  if (query.topics.length > MAX_TOPICS) throw serverError("exceed max topics");
  if (maxAlternatives === 0) return;
  const positions = [query.addresses, ...query.topics.map((topic) => topic ?? [])];
  if (positions.some((alternatives) => alternatives.length > maxAlternatives)) {
    throw serverError("exceed max addresses or topics per search position");
  }
}

/** Returns, for each topic position with one wanted value, the bits that a block's bloom must have. */
function bloomBits(query: LogQuery): readonly (readonly [number, number])[] {
  const bits: (readonly [number, number])[] = [];
  for (const wanted of query.topics) {
    const [topic] = wanted ?? [];
    if (topic === undefined || wanted?.length !== 1) continue;
    bloomOf([{ address: topic, topics: [], data: new Uint8Array() }]).forEach((byte, index) => {
      if (byte !== 0) bits.push([index, byte]);
    });
  }
  return bits;
}

function mayHold(bloom: string, needed: readonly (readonly [number, number])[]): boolean {
  return needed.every(([index, byte]) => {
    const at = 2 + index * 2;
    return (parseInt(bloom.slice(at, at + 2), 16) & byte) === byte;
  });
}
