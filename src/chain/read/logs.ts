import type { BlockRef, LogQuery } from "../../eth/types.ts";
import type { LogLimits } from "../../node/node.ts";
import { invalidParams, serverError } from "../../rpc/error.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import { isPending } from "../block_finder.ts";
import { bloomOf } from "../bloom.ts";
import type { ChainCore } from "../core.ts";
import { Pacer } from "../evm/pacer.ts";
import { matches } from "../log_index.ts";

/** geth's maxTopics. */
const MAX_TOPICS = 4;

/** Searches the logs of the canonical chain (geth's eth/filters). */
export class LogReader {
  readonly #core: ChainCore;

  constructor(core: ChainCore) {
    this.#core = core;
  }

  async logs(query: LogQuery, limits: LogLimits): Promise<RawJson> {
    checkCriteria(query, limits);
    if (query.blockHash !== undefined) {
      if (query.fromBlock !== undefined || query.toBlock !== undefined) {
        throw invalidParams("can't specify fromBlock/toBlock with blockHash");
      }
      const record = this.#core.store.of(query.blockHash);
      if (record === null) throw serverError("unknown block");
      const found = this.#core.wires.of(record).logs().filter((log) => matches(query, log));
      return RawJson.array(found.map((log) => log.json));
    }
    const { from, to } = this.#range(query, limits);
    return await this.#search(query, { from: Number(from), to: Number(to) });
  }

  #range(query: LogQuery, limits: LogLimits): { readonly from: bigint; readonly to: bigint } {
    const { fromBlock = { tag: "latest" }, toBlock = { tag: "latest" } } = query;
    if ("number" in fromBlock && "number" in toBlock && fromBlock.number > toBlock.number) {
      throw invalidParams("invalid block range params");
    }
    if (isPending(fromBlock) || isPending(toBlock)) throw invalidParams("pending logs are not supported");
    const [from, to] = [this.#number(fromBlock), this.#number(toBlock)];
    const head = this.#core.store.head.number;
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

  async #search(query: LogQuery, range: { readonly from: number; readonly to: number }): Promise<RawJson> {
    const { store, wires } = this.#core;
    const numbers = store.logs.candidates(query, range);
    const needed = bloomBits(query);
    const found: string[] = [];
    const pacer = new Pacer({});
    const count = numbers === null ? range.to - range.from + 1 : numbers.length;
    for (let index = 0; index < count; index++) {
      const record = store.at(BigInt(numbers === null ? range.from + index : numbers[index] ?? -1));
      if (record !== null && record.header.gasUsed > 0n && mayHold(record.header.logsBloom, needed)) {
        for (const log of wires.of(record).logs()) if (matches(query, log)) found.push(log.json.text);
      }
      await pacer.breathe();
    }
    return new RawJson(`[${found.join(",")}]`);
  }
}

function checkCriteria(query: LogQuery, { maxAlternatives }: LogLimits): void {
  if (query.topics.length > MAX_TOPICS) throw serverError("exceed max topics");
  if (maxAlternatives === 0) return;
  const positions = [query.addresses, ...query.topics.map((topic) => topic ?? [])];
  if (positions.some((alternatives) => alternatives.length > maxAlternatives)) {
    throw serverError("exceed max addresses or topics per search position");
  }
}

/** For each topic position that has one wanted value only: the bits that a block's bloom must have. */
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
