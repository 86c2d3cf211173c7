import { type JsonSchema, kindOf, type Read, TypeMismatch, ValueError } from "../../rpc/schema.ts";
import { type Codec, converted } from "./codec.ts";
import { blockNumber } from "./block_ref.ts";
import { address, hash, uint64 } from "./scalar.ts";
import { struct } from "./struct.ts";
import type { Address, Hash, Hex, LogQuery, TopicFilter } from "../types.ts";
import { HEX_ERROR, readData } from "./hexutil.ts";

/** A log has at most this many topics (LOG0 to LOG4). */
export const MAX_TOPICS = 4;

/** geth's maxSubTopics: how many topics one position of a query may name. */
const MAX_ALTERNATIVES = 1000;
const ADDRESS_BYTES = 20;
const TOPIC_BYTES = 32;

/** Decodes by the rules of geth's filters, whose texts differ from those of common.Address and common.Hash. */
function decode(text: string, { bytes, what }: { bytes: number; what: "address" | "topic" }): Hex {
  if (text === "") throw new ValueError(HEX_ERROR.emptyString);
  const decoded = readFilterData(text);
  const length = (decoded.length - 2) / 2;
  if (length !== bytes) {
    throw new ValueError(`hex has invalid length ${length} after decoding; expected ${bytes} for ${what}`);
  }
  return decoded;
}

// hexutil.Decode, unlike hexutil.Bytes, names a wrong digit before an odd length (encoding/hex, DecodeString).
function readFilterData(text: string): Hex {
  if (/^0[xX]/.test(text) && /[^0-9a-fA-F]/.test(text.slice(2))) throw new ValueError(HEX_ERROR.syntax);
  return readData(text);
}

function decodeAddress(text: string, where: string): Address {
  try {
    return decode(text, { bytes: ADDRESS_BYTES, what: "address" });
  } catch (error) {
    throw error instanceof ValueError ? new ValueError(`invalid address${where}: ${error.message}`) : error;
  }
}

const addresses: Codec<readonly Address[]> = {
  write: (value) => value,
  json: { oneOf: [address.json, { type: "array", items: address.json }] },
  read(value) {
    if (typeof value === "string") return [decodeAddress(value, "")];
    if (!Array.isArray(value)) throw new ValueError("invalid addresses in query");
    return value.map((item, position) => {
      if (typeof item !== "string") throw new ValueError(`non-string address at index ${position}`);
      return decodeAddress(item, ` at index ${position}`);
    });
  },
};

function readTopic(value: unknown): Hash {
  if (typeof value !== "string") throw new ValueError("invalid topic(s)");
  return decode(value, { bytes: TOPIC_BYTES, what: "topic" });
}

/** Reads one position: null, no alternatives or a null among them match any topic (eth/filters/api.go, UnmarshalJSON). */
function readPosition(value: unknown): TopicFilter {
  if (value === null) return null;
  if (!Array.isArray(value)) return [readTopic(value)];
  if (value.length > MAX_ALTERNATIVES) throw new ValueError("exceed max topics");
  const wildcard = value.indexOf(null);
  const alternatives = (wildcard === -1 ? value : value.slice(0, wildcard)).map(readTopic);
  return wildcard !== -1 || alternatives.length === 0 ? null : alternatives;
}

const TOPICS_JSON: JsonSchema = {
  type: "array",
  maxItems: MAX_TOPICS,
  items: { oneOf: [{ type: "null" }, hash.json, { type: "array", items: { oneOf: [{ type: "null" }, hash.json] } }] },
};

const topics: Codec<readonly TopicFilter[]> = {
  json: TOPICS_JSON,
  write: (value) => value,
  read(value) {
    if (!Array.isArray(value)) throw new TypeMismatch(kindOf(value), "[]interface {}");
    if (value.length > MAX_TOPICS) throw new ValueError("exceed max topics");
    return value.map(readPosition);
  },
};

const FIELDS = { blockHash: hash, fromBlock: blockNumber, toBlock: blockNumber, address: addresses, topics };
const TYPE = "filters.input";
const criteria = struct(FIELDS, { type: TYPE });

function toQuery(input: Read<typeof criteria>): LogQuery {
  const { blockHash, fromBlock, toBlock } = input;
  if (blockHash !== undefined && (fromBlock !== undefined || toBlock !== undefined)) {
    throw new ValueError("cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other");
  }
  return {
    addresses: input.address ?? [],
    topics: input.topics ?? [],
    ...(blockHash === undefined ? {} : { blockHash }),
    ...(fromBlock === undefined ? {} : { fromBlock }),
    ...(toBlock === undefined ? {} : { toBlock }),
  };
}

function toFields({ addresses, topics, ...range }: LogQuery): Read<typeof criteria> {
  return {
    ...(addresses.length === 0 ? {} : { address: addresses }),
    ...(topics.length === 0 ? {} : { topics }),
    ...range,
  };
}

/** Which logs: addresses, topics, and either one block or a range (geth's filters.FilterCriteria). */
export const logQuery: Codec<LogQuery> = converted(criteria, { read: toQuery, write: toFields });

const subscriptionFields = struct({ ...FIELDS, firstBlock: uint64 }, { type: TYPE });

/** The fields of a subscription, which gives a block hash beside a range a meaning, and knows `firstBlock`. */
export const logSubscriptionFields: Codec<Read<typeof subscriptionFields>> = subscriptionFields;
