import type { Hash } from "../../../eth/types.ts";
import { decodeBlock, type DecodedBlock, decodeReceipts } from "../../store/block_codec.ts";
import { BlockRecord } from "../../store/block_record.ts";
import type { Segment } from "../../store/block_store.ts";
import type { IncludedTransaction } from "../../store/block.ts";
import { ReservedRange } from "../../store/reserved_range.ts";
import type { ChainCore } from "../../core/core.ts";
import { keccakDigits } from "../../../primitives/hash.ts";
import { decodeHeader, type Header, headerHash } from "../../../primitives/header.ts";
import { decodeRlp } from "../../../primitives/rlp.ts";
import { encodeTransaction } from "../../../primitives/transaction_codec.ts";
import type { Dump, DumpedBlock, DumpedRange } from "./dump_format.ts";

/** The block of this chain on which the blocks of a dump build. */
export interface Continuation {
  /** The newest block of this chain that the dump continues; null when it is of another chain. */
  readonly ancestor: BlockRecord | null;
  /** The dump's blocks above it. */
  readonly segments: readonly Segment[];
}

type Readable =
  | { readonly kind: "block"; readonly dumped: DumpedBlock; readonly block: DecodedBlock; readonly hash: Hash }
  | { readonly kind: "range"; readonly dumped: DumpedRange; readonly header: Header; readonly hash: Hash };

/** Finds the newest block of the dump that this chain has, or the parent of its first one, and reads the blocks above. */
export function continuationOf(core: ChainCore, dumped: Dump["sallyport"]): Continuation {
  // Two chains with different ids may have the same genesis block.
  const same = dumped !== undefined && BigInt(dumped.chainId) === core.forks.config.chainId;
  const readable = (same ? dumped.blocks : []).map((item) => read(core, item));
  const canonical = (hash: Hash | undefined): BlockRecord | null => {
    const record = hash === undefined ? null : core.blocks.of(hash);
    return record !== null && core.blocks.isCanonical(record) ? record : null;
  };
  for (let index = readable.length - 1; index >= 0; index--) {
    const ancestor = canonical(readable[index]?.hash);
    if (ancestor !== null) return { ancestor, segments: segmentsOf(core, ancestor, readable.slice(index + 1)) };
  }
  const [first] = readable;
  const ancestor = first === undefined ? null : canonical(headerOf(first).parentHash);
  return { ancestor, segments: ancestor === null ? [] : segmentsOf(core, ancestor, readable) };
}

function headerOf(item: Readable): Header {
  return item.kind === "block" ? item.block.header : item.header;
}

function read(core: ChainCore, dumped: DumpedBlock | DumpedRange): Readable {
  if ("block" in dumped) {
    const block = decodeBlock(decodeRlp(dumped.block.slice(2)));
    return { kind: "block", dumped, block, hash: headerHash(block.header) };
  }
  const header = decodeHeader(decodeRlp(dumped.reserved.slice(2)));
  const range = rangeOf(core, { header, dumped, totalDifficulty: 0n });
  return { kind: "range", dumped, header, hash: range.hashAt(range.last) };
}

function rangeOf(
  core: ChainCore,
  { header, dumped, totalDifficulty }: {
    readonly header: Header;
    readonly dumped: DumpedRange;
    readonly totalDifficulty: bigint;
  },
): ReservedRange {
  const [count, step, gasCeiling] = [dumped.count, dumped.step, dumped.gasCeiling].map(BigInt);
  if (count === undefined || step === undefined || gasCeiling === undefined || count < 1n || step < 1n) {
    throw new Error(`the range of empty blocks from ${header.number} on has no count or step`);
  }
  const rules = core.rulesOf(header);
  return new ReservedRange({ header, totalDifficulty, count, step, gasCeiling, rules }, core.recent);
}

function segmentsOf(core: ChainCore, ancestor: BlockRecord, items: readonly Readable[]): Segment[] {
  let parent = ancestor;
  return items.map((item) => {
    const { parentHash, number } = headerOf(item);
    if (parentHash !== parent.hash) throw new Error(`block ${number} does not follow the one before it`);
    if (item.kind === "range") {
      const range = rangeOf(core, { ...item, totalDifficulty: parent.totalDifficulty });
      parent = range.at(range.last);
      return range;
    }
    return parent = recordOf(core, { item, parent });
  });
}

function recordOf(
  core: ChainCore,
  { item: { dumped, block, hash }, parent }: {
    readonly item: Extract<Readable, { kind: "block" }>;
    readonly parent: BlockRecord;
  },
): BlockRecord {
  const { header, uncles, withdrawals } = block;
  const transactions = block.transactions.map((transaction, index): IncludedTransaction => {
    const sender = dumped.senders[index];
    if (sender === undefined) throw new Error(`transaction ${index} of block ${header.number} has no sender`);
    const transactionHash = keccakDigits(encodeTransaction(transaction));
    return { transaction, hash: transactionHash, sender, impersonated: dumped.impersonated.includes(index) };
  });
  return new BlockRecord({
    header,
    hash,
    totalDifficulty: parent.totalDifficulty + header.difficulty,
    body: { transactions, uncles, withdrawals },
    receipts: decodeReceipts(decodeRlp(dumped.receipts.slice(2)), { header, transactions }),
  }, core.recent);
}
