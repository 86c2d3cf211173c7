import { checkLogCriteria, logRange } from "../../chain/mod.ts";
import type { BlockRef, LogQuery } from "../../eth/types.ts";
import type { LogLimits } from "../../node/mod.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import type { Sides } from "../sides.ts";

/**
 * Answers eth_getLogs. A query over the forked block is two: up to that block the other chain is asked, above it the local
 * one, and the answers make one list in the order of the blocks.
 */
export async function logs(
  sides: Sides,
  query: LogQuery,
  { limits, signal }: { readonly limits: LogLimits; readonly signal: AbortSignal | undefined },
): Promise<RawJson> {
  const { local, past } = sides;
  if (past === null) return await local.blocks.logs(query, limits, signal);
  checkLogCriteria(query, limits);
  const { fromBlock, toBlock, blockHash, ...criteria } = query;
  if (blockHash !== undefined) {
    const below = await sides.ofBlock({ hash: blockHash, requireCanonical: false });
    return await (below?.remote ?? local).blocks.logs(query, limits, signal);
  }
  const [first, last] = await Promise.all([settled(sides, fromBlock), settled(sides, toBlock)]);
  const head = local.events.headNumber();
  const { from, to } = logRange({ ...criteria, ...first && { fromBlock: first }, ...last && { toBlock: last } }, {
    limits,
    head,
    numberOf: (at) => "number" in at ? at.number : head,
  });
  const { block, remote } = past;
  const ask = (of: typeof local.blocks, low: bigint, high: bigint) =>
    of.logs({ ...criteria, fromBlock: { number: low }, toBlock: { number: high } }, limits, signal);
  const old = from > block.number ? null : await ask(remote.blocks, from, to < block.number ? to : block.number);
  const own = to <= block.number ? null : await ask(local.blocks, from > block.number ? from : block.number + 1n, to);
  return joined(old, own);
}

/** Gives a tag its number, except for those that the rules of a range treat as tags. */
async function settled(sides: Sides, at: BlockRef | undefined): Promise<BlockRef | undefined> {
  if (at === undefined || !("tag" in at) || at.tag === "latest" || at.tag === "pending") return at;
  const number = await sides.numberOf(at);
  return number === null ? at : { number };
}

/** Joins two encoded lists without decoding them. */
function joined(first: RawJson | null, second: RawJson | null): RawJson {
  if (first === null || second === null) return first ?? second ?? RawJson.array([]);
  const inner = [first, second].map(({ text }) => text.trim().slice(1, -1).trim()).filter((text) => text !== "");
  return new RawJson(`[${inner.join(",")}]`);
}
