import type { BlockRef } from "../../../eth/types.ts";
import { RpcError, serverError } from "../../../rpc/error.ts";
import type { BlockRecord } from "../../store/block_record.ts";
import type { ChainCore } from "../../core/core.ts";
import { Pacer } from "../../../concurrency/pacer.ts";
import { nextFees, quotedBaseFee } from "../../core/next_fees.ts";
import { quantity } from "../../../primitives/hex.ts";
import { GAS_PER_BLOB } from "../../../primitives/limits.ts";

/** geth's ethconfig.FullNodeGPO and eth/gasprice. */
const SAMPLE_BLOCKS = 20;
const SAMPLES_PER_BLOCK = 3;
const SAMPLE_PERCENTILE = 60;
const MAX_TIP = 500_000_000_000n;
const IGNORED_TIP = 2n;
const MAX_HISTORY_BLOCKS = 1024;
const MAX_PERCENTILES = 100;

/** Reads the fees of past blocks and of the next one. */
export class FeeReader {
  readonly #core: ChainCore;
  #suggested: { readonly head: BlockRecord; readonly tip: bigint } | null = null;
  /** Each new head is sampled with the blocks below it, whose bodies need not be read again. */
  readonly #tips = new WeakMap<BlockRecord, readonly bigint[]>();

  constructor(core: ChainCore) {
    this.#core = core;
  }

  /** Returns the answer of eth_gasPrice, wei. */
  gasPrice(): bigint {
    return this.suggestedTip() + (quotedBaseFee(this.#core) ?? 0n);
  }

  /** Returns a tip that sufficed for the last blocks (geth's Oracle.SuggestTipCap). */
  suggestedTip(): bigint {
    const { head } = this.#core.blocks;
    if (this.#suggested?.head === head) return this.#least(this.#suggested.tip);
    const fallback = this.#suggested?.tip ?? this.#core.settings.defaultTip;
    const samples: bigint[] = [];
    let sampled = 0;
    let wanted = SAMPLE_BLOCKS;
    for (let number = head.number; sampled < wanted && number > this.#core.blocks.genesis.number; number--) {
      const record = this.#core.blocks.at(number);
      if (record === null) break;
      const tips = this.#lowestTips(record);
      sampled++;
      // A block with few prices extends the window, up to twice its size.
      if (tips.length <= 1 && wanted < SAMPLE_BLOCKS * 2) wanted++;
      samples.push(...(tips.length === 0 ? [fallback] : tips));
    }
    let tip = fallback;
    if (samples.length > 0) {
      samples.sort(ascending);
      tip = samples[Math.floor((samples.length - 1) * SAMPLE_PERCENTILE / 100)] ?? fallback;
    }
    if (tip > MAX_TIP) tip = MAX_TIP;
    this.#suggested = { head, tip };
    return this.#least(tip);
  }

  /** Raises a tip to the least that the pool admits. */
  #least(tip: bigint): bigint {
    const { minTip } = this.#core.settings;
    return tip < minTip ? minTip : tip;
  }

  #lowestTips(record: BlockRecord): readonly bigint[] {
    if (record.hashes.length === 0) return [];
    const known = this.#tips.get(record);
    if (known !== undefined) return known;
    const { baseFeePerGas = 0n, coinbase } = record.header;
    const tips = record.body().transactions
      .filter(({ sender }) => sender !== coinbase)
      .map(({ transaction }) => effectiveTip(transaction, baseFeePerGas))
      .filter((tip) => tip >= IGNORED_TIP)
      .sort(ascending)
      .slice(0, SAMPLES_PER_BLOCK);
    this.#tips.set(record, tips);
    return tips;
  }

  /** Returns the answer of geth's eth_feeHistory. */
  async history(
    count: number,
    options: {
      readonly newest: BlockRef;
      readonly pending: BlockRecord | null;
      readonly percentiles: readonly number[];
    },
  ): Promise<unknown> {
    if (count < 1) return { oldestBlock: "0x0", gasUsedRatio: null };
    checkPercentiles(options.percentiles);
    const newest = options.pending ?? this.#newest(options.newest);
    const first = this.#core.blocks.genesis.number;
    const available = Number(newest.number - first) + 1;
    const size = Math.min(count, MAX_HISTORY_BLOCKS, available);
    const blocks: BlockRecord[] = [];
    for (let offset = size - 1; offset >= 0; offset--) {
      const number = newest.number - BigInt(offset);
      const record = number === newest.number ? newest : this.#core.blocks.at(number);
      if (record !== null) blocks.push(record);
    }
    const reward: string[][] = [];
    const pacer = new Pacer({});
    for (const block of options.percentiles.length === 0 ? [] : blocks) {
      reward.push(rewards(block, options.percentiles));
      await pacer.breathe();
    }
    const next = nextFees(this.#core, newest);
    return {
      oldestBlock: quantity(newest.number - BigInt(size - 1)),
      ...(options.percentiles.length === 0 ? {} : { reward }),
      baseFeePerGas: [...blocks.map(({ header }) => header.baseFeePerGas ?? 0n), next.baseFee ?? 0n]
        .map(quantity),
      gasUsedRatio: blocks.map(({ header }) => Number(header.gasUsed) / Number(header.gasLimit)),
      baseFeePerBlobGas: [...blocks.map(({ header }) => this.#core.blobGasPrice(header) ?? 0n), next.blobBaseFee ?? 0n]
        .map(quantity),
      blobGasUsedRatio: blocks.map(({ header }) => {
        const max = Number(this.#core.rulesOf(header).blobs?.max ?? 0) * Number(GAS_PER_BLOB);
        return max === 0 ? 0 : Number(header.blobGasUsed ?? 0n) / max;
      }),
    };
  }

  #newest(at: BlockRef): BlockRecord {
    const record = this.#core.find(at);
    if (record !== null) return record;
    if ("number" in at) {
      throw serverError(`request beyond head block: requested ${at.number}, head ${this.#core.blocks.head.number}`);
    }
    throw serverError("header not found");
  }
}

function rewards(block: BlockRecord, percentiles: readonly number[]): string[] {
  const { baseFeePerGas = 0n, gasUsed } = block.header;
  if (block.hashes.length === 0) return percentiles.map(() => "0x0");
  const receipts = block.receipts();
  const items = block.body().transactions
    .map(({ transaction }, index) => ({
      gas: receipts[index]?.gasUsed ?? 0n,
      tip: effectiveTip(transaction, baseFeePerGas),
    }))
    .sort((one, other) => ascending(one.tip, other.tip));
  let index = 0;
  let sum = items[0]?.gas ?? 0n;
  return percentiles.map((percentile) => {
    const threshold = BigInt(Math.floor(Number(gasUsed) * percentile / 100));
    while (sum < threshold && index < items.length - 1) sum += items[++index]?.gas ?? 0n;
    return quantity(items[index]?.tip ?? 0n);
  });
}

function effectiveTip(fees: { readonly gasFeeCap: bigint; readonly gasTipCap: bigint }, baseFee: bigint): bigint {
  const room = fees.gasFeeCap - baseFee;
  return fees.gasTipCap < room ? fees.gasTipCap : room;
}

function checkPercentiles(percentiles: readonly number[]): void {
  const fail = (detail: string) => {
    throw new RpcError(-32000, `invalid reward percentile: ${detail}`);
  };
  if (percentiles.length > MAX_PERCENTILES) fail(`over the query limit ${MAX_PERCENTILES}`);
  percentiles.forEach((percentile, index) => {
    if (percentile < 0 || percentile > 100) fail(percentile.toFixed(6));
    const before = percentiles[index - 1];
    if (before !== undefined && percentile <= before) {
      fail(`#${index - 1}:${before.toFixed(6)} >= #${index}:${percentile.toFixed(6)}`);
    }
  });
}

function ascending(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
