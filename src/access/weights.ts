import { WordTable } from "./word_table.ts";

/** The weight of a call of a method that no row names. */
export const DEFAULT_WEIGHT = 1;

/** One row of the weights. */
export interface WeightRow {
  /** A method, a namespace, or the beginning of a method and `*`. */
  readonly words: readonly string[];
  readonly weight: number;
  readonly why: string;
}

/**
 * The weights of calls, in units of a look-up such as eth_blockNumber. They follow what a
 * call may cost this server, not what it usually costs: work of the EVM, of many blocks, of a key derivation.
 */
export const WEIGHTS: readonly WeightRow[] = [
  { words: ["eth_call", "eth_createAccessList", "eth_fillTransaction"], weight: 5, why: "runs the EVM once" },
  { words: ["eth_estimateGas"], weight: 10, why: "runs the EVM several times" },
  { words: ["eth_simulateV1"], weight: 20, why: "runs blocks of calls" },
  { words: ["eth_getLogs", "eth_getFilterLogs", "eth_newFilter"], weight: 10, why: "reads many blocks" },
  { words: ["eth_getProof", "eth_getBlockReceipts", "eth_feeHistory"], weight: 5, why: "has a large answer" },
  { words: ["eth_subscribe"], weight: 5, why: "goes on after its answer, and may replay the past" },
  {
    words: ["eth_send*"],
    weight: 10,
    why: "recovers or makes a signature, and changes the chain",
  },
  { words: ["eth_sign*"], weight: 5, why: "makes a signature" },
  {
    words: ["debug_trace*", "debug_intermediateRoots"],
    weight: 50,
    why: "runs a block again, step by step",
  },
  { words: ["debug"], weight: 20, why: "reads whole blocks or states" },
  { words: ["txpool_content*", "txpool_inspect"], weight: 20, why: "lists the whole pool" },
  { words: ["personal"], weight: 50, why: "derives a key from a password" },
  {
    words: [
      "anvil_mine*",
      "hardhat_mine",
      "evm_mine*",
      "anvil_dumpState",
      "anvil_loadState",
      "anvil_reset",
      "hardhat_reset",
    ],
    weight: 20,
    why: "makes blocks, or moves whole states",
  },
  { words: ["anvil", "hardhat", "evm", "testing"], weight: 5, why: "changes the chain" },
];

/** Tells the weight of each method: own weights go before {@link WEIGHTS}, and among each the longest word that covers it. */
export class Weights {
  readonly #tables: readonly WordTable<number>[];
  /** The weights of methods that were asked for; their names come from clients, so there is an end to them. */
  readonly #known = new Map<string, number>();

  constructor(own: Readonly<Record<string, number>> = {}) {
    this.#tables = [new WordTable(Object.entries(own)), DEFAULT_TABLE];
  }

  of(method: string): number {
    const known = this.#known.get(method);
    if (known !== undefined) return known;
    const [own, defaults] = this.#tables;
    const weight = own?.find(method) ?? defaults?.find(method) ?? DEFAULT_WEIGHT;
    if (this.#known.size < MAX_KNOWN && method.length <= MAX_KNOWN_CHARACTERS) this.#known.set(method, weight);
    return weight;
  }
}

const MAX_KNOWN = 1000;
const MAX_KNOWN_CHARACTERS = 100;

const DEFAULT_TABLE = new WordTable(
  WEIGHTS.flatMap(({ words, weight }) => words.map((word): [string, number] => [word, weight])),
);

/** Writes the weights as the Markdown table of this folder's page, without a trailing line feed. */
export function weightTable(): string {
  const rows = WEIGHTS.map(({ words, weight, why }) =>
    `| ${words.map((word) => `\`${word}\``).join(", ")} | ${weight} | ${why} |`
  );
  const head = ["| methods | weight | what a call may cost |", "| --- | --- | --- |"];
  return [...head, ...rows, `| everything else | ${DEFAULT_WEIGHT} | a look-up |`].join("\n");
}
