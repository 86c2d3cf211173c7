import type { Hash } from "../../src/eth/types.ts";

/** A block of a made-up chain, as JSON-RPC shows it. */
export interface TreeBlock {
  readonly number: number;
  readonly hash: Hash;
  readonly parentHash: Hash;
  readonly receipts: readonly TreeReceipt[];
}

export interface TreeReceipt {
  readonly transactionHash: Hash;
  readonly logs: readonly unknown[];
}

const ADDRESS = `0x${"cc".repeat(20)}`;

function hashOf(tag: string): Hash {
  let state = 2166136261;
  let digits = "";
  while (digits.length < 64) {
    for (const char of tag) state = Math.imul(state ^ char.charCodeAt(0), 16777619) >>> 0;
    digits += state.toString(16).padStart(8, "0");
    state ^= 0x9e3779b9;
  }
  return `0x${digits}`;
}

/** All blocks that any node of a test ever had. */
export class BlockTree {
  readonly #blocks = new Map<Hash, TreeBlock>();
  readonly genesis: TreeBlock;
  #made = 0;

  constructor(readonly seed: number) {
    this.genesis = this.#make(0, `0x${"0".repeat(64)}`, 0);
  }

  of(hash: Hash): TreeBlock | undefined {
    return this.#blocks.get(hash);
  }

  /** A new child of `parent` with so many logs. */
  child(parent: TreeBlock, logs: number): TreeBlock {
    return this.#make(parent.number + 1, parent.hash, logs);
  }

  /** The ancestor of `head` at a height. */
  ancestor(head: TreeBlock, number: number): TreeBlock | undefined {
    let block: TreeBlock | undefined = head;
    while (block !== undefined && block.number > number) block = this.#blocks.get(block.parentHash);
    return block?.number === number ? block : undefined;
  }

  #make(number: number, parentHash: Hash, logs: number): TreeBlock {
    const hash = hashOf(`${this.seed}:${number}:${this.#made++}`);
    const receipts = Array.from({ length: logs }, (_, index) => {
      const transactionHash = hashOf(`${hash}:${index}`);
      const log = {
        address: ADDRESS,
        topics: [],
        data: "0x",
        blockHash: hash,
        blockNumber: `0x${number.toString(16)}`,
        transactionHash,
        logIndex: `0x${index.toString(16)}`,
        removed: false,
      };
      return { transactionHash, blockHash: hash, status: "0x1", logs: [log] };
    });
    const block = { number, hash, parentHash, receipts };
    this.#blocks.set(hash, block);
    return block;
  }
}

/** A block as eth_getBlockBy* answers it; without `transactions` the header of newHeads. */
export function headerJson(block: TreeBlock, whole: boolean): Record<string, unknown> {
  return {
    number: `0x${block.number.toString(16)}`,
    hash: block.hash,
    parentHash: block.parentHash,
    timestamp: `0x${(1_700_000_000 + block.number).toString(16)}`,
    logsBloom: `0x${(block.receipts.length > 0 ? "1" : "0").repeat(512)}`,
    ...(whole ? { transactions: [], uncles: [] } : {}),
  };
}
