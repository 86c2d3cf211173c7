import type { BlockRef, LogCriteria } from "../../eth/types.ts";
import { invalidParams, serverError } from "../../rpc/error.ts";

/** Bounds of live logs on the block number; null is unbounded. */
export interface LogRange {
  readonly fromBlock: bigint | null;
  readonly toBlock: bigint | null;
}

/** Refuses more alternatives than --rpc.logquerylimit admits; 0 is no limit (geth's errExceedLogQueryLimit). */
export function checkAlternatives(criteria: LogCriteria, limit: number): void {
  const lists = [criteria.addresses, ...criteria.topics.map((topic) => topic ?? [])];
  if (limit !== 0 && lists.some((list) => list.length > limit)) {
    throw serverError("exceed max addresses or topics per search position");
  }
}

/** Returns the bounds of a range of live logs: latest to latest, n to m, n to latest (eth/filters, SubscribeLogs). */
export function liveRange({ fromBlock, toBlock }: { fromBlock?: BlockRef; toBlock?: BlockRef }): LogRange {
  const from = bound(fromBlock);
  const to = bound(toBlock);
  if (from === "pending" || to === "pending") throw invalidParams("pending logs are not supported");
  if (from === "latest" && to === "latest") return { fromBlock: null, toBlock: null };
  if (typeof from === "bigint" && to === "latest") return { fromBlock: from, toBlock: null };
  if (typeof from === "bigint" && typeof to === "bigint" && from <= to) return { fromBlock: from, toBlock: to };
  throw invalidParams("invalid block range params");
}

// Only the lower bound `earliest` is a number to geth; as the upper bound it is refused, and so are the other tags.
function bound(ref: BlockRef | undefined): bigint | "latest" | "pending" | "other" {
  if (ref === undefined) return "latest";
  if ("number" in ref) return ref.number;
  if (!("tag" in ref)) return "other";
  if (ref.tag === "latest" || ref.tag === "pending") return ref.tag;
  return ref.tag === "earliest" ? 0n : "other";
}
