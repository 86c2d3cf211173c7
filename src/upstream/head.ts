import type { Hash } from "../eth/types.ts";
import { RawJson } from "../rpc/raw_json.ts";
import { MalformedJson } from "./json_spans.ts";

/** A header as an upstream sent it, with the fields that the gateway needs. */
export interface UpstreamHeader {
  readonly number: bigint;
  readonly hash: Hash;
  readonly parentHash: Hash;
  /** Unix seconds. */
  readonly timestamp: bigint;
  /** True when the block cannot have logs, because its bloom filter is empty. */
  readonly hasNoLogs: boolean;
  /** The object of eth_subscribe newHeads. */
  readonly json: RawJson;
}

const HASH = /^0x[0-9a-f]{64}$/;
const QUANTITY = /^0x(0|[1-9a-f][0-9a-f]{0,15})$/;
const EMPTY_BLOOM = /^0x0{512}$/;
/** The fields that a block has and a header of newHeads lacks (geth's RPCMarshalBlock). */
const BODY_MEMBERS = ["transactions", "uncles", "withdrawals", "size", "totalDifficulty"];

/** Reads a header, or the header of a block. Throws MalformedJson. */
export function readHeader(json: RawJson): UpstreamHeader {
  const value = json.decode();
  if (typeof value !== "object" || value === null) throw new MalformedJson("a header that is no object");
  const { number, hash, parentHash, timestamp, logsBloom } = value as Record<string, unknown>;
  if (typeof number !== "string" || !QUANTITY.test(number)) throw new MalformedJson("a header without a number");
  if (typeof timestamp !== "string" || !QUANTITY.test(timestamp)) {
    throw new MalformedJson("a header without a timestamp");
  }
  const isBlock = BODY_MEMBERS.some((name) => name in value);
  return {
    number: BigInt(number),
    hash: hashOf(hash, "hash"),
    parentHash: hashOf(parentHash, "parentHash"),
    timestamp: BigInt(timestamp),
    hasNoLogs: typeof logsBloom === "string" && EMPTY_BLOOM.test(logsBloom),
    json: isBlock ? RawJson.of(Object.fromEntries(Object.entries(value).filter(isHeaderMember))) : json,
  };
}

/** Returns true when an answer is a header, or a block, of which `claim` holds. */
export function isHeader(json: RawJson, claim: (header: UpstreamHeader) => boolean): boolean {
  try {
    return claim(readHeader(json));
  } catch (error) {
    if (!(error instanceof MalformedJson)) throw error;
    return false;
  }
}

function isHeaderMember([name]: [string, unknown]): boolean {
  return !BODY_MEMBERS.includes(name);
}

function hashOf(value: unknown, name: string): Hash {
  const text = typeof value === "string" ? value.toLowerCase() : "";
  if (!HASH.test(text)) throw new MalformedJson(`a header without a ${name}`);
  return text as Hash;
}
