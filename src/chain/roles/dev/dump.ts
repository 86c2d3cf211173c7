import type { Address, Data } from "../../../eth/types.ts";
import { encodeExactly } from "../../../rpc/exact_json.ts";
import { encodeBlock, encodeReceipts } from "../../store/block_codec.ts";
import type { BlockRecord } from "../../store/block_record.ts";
import type { ChainCore } from "../../core/core.ts";
import { Pacer } from "../../../concurrency/pacer.ts";
import type { Segment } from "../../store/block_store.ts";
import { encodeHeader, type Header } from "../../../primitives/header.ts";
import type { World } from "../../../state/world.ts";
import { blockJson } from "../../encode/header.ts";
import type { DumpedBlock, DumpedRange } from "./dump_format.ts";
import { revmCode } from "./revm_code.ts";
import { bytesToHex, quantity } from "../../../primitives/hex.ts";

/** The amount of text that the compressor gets at once. */
const PART_CHARACTERS = 32 * 1024;

/**
 * The chain as gzipped JSON in the format of anvil's SerializableState, which loads it: the head's accounts, the head's
 * header, and with `history` the accounts of each block. The blocks themselves are a member of this program's own.
 */
export async function dumpState(core: ChainCore, history: boolean): Promise<Data> {
  return bytesToHex(await zipped(stateText(core, chainOf(core), history)));
}

/** The blocks as they are now, oldest first: none of what follows changes them. */
function chainOf({ blocks }: ChainCore): readonly Segment[] {
  return [...blocks.segmentsFrom(blocks.genesis.number)];
}

/** Compresses text that comes in pieces, with a chance for others between them. */
async function zipped(pieces: Iterable<string>): Promise<Uint8Array> {
  const pacer = new Pacer({});
  async function* parts(): AsyncGenerator<string> {
    let part = "";
    for (const piece of pieces) {
      part += piece;
      if (part.length < PART_CHARACTERS) continue;
      yield part;
      part = "";
      await pacer.breathe();
    }
    yield part;
  }
  const text = ReadableStream.from(parts()).pipeThrough(new TextEncoderStream());
  return await new Response(text.pipeThrough(new CompressionStream("gzip"))).bytes();
}

/** Yields the JSON of a dump in short pieces. */
function* stateText(core: ChainCore, chain: readonly Segment[], history: boolean): Generator<string> {
  const { head } = core.blocks;
  yield `{"block":${encodeExactly(environment(core, head.header))},"accounts":`;
  yield* objectText(accountsOf(core.worldOf(head)));
  yield `,"best_block_number":${head.number},`;
  // anvil loads no dump without the head's header. Its form of transactions has traces, which are not kept here.
  const newest = { header: headerFields(head), transactions: [], ommers: [], withdrawals: null };
  yield `"blocks":${JSON.stringify([newest])},"transactions":[],"historical_states":`;
  if (history) yield* listText(historical(core, chain.slice(0, -1)));
  else yield "null";
  yield `,"sallyport":{"chainId":${JSON.stringify(quantity(core.forks.config.chainId))},"blocks":`;
  yield* listText(chain.slice(1).map((segment) => () => [JSON.stringify(dumpedSegment(segment))]));
  yield "}}";
}

/** Text in pieces, each of which is made when it is needed. */
type Text = () => Iterable<string>;

function* listText(items: Iterable<Text>): Generator<string> {
  yield "[";
  let separator = "";
  for (const item of items) {
    yield separator;
    yield* item();
    separator = ",";
  }
  yield "]";
}

function* objectText(members: Iterable<readonly [key: string, value: Text]>): Generator<string> {
  yield "{";
  let separator = "";
  for (const [key, value] of members) {
    yield `${separator}"${key}":`;
    yield* value();
    separator = ",";
  }
  yield "}";
}

function dumpedSegment(segment: Segment): DumpedBlock | DumpedRange {
  if (!("last" in segment)) return dumpedBlock(segment);
  const { header, step, gasCeiling } = segment.parts;
  return {
    reserved: `0x${encodeHeader(header)}`,
    count: quantity(segment.count),
    step: quantity(step),
    gasCeiling: quantity(gasCeiling),
  };
}

function dumpedBlock(record: BlockRecord): DumpedBlock {
  const body = record.body();
  return {
    block: `0x${encodeBlock(record.header, body)}`,
    receipts: `0x${encodeReceipts(record.receipts())}`,
    senders: body.transactions.map(({ sender }) => sender),
    impersonated: body.transactions.flatMap(({ impersonated }, index) => impersonated ? [index] : []),
  };
}

/** revm's BlockEnv. */
function environment(core: ChainCore, header: Header): Record<string, unknown> {
  return {
    number: quantity(header.number),
    beneficiary: header.coinbase,
    timestamp: quantity(header.timestamp),
    gas_limit: header.gasLimit,
    basefee: header.baseFeePerGas ?? 0n,
    difficulty: quantity(header.difficulty),
    prevrandao: header.mixHash,
    blob_excess_gas_and_price: {
      excess_blob_gas: header.excessBlobGas ?? 0n,
      blob_gasprice: core.blobGasPrice(header) ?? 0n,
    },
  };
}

function headerFields({ header, hash }: BlockRecord): Record<string, unknown> {
  const { hash: _hash, ...fields } = blockJson(header, hash).decode() as Record<string, unknown>;
  return fields;
}

function* accountsOf(world: World): Generator<readonly [Address, Text]> {
  for (const [address, account] of world.accounts()) {
    yield [address, () =>
      objectText([
        ["nonce", () => [`${account.nonce}`]],
        ["balance", () => [`"${quantity(account.balance)}"`]],
        ["code", () => [`"${bytesToHex(world.code(address))}"`]],
        ["storage", () => slotsText(world, address)],
      ])];
  }
}

function* slotsText(world: World, address: Address): Generator<string> {
  yield "{";
  let separator = "";
  for (const [slot, value] of world.slots(address)) {
    yield `${separator}"${slot}":"${value}"`;
    separator = ",";
  }
  yield "}";
}

/** The states after blocks, as anvil's StateSnapshot has them, with the hashes of the blocks. */
function* historical(core: ChainCore, chain: readonly Segment[]): Generator<Text> {
  for (const record of chain) {
    if ("last" in record) continue;
    const { hash } = record;
    const world = core.stateAfter(record);
    if (world === undefined) continue;
    yield () => listText([() => [`"${hash}"`], () => snapshotText(world)]);
  }
}

function snapshotText(world: World): Generator<string> {
  function* accounts(): Generator<readonly [Address, Text]> {
    for (const [address, { nonce, balance, codeHash }] of world.accounts()) {
      const code = revmCode(world.code(address));
      const account = { balance: quantity(balance), nonce, code_hash: codeHash, code };
      yield [address, () => [encodeExactly(account)]];
    }
  }
  function* storage(): Generator<readonly [Address, Text]> {
    for (const [address] of world.accounts()) yield [address, () => slotsText(world, address)];
  }
  return objectText([
    ["accounts", () => objectText(accounts())],
    ["storage", () => objectText(storage())],
    ["block_hashes", () => ["{}"]],
  ]);
}
