import type { Address, BlockRef, Data, Hash, LogQuery, Quantity } from "../../eth/types.ts";
import type { BlockReader, LogLimits } from "../../node/mod.ts";
import type { RawJson } from "../../rpc/raw_json.ts";
import type { Past, Sides } from "../sides.ts";
import { capabilities } from "./capabilities.ts";
import { feeHistory } from "./fee_history.ts";
import { logs } from "./logs.ts";

/** Reads blocks, transactions, receipts and logs on both sides of the forked block. */
export class ForkBlocks implements BlockReader {
  readonly #sides: Sides;

  constructor(sides: Sides) {
    this.#sides = sides;
  }

  headNumber(): Quantity | Promise<Quantity> {
    return this.#sides.local.blocks.headNumber();
  }

  header(at: BlockRef): Promise<RawJson | null> {
    return this.#of(at, (blocks, at) => blocks.header(at));
  }

  block(at: BlockRef, full: boolean): Promise<RawJson | null> {
    return this.#of(at, (blocks, at) => blocks.block(at, full));
  }

  transactionCountOf(at: BlockRef): Promise<Quantity | null> {
    return this.#of(at, (blocks, at) => blocks.transactionCountOf(at));
  }

  uncleCountOf(at: BlockRef): Promise<Quantity | null> {
    return this.#of(at, (blocks, at) => blocks.uncleCountOf(at));
  }

  uncle(at: BlockRef, index: number): Promise<RawJson | null> {
    return this.#of(at, (blocks, at) => blocks.uncle(at, index));
  }

  async transaction(hash: Hash): Promise<RawJson | null> {
    const { local, past } = this.#sides;
    return await local.blocks.transaction(hash) ?? await oldTransaction(hash, past);
  }

  transactionAt(at: BlockRef, index: number): Promise<RawJson | null> {
    return this.#of(at, (blocks, at) => blocks.transactionAt(at, index));
  }

  async rawTransaction(hash: Hash): Promise<Data | null> {
    const { local, past } = this.#sides;
    const own = await local.blocks.rawTransaction(hash);
    if (own !== null || past === null || await oldTransaction(hash, past) === null) return own;
    return await past.remote.blocks.rawTransaction(hash);
  }

  rawTransactionAt(at: BlockRef, index: number): Promise<Data | null> {
    return this.#of(at, (blocks, at) => blocks.rawTransactionAt(at, index));
  }

  async receipt(hash: Hash): Promise<RawJson | null> {
    const { local, past } = this.#sides;
    const own = await local.blocks.receipt(hash);
    // A client that waits for its receipt asks again and again: what is in the pool here is in no block there.
    if (own !== null || past === null || await local.blocks.transaction(hash) !== null) return own;
    return await past.remote.blocks.receipt(hash);
  }

  receiptsOf(at: BlockRef): Promise<RawJson | null> {
    return this.#of(at, (blocks, at) => blocks.receiptsOf(at));
  }

  logs(query: LogQuery, limits: LogLimits, signal?: AbortSignal): Promise<RawJson> {
    return logs(this.#sides, query, { limits, signal });
  }

  feeHistory(count: number, newest: BlockRef, percentiles: readonly number[]): Promise<RawJson> {
    return feeHistory(this.#sides, newest, { count, percentiles });
  }

  gasPrice(): Quantity | Promise<Quantity> {
    return this.#sides.local.blocks.gasPrice();
  }

  maxPriorityFeePerGas(): Quantity | Promise<Quantity> {
    return this.#sides.local.blocks.maxPriorityFeePerGas();
  }

  baseFee(): Quantity | null | Promise<Quantity | null> {
    return this.#sides.local.blocks.baseFee();
  }

  blobBaseFee(): Quantity | null | Promise<Quantity | null> {
    return this.#sides.local.blocks.blobBaseFee();
  }

  syncing(): RawJson | Promise<RawJson> {
    return this.#sides.local.blocks.syncing();
  }

  coinbase(): Address | Promise<Address> {
    return this.#sides.local.blocks.coinbase();
  }

  /** The forks of the other chain: a fork id is made of its block 0, which is not here. */
  config(): RawJson | Promise<RawJson> {
    return this.#sides.past?.config ?? this.#sides.local.blocks.config();
  }

  capabilities(): Promise<RawJson> {
    return capabilities(this.#sides);
  }

  async #of<T>(at: BlockRef, read: (blocks: BlockReader, at: BlockRef) => T | Promise<T>): Promise<T> {
    const below = await this.#sides.ofBlock(at);
    return below === null ? await read(this.#sides.local.blocks, at) : await read(below.remote.blocks, below.at);
  }
}

/** Returns a transaction of the other chain; null for one that waits there, or came into a block above the forked one. */
async function oldTransaction(hash: Hash, past: Past | null): Promise<RawJson | null> {
  const json = await past?.remote.blocks.transaction(hash) ?? null;
  const { blockNumber } = (json?.decode() ?? {}) as { readonly blockNumber?: unknown };
  if (past === null || typeof blockNumber !== "string") return null;
  return BigInt(blockNumber) > past.block.number ? null : json;
}
