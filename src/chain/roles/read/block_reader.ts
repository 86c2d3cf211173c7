import type { Address, BlockRef, Data, Hash, LogQuery, Quantity } from "../../../eth/types.ts";
import type { BlockReader, LogLimits } from "../../../node/blocks.ts";
import { RawJson } from "../../../rpc/raw_json.ts";
import { type Blocks, isPending } from "./blocks.ts";
import type { ChainCore } from "../../core/core.ts";
import type { EncodedBlock } from "../../encode/encoded_block.ts";
import { encodeHeader, headerHash } from "../../../primitives/header.ts";
import { encodeTransaction } from "../../../primitives/transaction_codec.ts";
import { blockJson } from "../../encode/header.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { configOf } from "./config.ts";
import { nextFees } from "../../core/next_fees.ts";
import type { FeeReader } from "./fees.ts";
import { LogReader } from "./logs.ts";
import { quantity } from "../../../primitives/hex.ts";

const NOT_SYNCING = new RawJson("false");

/** Reads blocks, transactions, receipts, logs and fees. */
export class EmbeddedBlockReader implements BlockReader {
  readonly #core: ChainCore;
  readonly #blocks: Blocks;
  readonly #fees: FeeReader;
  readonly #logs: LogReader;

  constructor(core: ChainCore, options: { readonly blocks: Blocks; readonly fees: FeeReader }) {
    this.#core = core;
    this.#blocks = options.blocks;
    this.#fees = options.fees;
    this.#logs = new LogReader(core);
  }

  headNumber(): Quantity {
    return quantity(this.#core.blocks.head.number);
  }

  header(at: BlockRef): RawJson | null | Promise<RawJson> {
    return this.#encoded(at, (block) => block.header());
  }

  block(at: BlockRef, full: boolean): RawJson | null | Promise<RawJson> {
    return this.#encoded(at, (block) => block.block(full));
  }

  receiptsOf(at: BlockRef): RawJson | null | Promise<RawJson> {
    return this.#encoded(at, (block) => RawJson.array(block.receipts()));
  }

  #encoded<T>(at: BlockRef, read: (block: EncodedBlock) => T): T | null | Promise<T> {
    const block = this.#blocks.encoded(at);
    if (block instanceof Promise) return block.then(read);
    return block === null ? null : read(block);
  }

  async transactionCountOf(at: BlockRef): Promise<Quantity | null> {
    const record = await this.#blocks.find(at);
    return record === null ? null : quantity(record.hashes.length);
  }

  async uncleCountOf(at: BlockRef): Promise<Quantity | null> {
    const record = await this.#blocks.find(at);
    return record === null ? null : quantity(record.body().uncles.length);
  }

  async uncle(at: BlockRef, index: number): Promise<RawJson | null> {
    const record = await this.#blocks.find(at);
    const uncle = record?.body().uncles[index];
    if (uncle === undefined) return null;
    // geth wraps the header into an otherwise empty block, and its size counts the two empty lists of that.
    const size = encodeHeader(uncle).length / 2 + 5;
    const parts = { size, transactions: null, uncles: [], withdrawals: undefined };
    return blockJson(uncle, headerHash(uncle), { parts });
  }

  transaction(hash: Hash): RawJson | null {
    const place = this.#core.blocks.locate(hash);
    if (place !== null) return this.#core.encoded.of(place.record).transactions()[place.index] ?? null;
    return this.#core.pool.get(hash)?.json ?? null;
  }

  async transactionAt(at: BlockRef, index: number): Promise<RawJson | null> {
    const block = await this.#blocks.encoded(at);
    return block?.transactions()[index] ?? null;
  }

  rawTransaction(hash: Hash): Data | null {
    const place = this.#core.blocks.locate(hash);
    const entry = place === null ? this.#core.pool.get(hash) : null;
    if (entry !== null) return `0x${entry.raw()}`;
    const included = place?.record.body().transactions[place.index];
    return included === undefined ? null : `0x${encodeTransaction(included.transaction)}`;
  }

  async rawTransactionAt(at: BlockRef, index: number): Promise<Data | null> {
    const record = await this.#blocks.find(at);
    const included = record?.body().transactions[index];
    return included === undefined ? null : `0x${encodeTransaction(included.transaction)}`;
  }

  receipt(hash: Hash): RawJson | null {
    const place = this.#core.blocks.locate(hash);
    return place === null ? null : this.#core.encoded.of(place.record).receipts()[place.index] ?? null;
  }

  logs(query: LogQuery, limits: LogLimits, signal?: AbortSignal): Promise<RawJson> {
    return this.#logs.logs(query, limits, signal);
  }

  async feeHistory(count: number, newest: BlockRef, percentiles: readonly number[]): Promise<RawJson> {
    const pending = isPending(newest) ? await this.#blocks.required(newest) : null;
    return RawJson.of(await this.#fees.history(count, { newest, pending, percentiles }));
  }

  gasPrice(): Quantity {
    return quantity(this.#fees.gasPrice());
  }

  maxPriorityFeePerGas(): Quantity {
    return quantity(this.#fees.suggestedTip());
  }

  baseFee(): Quantity | null {
    const fee = nextFees(this.#core).baseFee;
    return fee === null ? null : quantity(fee);
  }

  blobBaseFee(): Quantity | null {
    // This is the head's, as in geth's EthAPIBackend.BlobBaseFee; eth_feeHistory returns the next block's.
    const fee = this.#core.blobGasPrice(this.#core.blocks.head.header);
    return fee === undefined ? null : quantity(fee);
  }

  /** Returns false, because the chain is always at its own head. */
  syncing(): RawJson {
    return NOT_SYNCING;
  }

  coinbase(): Address {
    return this.#core.settings.coinbase;
  }

  async config(): Promise<RawJson> {
    return RawJson.of(await configOf(this.#core));
  }

  capabilities(): RawJson {
    return RawJson.of(capabilitiesOf(this.#core));
  }
}
