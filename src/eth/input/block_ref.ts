import { isObject, kindOf, TypeMismatch, ValueError } from "../../rpc/schema.ts";
import { quantity } from "../../primitives/hex.ts";
import { bool, type Codec } from "./codec.ts";
import { hash, QUANTITY_JSON } from "./scalar.ts";
import { struct } from "./struct.ts";
import type { BlockRef, BlockTag } from "../types.ts";
import { MAX_INT64 } from "../../primitives/uint.ts";
import { readData, readUint64 } from "./hexutil.ts";

const TAGS: ReadonlySet<string> = new Set<BlockTag>(["latest", "pending", "safe", "finalized", "earliest"]);
const HASH_TEXT_LENGTH = 66;

/** The head: what an absent block parameter means. */
export const LATEST: BlockRef = { tag: "latest" };

function isTag(text: string): text is BlockTag {
  return TAGS.has(text);
}

/** Reads a number's text; geth words its own limit differently in its two block types (rpc/types.go). */
function readBlockNumber(text: string, tooLarge: string): BlockRef {
  const number = readUint64(text);
  if (number > MAX_INT64) throw new ValueError(tooLarge);
  return { number };
}

function writeBlockNumber(ref: BlockRef): string {
  if ("tag" in ref) return ref.tag;
  if ("number" in ref) return quantity(ref.number);
  throw new TypeError(`block ${ref.hash} is named by its hash where only a number or a tag can stand`);
}

/** A block by number or tag (geth's rpc.BlockNumber, whose errors name no type). */
export const blockNumber: Codec<BlockRef> = {
  write: writeBlockNumber,
  json: { oneOf: [QUANTITY_JSON, { enum: [...TAGS] }] },
  read(value) {
    // rpc.BlockNumber looks at the raw JSON, so that what is no string fails for its missing prefix.
    if (typeof value !== "string") throw new ValueError("hex string without 0x prefix");
    return isTag(value) ? { tag: value } : readBlockNumber(value, "block number larger than int64");
  },
};

const selector = struct({ blockNumber, blockHash: hash, requireCanonical: bool }, { type: "rpc.erased" });

/** A block by number, tag or hash, or by EIP-1898's object (geth's rpc.BlockNumberOrHash). */
export const blockNumberOrHash: Codec<BlockRef> = {
  // Not the bare hash, which some nodes do not take.
  write: (ref) =>
    "hash" in ref
      ? { blockHash: ref.hash, ...(ref.requireCanonical ? { requireCanonical: true } : {}) }
      : writeBlockNumber(ref),
  json: { oneOf: [...(blockNumber.json.oneOf as unknown[]), hash.json, selector.json] },
  read(value) {
    if (typeof value === "string") {
      if (isTag(value)) return { tag: value };
      if (value.length === HASH_TEXT_LENGTH) return { hash: readData(value), requireCanonical: false };
      return readBlockNumber(value, "blocknumber too high");
    }
    // geth tries the object first and, whatever is wrong with it, then complains that it is no string.
    if (!isObject(value)) throw new TypeMismatch(kindOf(value), "string");
    return readSelector(value);
  },
};

function readSelector(value: object): BlockRef {
  const { blockNumber: number, blockHash, requireCanonical } = readOrComplain(value);
  if (number !== undefined && blockHash !== undefined) {
    throw new ValueError("cannot specify both BlockHash and BlockNumber, choose one or the other");
  }
  if (blockHash !== undefined) return { hash: blockHash, requireCanonical: requireCanonical ?? false };
  if (number !== undefined) return number;
  throw new ValueError("must specify either BlockHash or BlockNumber");
}

function readOrComplain(value: object): ReturnType<typeof selector.read> {
  try {
    return selector.read(value);
  } catch (error) {
    if (error instanceof ValueError) throw new TypeMismatch("object", "string");
    throw error;
  }
}
