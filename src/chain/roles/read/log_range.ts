import type { BlockRef, LogQuery } from "../../../eth/types.ts";
import type { LogLimits } from "../../../node/blocks.ts";
import { invalidParams, serverError } from "../../../rpc/error.ts";
import { isPending } from "./blocks.ts";

/** geth's maxTopics. */
const MAX_TOPICS = 4;

/** Both ends are part of it. */
export interface LogRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** Throws geth's error for a query that cannot be asked, whatever the chain is. */
export function checkLogCriteria(query: LogQuery, { maxAlternatives }: LogLimits): void {
  if (query.topics.length > MAX_TOPICS) throw serverError("exceed max topics");
  const positions = [query.addresses, ...query.topics.map((topic) => topic ?? [])];
  if (maxAlternatives > 0 && positions.some((alternatives) => alternatives.length > maxAlternatives)) {
    throw serverError("exceed max addresses or topics per search position");
  }
  if (query.blockHash !== undefined && (query.fromBlock !== undefined || query.toBlock !== undefined)) {
    throw invalidParams("can't specify fromBlock/toBlock with blockHash");
  }
}

/** Returns the blocks of a query without a block hash; throws geth's error where they are no range of this chain. */
export function logRange(
  { fromBlock = { tag: "latest" }, toBlock = { tag: "latest" } }: LogQuery,
  { limits, head, numberOf }: {
    readonly limits: LogLimits;
    readonly head: bigint;
    readonly numberOf: (at: BlockRef) => bigint;
  },
): LogRange {
  if ("number" in fromBlock && "number" in toBlock && fromBlock.number > toBlock.number) {
    throw invalidParams("invalid block range params");
  }
  if (isPending(fromBlock) || isPending(toBlock)) throw invalidParams("pending logs are not supported");
  // To geth the head is above every number (filter.go, resolveSpecial), so a range from the head can only end at the head.
  if (isLatest(fromBlock) && !isLatest(toBlock)) throw invalidParams("invalid block range params");
  const [from, to] = [numberOf(fromBlock), numberOf(toBlock)];
  if (from > to) throw invalidParams("invalid block range params");
  if (to > head) throw invalidParams("block range extends beyond current head block");
  if (limits.maxBlockRange > 0 && to - from > BigInt(limits.maxBlockRange)) {
    throw invalidParams(`exceed maximum block range ${limits.maxBlockRange}`);
  }
  return { from, to };
}

function isLatest(at: BlockRef): boolean {
  return "tag" in at && at.tag === "latest";
}
