import type { BlockRef, LogQuery } from "../../eth/types.ts";
import type { BlockEvent, LogEvent } from "../../events/types.ts";
import { quantity } from "../../primitives/hex.ts";
import { invalidParams } from "../../rpc/error.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import type { Gateway } from "../gateway.ts";
import type { LogSplitter } from "../log_split.ts";

/** Reads logs of any range: of the newest blocks from the gateway itself, of older ones from upstreams, in one list. */
export class UpstreamLogs {
  readonly #gateway: Gateway;
  readonly #splitter: LogSplitter;

  constructor(gateway: Gateway, splitter: LogSplitter) {
    this.#gateway = gateway;
    this.#splitter = splitter;
  }

  async logs(query: LogQuery, signal?: AbortSignal): Promise<RawJson> {
    if (query.blockHash !== undefined) return await this.#ofBlock(query, signal);
    const head = await this.#gateway.head();
    const from = await this.#bound(query.fromBlock, head.number);
    const to = await this.#bound(query.toBlock, head.number);
    if (from > to) throw invalidParams("invalid block range params");
    if (to > head.number) throw invalidParams("block range extends beyond current head block");
    const kept = this.#keptFrom(from, to);
    // The older part must be of the branch that the kept blocks are on, which an upstream may not be.
    const joint = kept.blocks[0]?.parentHash;
    const older = kept.from > from
      ? await this.#splitter.ask(from, kept.from - 1n, (low, high) => {
        const at = joint !== undefined && high === kept.from - 1n
          ? { hash: joint, requireCanonical: false }
          : { number: high };
        return this.#ask(query, { low, high, at, signal });
      })
      : null;
    const own = kept.blocks.flatMap(({ logs }) => (logs ?? []).filter((log) => matches(log, query)));
    return joined(older, own);
  }

  async #ofBlock(query: LogQuery, signal: AbortSignal | undefined): Promise<RawJson> {
    const { blockHash = "0x" } = query;
    const kept = this.#gateway.ring.canonical(blockHash)?.logs ?? null;
    if (kept !== null) return joined(null, kept.filter((log) => matches(log, query)));
    const params = [{ ...criteria(query), blockHash }];
    const at = { hash: blockHash, requireCanonical: false };
    return await this.#gateway.read(at, () => ({ method: "eth_getLogs", params }), { signal });
  }

  /** Returns the upper part of a range whose logs are here, down to the first block that is missing. */
  #keptFrom(from: bigint, to: bigint): { readonly from: bigint; readonly blocks: readonly BlockEvent[] } {
    const blocks: BlockEvent[] = [];
    let lowest = to + 1n;
    while (lowest > from) {
      const block = this.#gateway.ring.at(lowest - 1n);
      if (block === null || block.logs === null) break;
      blocks.unshift(block);
      lowest = block.number;
    }
    return { from: lowest, blocks };
  }

  async #ask(
    query: LogQuery,
    { low, high, at, signal }: { low: bigint; high: bigint; at: BlockRef; signal: AbortSignal | undefined },
  ): Promise<RawJson> {
    const params = [{ ...criteria(query), fromBlock: quantity(low), toBlock: quantity(high) }];
    return await this.#gateway.read(at, () => ({ method: "eth_getLogs", params }), { signal });
  }

  async #bound(ref: BlockRef | undefined, head: bigint): Promise<bigint> {
    if (ref === undefined) return head;
    if ("number" in ref) return ref.number;
    if ("tag" in ref && ref.tag === "latest") return head;
    if ("tag" in ref && ref.tag === "pending") throw invalidParams("pending logs are not supported");
    return await this.#gateway.numberOf(ref) ?? head;
  }
}

function criteria({ addresses, topics }: LogQuery): Record<string, unknown> {
  return { ...addresses.length === 0 ? {} : { address: addresses }, ...topics.length === 0 ? {} : { topics } };
}

/** As geth's filterLogs (eth/filters/filter.go). */
function matches(log: LogEvent, { addresses, topics }: LogQuery): boolean {
  if (addresses.length > 0 && !addresses.includes(log.address)) return false;
  if (topics.length > log.topics.length) return false;
  return topics.every((wanted, index) =>
    wanted === null || wanted.length === 0 || wanted.includes(log.topics[index] ?? "0x")
  );
}

function joined(older: RawJson | null, own: readonly LogEvent[]): RawJson {
  const inner = older?.text.trim().slice(1, -1).trim() ?? "";
  const texts = own.map(({ json }) => json.text);
  return new RawJson(`[${(inner === "" ? texts : [inner, ...texts]).join(",")}]`);
}
