import { RpcError } from "../rpc/error.ts";
import { RawJson } from "../rpc/raw_json.ts";

/** Asks for the logs of a range of blocks, both ends included. */
export type AskRange = (from: bigint, to: bigint) => Promise<RawJson>;

/** The number of parts of one query that are requested at once. */
const PARALLEL = 4;
/** The most parts into which a query is cut. */
const MAX_PARTS = 2_000;

/** Match the texts by which providers refuse a range or a result as too large; their codes have other meanings as well. */
const TOO_LARGE =
  /block range|range .*(large|exceed|limit)|max(imum)? .*range|more than \d+ (results|logs|blocks)|too many (results|logs|blocks)|exceeds? (max|the)|query (returned|timeout)|response size|limited to/i;
/** `Try with this block range [0x1, 0x2]`, `retry with the range 1-2`. */
const SUGGESTED = /range\s*\[?\s*(0x[0-9a-f]+|\d+)\s*(?:,|-|to)\s*(0x[0-9a-f]+|\d+)/i;
/** `limited to a 10,000 range`, `up to a 2K block range`, `maximum is set to 500`. */
const STATED =
  /(?:limited to|up to|maximum is set to|max(?:imum)?(?: block)? range(?: is)?|limit is)\D{0,12}([\d,]+)\s*(k\b)?/i;

/** Answers a log query over any range in parts that the upstream accepts; it learns the upstream's limit and keeps to it. */
export class LogSplitter {
  /** The most blocks of one query; unknown before a refusal. */
  #span: bigint | null = null;

  /** The limit that was learnt, for the pages. */
  get span(): bigint | null {
    return this.#span;
  }

  async ask(from: bigint, to: bigint, ask: AskRange): Promise<RawJson> {
    const parts = await this.#parts(from, to, ask);
    const inner = parts.map(({ text }) => text.trim().slice(1, -1).trim()).filter((text) => text !== "");
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : new RawJson(`[${inner.join(",")}]`);
  }

  async #parts(from: bigint, to: bigint, ask: AskRange): Promise<RawJson[]> {
    const ranges = this.#cut(from, to);
    if (ranges.length > MAX_PARTS) {
      throw new RpcError(-32005, `the range of ${to - from + 1n} blocks needs ${ranges.length} questions upstream`, {
        data: { limit: MAX_PARTS, value: ranges.length },
      });
    }
    const results: RawJson[][] = [];
    for (let at = 0; at < ranges.length; at += PARALLEL) {
      const asked = ranges.slice(at, at + PARALLEL).map(([low, high]) => this.#one(low, high, ask));
      results.push(...await Promise.all(asked));
    }
    return results.flat();
  }

  async #one(from: bigint, to: bigint, ask: AskRange): Promise<RawJson[]> {
    try {
      return [await ask(from, to)];
    } catch (error) {
      if (!(error instanceof RpcError) || from === to || !TOO_LARGE.test(error.message)) throw error;
      const { middle, isRule } = splitAt(error.message, from, to);
      // A limit on the range holds for every query; one on the results only for this one.
      if (isRule) this.#span = middle - from + 1n;
      return [...await this.#parts(from, middle, ask), ...await this.#parts(middle + 1n, to, ask)];
    }
  }

  #cut(from: bigint, to: bigint): [bigint, bigint][] {
    const span = this.#span ?? to - from + 1n;
    const ranges: [bigint, bigint][] = [];
    for (let low = from; low <= to && ranges.length <= MAX_PARTS; low += span) {
      ranges.push([low, low + span - 1n < to ? low + span - 1n : to]);
    }
    return ranges;
  }
}

/** Returns the last block of the first part. */
function splitAt(message: string, from: bigint, to: bigint): { middle: bigint; isRule: boolean } {
  const suggested = SUGGESTED.exec(message)?.[2];
  if (suggested !== undefined && BigInt(suggested) >= from && BigInt(suggested) < to) {
    return { middle: BigInt(suggested), isRule: false };
  }
  const [, digits, kilo] = STATED.exec(message) ?? [];
  const stated = digits === undefined ? 0n : BigInt(digits.replaceAll(",", "")) * (kilo === undefined ? 1n : 1000n);
  if (stated > 0n && stated <= to - from && !/\b(results|logs)\b/i.test(message)) {
    return { middle: from + stated - 1n, isRule: true };
  }
  return { middle: from + (to - from) / 2n, isRule: false };
}
