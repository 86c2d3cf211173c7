import type { Hash, LogCriteria } from "../../src/eth/types.ts";
import type { LogEvent } from "../../src/events/mod.ts";
import { type BlockTree, isOn, type KnownBlock, wasCanonical, way } from "./tree.ts";

/** Where a resumed subscription began, as its client asked. */
export interface WalkStart {
  readonly at: KnownBlock;
  /** Up to here nothing was delivered. */
  readonly deliveredAbove: bigint;
  /** The first block to be told once more. */
  readonly repeat: bigint | null;
  /** Below this block nothing is ever told. */
  readonly from: bigint;
  /** Events before this were over when the subscription was made. */
  readonly time: number;
}

/** The plain rule of eth_getLogs' criteria, written for clarity and not for speed. */
export function wants(criteria: LogCriteria, log: LogEvent): boolean {
  if (criteria.addresses.length > 0 && !criteria.addresses.includes(log.address)) return false;
  if (criteria.topics.length > log.topics.length) return false;
  return criteria.topics.every((topic, position) => {
    const own = log.topics[position];
    return topic === null || own !== undefined && topic.includes(own);
  });
}

function claim(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/**
 * What a resumed newHeads subscription may be told: from each header on, only a child of the block before, or of an
 * ancestor that a reorganisation left as the fork point. How far a replay comes before a reorganisation is open, so
 * more than one sequence is right; each is a walk without a gap or a needless step.
 */
export class HeadWalk {
  readonly #tree: BlockTree;
  readonly #time: number;
  #at: KnownBlock;
  #repeat: bigint | null;

  constructor(tree: BlockTree, start: WalkStart) {
    this.#tree = tree;
    this.#time = start.time;
    this.#at = start.at;
    this.#repeat = start.repeat;
  }

  get at(): KnownBlock {
    return this.#at;
  }

  take(header: { readonly hash: Hash }): void {
    const block = this.#tree.get(header.hash);
    claim(wasCanonical(block, this.#time), `header ${block.hash} was abandoned before the subscription`);
    if (this.#repeat === block.number && isOn(this.#at, block)) {
      this.#repeat = block.number + 1n;
      return;
    }
    claim(block.parent !== null && isOn(this.#at, block.parent), `header ${block.hash} leaves a gap`);
    claim(this.#repeat === null || this.#repeat >= block.number, `block ${this.#repeat} was not told once more`);
    const { leave } = way(this.#at, block.parent);
    claim(leave.every((left) => left.abandonedAt !== null), `header ${block.hash} goes back without a reason`);
    this.#at = block;
    this.#repeat = null;
  }

  /** All is told when nothing is left but blocks that were rolled back and not replaced. */
  finish(): void {
    const { enter } = way(this.#at, this.#tree.head);
    claim(enter.length === 0, `${enter.length} headers are missing`);
    claim(
      this.#repeat === null || this.#repeat > this.#tree.head.number,
      `block ${this.#repeat} was not told once more`,
    );
  }
}

/** What a resumed logs subscription may be told: see {@link HeadWalk}. Blocks without matching logs are walked unseen. */
export class LogWalk {
  readonly #tree: BlockTree;
  readonly #criteria: LogCriteria;
  readonly #time: number;
  readonly #from: bigint;
  #at: KnownBlock;
  #deliveredAbove: bigint;
  #repeat: bigint | null;
  /** Logs of the block being told that must follow before anything else. */
  #owed: { readonly hash: Hash; readonly index: number; readonly removed: boolean }[] = [];

  constructor(tree: BlockTree, { criteria, start }: { criteria: LogCriteria; start: WalkStart }) {
    this.#tree = tree;
    this.#criteria = criteria;
    this.#time = start.time;
    this.#at = start.at;
    this.#deliveredAbove = start.deliveredAbove;
    this.#from = start.from;
    this.#repeat = start.repeat;
  }

  /** The block of which something was told last. */
  get at(): KnownBlock {
    return this.#at;
  }

  take(log: { readonly blockHash: Hash; readonly logIndex: string; readonly removed: boolean }): void {
    const block = this.#tree.get(log.blockHash);
    if (this.#owed.length === 0) {
      if (log.removed) this.#goBack(block);
      else this.#goOn(block);
    }
    const expected = this.#owed.shift();
    const told = `${log.removed ? "removed " : ""}log ${Number(log.logIndex)} of ${log.blockHash}`;
    claim(
      expected?.hash === log.blockHash && expected.index === Number(log.logIndex) && expected.removed === log.removed,
      `${told} came instead of ${JSON.stringify(expected)}`,
    );
  }

  finish(): void {
    claim(this.#owed.length === 0, `${this.#owed.length} logs of the last block are missing`);
    const { leave, enter } = way(this.#at, this.#tree.head);
    this.#leaveSilently(leave);
    this.#repeatSilently(this.#at.number);
    for (const block of enter) claim(this.#logsOf(block) === 0, `the logs of ${block.hash} are missing`);
  }

  #goBack(block: KnownBlock): void {
    const { leave, enter } = way(this.#at, block);
    claim(enter.length === 0, `the removal of ${block.hash} does not follow from ${this.#at.hash}`);
    claim(block.abandonedAt !== null, `${block.hash} was removed while canonical`);
    this.#leaveSilently(leave);
    claim(block.number > this.#deliveredAbove, `the removed logs of ${block.hash} had not been delivered`);
    this.#owe(block, true);
    this.#leave(block);
  }

  #goOn(block: KnownBlock): void {
    claim(wasCanonical(block, this.#time), `${block.hash} was abandoned before the subscription`);
    if (this.#repeat !== null && block.number >= this.#repeat && isOn(this.#at, block)) {
      this.#repeatSilently(block.number - 1n);
      this.#repeat = block.number + 1n;
      this.#owe(block, false);
      return;
    }
    const { leave, enter } = way(this.#at, block);
    if (enter.length === 0) {
      // It went unseen, because its removal was not owed, and came back.
      claim(block.adoptions > 1, `the logs of ${block.hash} came twice`);
      leave.push(block);
    }
    this.#leaveSilently(leave);
    this.#repeatSilently(this.#at.number);
    this.#repeat = null;
    for (const silent of enter.slice(0, -1)) {
      claim(this.#logsOf(silent) === 0, `the logs of ${silent.hash} are missing`);
    }
    this.#at = block;
    this.#owe(block, false);
  }

  #owe(block: KnownBlock, removed: boolean): void {
    const logs = this.#wanted(block);
    this.#owed = logs.map(({ index }) => ({ hash: block.hash, index, removed }));
    if (removed) this.#owed.reverse();
  }

  #leaveSilently(blocks: readonly KnownBlock[]): void {
    for (const block of blocks) {
      claim(block.abandonedAt !== null, `${block.hash} was left while canonical`);
      claim(
        block.number <= this.#deliveredAbove || this.#logsOf(block) === 0,
        `the removals of ${block.hash} are missing`,
      );
      this.#leave(block);
    }
  }

  #leave(block: KnownBlock): void {
    if (block.parent === null) throw new Error("genesis cannot be left");
    this.#at = block.parent;
    if (this.#deliveredAbove >= block.number) this.#deliveredAbove = block.number - 1n;
    if (this.#repeat !== null && this.#repeat > this.#at.number) this.#repeat = null;
  }

  /** Passes blocks up to `last` that had nothing to be told once more. */
  #repeatSilently(last: bigint): void {
    if (this.#repeat === null) return;
    for (
      let block: KnownBlock | null = this.#at;
      block !== null && block.number >= this.#repeat;
      block = block.parent
    ) {
      claim(block.number > last || this.#logsOf(block) === 0, `the logs of ${block.hash} were not told once more`);
    }
  }

  #logsOf(block: KnownBlock): number {
    return this.#wanted(block).length;
  }

  #wanted(block: KnownBlock): KnownBlock["logs"] {
    return block.number < this.#from ? [] : block.logs.filter((log) => wants(this.#criteria, log));
  }
}
