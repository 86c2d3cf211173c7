import type { BlockTag, Data, Hash } from "../eth/types.ts";
import { EMPTY_NONCE, type Header, headerHash, sharedBloom } from "../primitives/header.ts";
import { quantity } from "../primitives/hex.ts";
import { serverError } from "../rpc/error.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import type { PinnedNode } from "../upstream/mod.ts";

/** The block to fork from, as it was asked for. */
export type BlockChoice =
  | { readonly tag: BlockTag }
  | { readonly number: bigint }
  | { readonly hash: Hash }
  /** So many blocks below the newest one. */
  | { readonly below: bigint };

/** A block of the upstream on which a local chain stands. */
export interface ForkBlock {
  readonly header: Header;
  readonly hash: Hash;
  /** 0 where the upstream does not tell it. */
  readonly totalDifficulty: bigint;
  /** False where the header's own hash is another one: the network has header fields that are not known here. */
  readonly isEthereum: boolean;
  /** As the upstream answered it. */
  readonly json: RawJson;
}

/** Reads the value of --fork.block: a number, a hash, a tag, or how far below the newest block; null when it is neither. */
export function blockChoice(text: string): BlockChoice | null {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return { hash: `0x${text.slice(2).toLowerCase()}` };
  if (/^(\d{1,18}|0x[0-9a-fA-F]{1,15})$/.test(text)) return { number: BigInt(text) };
  if (/^-\d{1,18}$/.test(text)) return { below: BigInt(text.slice(1)) };
  const tag = (["latest", "safe", "finalized", "earliest"] as const).find((tag) => tag === text);
  return tag === undefined ? null : { tag };
}

/** Reads the chosen block of the upstream. Throws an RpcError that names the block where the upstream does not have it. */
export async function readForkBlock(remote: Pick<PinnedNode, "ask">, choice: BlockChoice): Promise<ForkBlock> {
  if ("below" in choice) {
    const head = BigInt(String((await remote.ask("eth_blockNumber", [])).decode()));
    if (choice.below > head) {
      throw serverError(`the upstream has only ${head} blocks: there is none ${choice.below} below`);
    }
    return await readForkBlock(remote, { number: head - choice.below });
  }
  const json = "hash" in choice
    ? await remote.ask("eth_getBlockByHash", [choice.hash, false])
    : await remote.ask("eth_getBlockByNumber", ["tag" in choice ? choice.tag : quantity(choice.number), false]);
  const block = json.decode();
  if (block === null) throw serverError(`the upstream does not have block ${shown(choice)}`);
  const read = forkBlock(block, json);
  const isOther = ("hash" in choice && read.hash !== choice.hash) ||
    ("number" in choice && read.header.number !== choice.number);
  if (isOther) throw serverError(`the upstream answered another block than ${shown(choice)}`);
  return read;
}

/** A choice in words, as --fork.block takes it. */
export function shown(choice: BlockChoice): string {
  if ("below" in choice) return `-${choice.below}`;
  return "hash" in choice ? choice.hash : "tag" in choice ? choice.tag : String(choice.number);
}

/** Reads a block as eth_getBlockBy* answer it. Throws an RpcError that names the field where one is not what it must be. */
export function forkBlock(block: unknown, json: RawJson): ForkBlock {
  const fields = (typeof block === "object" && block !== null ? block : {}) as Readonly<Record<string, unknown>>;
  const fail = (name: string): never => {
    throw serverError(`the upstream answered a block without a usable ${name}`);
  };
  const data = (name: string, bytes?: number): Data => {
    const value = fields[name];
    const isData = typeof value === "string" && /^0x([0-9a-fA-F]{2})*$/.test(value);
    if (!isData || (bytes !== undefined && value.length !== 2 + 2 * bytes)) return fail(name);
    return value.toLowerCase() as Data;
  };
  const number = (name: string): bigint => {
    const value = fields[name];
    return typeof value === "string" && /^0x[0-9a-fA-F]+$/.test(value) ? BigInt(value) : fail(name);
  };
  const has = (name: string) => fields[name] !== undefined && fields[name] !== null;
  const header: Header = {
    parentHash: data("parentHash", 32),
    unclesHash: data("sha3Uncles", 32),
    coinbase: data("miner", 20),
    stateRoot: data("stateRoot", 32),
    transactionsRoot: data("transactionsRoot", 32),
    receiptsRoot: data("receiptsRoot", 32),
    logsBloom: sharedBloom(data("logsBloom", 256)),
    difficulty: number("difficulty"),
    number: number("number"),
    gasLimit: number("gasLimit"),
    gasUsed: number("gasUsed"),
    timestamp: number("timestamp"),
    extraData: data("extraData"),
    mixHash: has("mixHash") ? data("mixHash", 32) : `0x${"0".repeat(64)}`,
    nonce: has("nonce") ? data("nonce", 8) : EMPTY_NONCE,
    ...has("baseFeePerGas") ? { baseFeePerGas: number("baseFeePerGas") } : {},
    ...has("withdrawalsRoot") ? { withdrawalsRoot: data("withdrawalsRoot", 32) } : {},
    ...has("blobGasUsed") ? { blobGasUsed: number("blobGasUsed") } : {},
    ...has("excessBlobGas") ? { excessBlobGas: number("excessBlobGas") } : {},
    ...has("parentBeaconBlockRoot") ? { parentBeaconBlockRoot: data("parentBeaconBlockRoot", 32) } : {},
    ...has("requestsHash") ? { requestsHash: data("requestsHash", 32) } : {},
  };
  const hash = data("hash", 32);
  return {
    header,
    hash,
    totalDifficulty: has("totalDifficulty") ? number("totalDifficulty") : 0n,
    isEthereum: headerHash(header) === hash,
    json,
  };
}
