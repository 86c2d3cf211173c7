import type { BlockRef, LogQuery } from "../../../eth/types.ts";
import type { LogLimits } from "../../../node/blocks.ts";
import { serverError } from "../../../rpc/error.ts";
import { RawJson } from "../../../rpc/raw_json.ts";
import { bloomOf } from "../../../primitives/bloom.ts";
import type { BlockRecord } from "../../store/block_record.ts";
import type { ChainCore } from "../../core/core.ts";
import { Mutex } from "../../../concurrency/mutex.ts";
import type { Release } from "../../../concurrency/semaphore.ts";
import { Pacer } from "../../../concurrency/pacer.ts";
import { matches } from "../../store/block_log_index.ts";
import type { BlockSpan } from "../../store/block_store.ts";
import { LogCollector } from "./log_collector.ts";
import { checkLogCriteria, logRange } from "./log_range.ts";

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
    checkLogCriteria(query, limits);
    if (query.blockHash !== undefined) {
      const record = this.#core.blocks.of(query.blockHash);
      if (record === null) throw serverError("unknown block");
      return await this.#collect(query, { records: [record], signal });
    }
    const { from, to } = logRange(query, {
      limits,
      head: this.#core.blocks.head.number,
      numberOf: (at) => this.#number(at),
    });
    return await this.#collect(query, {
      records: this.#records(query, { from, to }),
      signal,
    });
  }

  #number(at: BlockRef): bigint {
    if ("number" in at) return at.number;
    const record = this.#core.find(at);
    if (record === null) throw serverError("header not found");
    return record.number;
  }

  /** Yields the blocks of a range that may have matching logs; undefined for a block that is skipped. */
  *#records(query: LogQuery, span: BlockSpan): Generator<BlockRecord | undefined> {
    const { blocks } = this.#core;
    const needed = bloomBits(query);
    const candidate = ({ header }: BlockRecord) => header.gasUsed > 0n && mayHold(header.logsBloom, needed);
    const found = blocks.withLogs(query, span);
    for (const record of found ?? []) yield record !== undefined && candidate(record) ? record : undefined;
    if (found !== null) return;
    for (const segment of blocks.segmentsFrom(span.from)) {
      if ("last" in segment) continue;
      if (segment.number > span.to) return;
      yield candidate(segment) ? segment : undefined;
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
