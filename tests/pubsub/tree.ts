import { fixedHex } from "../../src/primitives/hex.ts";
import type { Hash } from "../../src/eth/types.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import type { FakeChain, WholeBlock, WholeEvent } from "./fake_chain.ts";

/** A block as a test knows it, with the one it stands on. */
export interface KnownBlock extends WholeBlock {
  readonly parent: KnownBlock | null;
  canonical: boolean;
  /** How many times it became canonical. */
  adoptions: number;
  /** When it was last abandoned, in events since the start; null when it never was. */
  abandonedAt: number | null;
}

/** Everything that a chain has told so far, kept without bound. */
export class BlockTree {
  readonly #blocks = new Map<Hash, KnownBlock>();
  /** What genesis stands on. */
  readonly root: KnownBlock = {
    number: -1n,
    hash: fixedHex(0n, 32),
    parentHash: fixedHex(0n, 32),
    header: RawJson.of(null),
    logs: [],
    receipts: [],
    parent: null,
    canonical: true,
    adoptions: 1,
    abandonedAt: null,
  };
  readonly #listeners: ((event: WholeEvent) => void)[] = [];
  #head: KnownBlock;
  /** Events so far. */
  time = 0;

  constructor(source: FakeChain) {
    this.#head = this.#add(source.head);
    source.watch((event) => {
      this.time++;
      if (event.kind === "block") this.#head = this.#add(event.block);
      if (event.kind === "removed") {
        const block = this.get(event.block.hash);
        block.canonical = false;
        block.abandonedAt = this.time;
        if (block.parent === null || block.parent === this.root) throw new Error("genesis cannot be abandoned");
        this.#head = block.parent;
      }
      for (const listener of this.#listeners) listener(event);
    });
  }

  get head(): KnownBlock {
    return this.#head;
  }

  get all(): readonly KnownBlock[] {
    return [...this.#blocks.values()];
  }

  /** Hears of each event before those who listen to the chain later do. */
  listen(listener: (event: WholeEvent) => void): void {
    this.#listeners.push(listener);
  }

  get(hash: Hash): KnownBlock {
    const block = this.#blocks.get(hash);
    if (block === undefined) throw new Error(`nobody was ever told of block ${hash}`);
    return block;
  }

  #add(event: WholeBlock): KnownBlock {
    const known = this.#blocks.get(event.hash);
    const parent = this.#blocks.get(event.parentHash) ?? this.root;
    const block: KnownBlock = known ?? { ...event, parent, canonical: true, adoptions: 0, abandonedAt: null };
    block.canonical = true;
    block.adoptions++;
    this.#blocks.set(block.hash, block);
    return block;
  }
}

/** The blocks to leave, newest first, and the blocks to enter, oldest first, on the way from one block to another. */
export function way(from: KnownBlock, to: KnownBlock): { leave: KnownBlock[]; enter: KnownBlock[] } {
  const leave: KnownBlock[] = [];
  const enter: KnownBlock[] = [];
  let [left, right]: [KnownBlock | null, KnownBlock | null] = [from, to];
  while (left !== right) {
    if (left !== null && (right === null || left.number >= right.number)) {
      leave.push(left);
      left = left.parent;
    } else if (right !== null) {
      enter.unshift(right);
      right = right.parent;
    }
  }
  return { leave, enter };
}

/** True when the block was canonical at some time after `time`. */
export function wasCanonical(block: KnownBlock, time: number): boolean {
  return block.canonical || (block.abandonedAt ?? 0) > time;
}

/** True when `ancestor` is `block` or below it. */
export function isOn(block: KnownBlock, ancestor: KnownBlock): boolean {
  return way(block, ancestor).enter.length === 0;
}
