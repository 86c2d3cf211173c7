import { blockNumber } from "../../eth/input/block_ref.ts";
import { logSubscriptionFields } from "../../eth/input/log_query.ts";
import { hash } from "../../eth/input/scalar.ts";
import { struct } from "../../eth/input/struct.ts";
import type { BlockRef, Hash, LogCriteria } from "../../eth/types.ts";
import type { ResumePoint } from "../../pubsub/mod.ts";
import { invalidParams } from "../../rpc/error.ts";
import { type Read, type Schema, ValueError } from "../../rpc/schema.ts";
import { described, mapped } from "../../rpc/schema_object.ts";
import { liveRange, type LogRange } from "./log_range.ts";

/** The filter of a subscription to `logs`: criteria, and either a range of live blocks or the point to resume from. */
export interface LogSubscriptionFilter extends LogCriteria {
  readonly blockHash?: Hash;
  readonly fromBlock?: BlockRef;
  readonly toBlock?: BlockRef;
  /** The first block of which the client has logs: no removal below it is sent. */
  readonly firstBlock?: bigint;
}

/** Reads the point from which a subscription to headers resumes. */
export const headResume: Schema<{ readonly fromBlock?: BlockRef; readonly blockHash?: Hash }> = described(
  struct({ fromBlock: blockNumber, blockHash: hash }, { type: "filters.Resume" }),
  { description: "The first block wanted, and the hash of the last block seen." },
);

/** Null takes every log, as in geth. */
export const logSubscriptionFilter: Schema<LogSubscriptionFilter> = mapped(logSubscriptionFields, toFilter);

function toFilter(fields: Read<typeof logSubscriptionFields>): LogSubscriptionFilter {
  const { address, topics, blockHash, fromBlock, toBlock, firstBlock } = fields;
  if (blockHash !== undefined && toBlock !== undefined) {
    throw new ValueError("cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other");
  }
  if (firstBlock !== undefined && blockHash === undefined) {
    throw new ValueError("firstBlock is only for a subscription that goes on after blockHash");
  }
  return {
    addresses: address ?? [],
    topics: topics ?? [],
    ...(blockHash === undefined ? {} : { blockHash }),
    ...(fromBlock === undefined ? {} : { fromBlock }),
    ...(toBlock === undefined ? {} : { toBlock }),
    ...(firstBlock === undefined ? {} : { firstBlock }),
  };
}

/** Returns the point to resume from; null when the subscription begins with the next block. */
export function resumePoint(
  given: { fromBlock?: BlockRef; blockHash?: Hash; firstBlock?: bigint } | undefined,
): ResumePoint | null {
  const { fromBlock, blockHash, firstBlock } = given ?? {};
  const first = fromBlock === undefined ? null : firstWanted(fromBlock);
  if (blockHash === undefined) return first === null ? null : { fromBlock: first };
  if (fromBlock !== undefined && first === null) {
    throw invalidParams("fromBlock latest begins with the next block, so blockHash cannot be given with it");
  }
  return {
    blockHash,
    ...(first === null ? {} : { fromBlock: first }),
    ...(firstBlock === undefined ? {} : { firstBlock }),
  };
}

// Only the tags that geth admits for live logs.
function firstWanted(fromBlock: BlockRef): bigint | null {
  if ("number" in fromBlock) return fromBlock.number;
  if ("tag" in fromBlock && fromBlock.tag === "earliest") return 0n;
  if ("tag" in fromBlock && fromBlock.tag === "latest") return null;
  throw invalidParams("invalid block range params");
}

/**
 * Distinguishes a range of live blocks from a point to resume from. A filter with `toBlock` is geth's range and replays nothing:
 * go-ethereum's client sends `fromBlock: "0x0", toBlock: "latest"` with every subscription that names no block
 * (ethclient.go, toFilterArg).
 */
export function rangeOrResume(
  filter: LogSubscriptionFilter,
): { readonly range: LogRange; readonly resume: ResumePoint | null } {
  const range = liveRange(filter);
  if (filter.toBlock !== undefined) return { range, resume: null };
  return { range: { fromBlock: null, toBlock: null }, resume: resumePoint(filter) };
}
