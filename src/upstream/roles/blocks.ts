import type { BlockRef, Hash, LogQuery, Quantity } from "../../eth/types.ts";
import type { BlockReader } from "../../node/mod.ts";
import { quantity } from "../../primitives/hex.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import type { Gateway } from "../gateway.ts";
import { readHeader } from "../head.ts";
import type { UpstreamLogs } from "./logs.ts";

/** Reads blocks, transactions, receipts and fees through the gateway. */
export class UpstreamBlocks implements BlockReader {
  readonly #gateway: Gateway;
  readonly #logs: UpstreamLogs;

  constructor(gateway: Gateway, logs: UpstreamLogs) {
    this.#gateway = gateway;
    this.#logs = logs;
  }

  async headNumber(): Promise<Quantity> {
    return quantity((await this.#gateway.head()).number);
  }

  async header(at: BlockRef): Promise<RawJson | null> {
    const block = await this.block(at, false);
    return block === null ? null : readHeader(block).json;
  }

  async block(at: BlockRef, full: boolean): Promise<RawJson | null> {
    let asked: unknown;
    return orNull(
      await this.#gateway.find(at, ({ hash, param }) => {
        asked = hash ?? param;
        return { method: hash === undefined ? "eth_getBlockByNumber" : "eth_getBlockByHash", params: [asked, full] };
      }, { isValid: (answer) => asked === "pending" || names(answer, String(asked)) }),
    );
  }

  async transactionCountOf(at: BlockRef): Promise<Quantity | null> {
    return textOf(
      await this.#ofBlock(at, {
        byHash: "eth_getBlockTransactionCountByHash",
        byNumber: "eth_getBlockTransactionCountByNumber",
      }),
    );
  }

  async uncleCountOf(at: BlockRef): Promise<Quantity | null> {
    return textOf(
      await this.#ofBlock(at, {
        byHash: "eth_getUncleCountByBlockHash",
        byNumber: "eth_getUncleCountByBlockNumber",
      }),
    );
  }

  uncle(at: BlockRef, index: number): Promise<RawJson | null> {
    return this.#ofBlock(at, {
      byHash: "eth_getUncleByBlockHashAndIndex",
      byNumber: "eth_getUncleByBlockNumberAndIndex",
      rest: [quantity(index)],
      mayLack: true,
    });
  }

  async transaction(hash: Hash): Promise<RawJson | null> {
    const { ring } = this.#gateway;
    const mined = ring.locate(hash);
    const transaction = orNull(
      await this.#gateway.ask("eth_getTransactionByHash", [hash], {
        mustExist: mined !== null,
        isValid: (answer) => names(answer, hash),
      }),
    );
    return transaction === null || this.#isAnnounced(transaction) ? transaction : unmined(transaction);
  }

  transactionAt(at: BlockRef, index: number): Promise<RawJson | null> {
    return this.#ofBlock(at, {
      byHash: "eth_getTransactionByBlockHashAndIndex",
      byNumber: "eth_getTransactionByBlockNumberAndIndex",
      rest: [quantity(index)],
      mayLack: true,
    });
  }

  async rawTransaction(hash: Hash): Promise<Hash | null> {
    return textOf(orNull(await this.#gateway.ask("eth_getRawTransactionByHash", [hash])));
  }

  async rawTransactionAt(at: BlockRef, index: number): Promise<Hash | null> {
    return textOf(
      await this.#ofBlock(at, {
        byHash: "eth_getRawTransactionByBlockHashAndIndex",
        byNumber: "eth_getRawTransactionByBlockNumberAndIndex",
        rest: [quantity(index)],
        mayLack: true,
      }),
    );
  }

  async receipt(hash: Hash): Promise<RawJson | null> {
    const kept = this.#gateway.ring.receipt(hash);
    if (kept !== null) return kept;
    await this.#gateway.head();
    const receipt = orNull(
      await this.#gateway.ask("eth_getTransactionReceipt", [hash], { isValid: (answer) => names(answer, hash) }),
    );
    return receipt === null || !this.#isAnnounced(receipt) ? null : receipt;
  }

  async receiptsOf(at: BlockRef): Promise<RawJson | null> {
    const { ring } = this.#gateway;
    const kept = "hash" in at
      ? ring.of(at.hash)
      : "number" in at
      ? ring.at(at.number)
      : at.tag === "latest"
      ? await this.#gateway.head()
      : null;
    if (kept !== null && kept.receipts !== null) return RawJson.array(kept.receipts.map(({ json }) => json));
    return orNull(
      await this.#gateway.find(at, ({ hash, param }) => ({ method: "eth_getBlockReceipts", params: [hash ?? param] })),
    );
  }

  logs(query: LogQuery, _limits: unknown, signal?: AbortSignal): Promise<RawJson> {
    return this.#logs.logs(query, signal);
  }

  async feeHistory(count: number, newest: BlockRef, percentiles: readonly number[]): Promise<RawJson> {
    return await this.#gateway.read(newest, ({ number, param }) => ({
      method: "eth_feeHistory",
      params: [quantity(count), number === undefined ? param : quantity(number), percentiles],
    }));
  }

  gasPrice(): Promise<Quantity> {
    return this.#gateway.askText("eth_gasPrice", []);
  }

  maxPriorityFeePerGas(): Promise<Quantity> {
    return this.#gateway.askText("eth_maxPriorityFeePerGas", []);
  }

  /** The last entry of a fee history is the next block's, and every node has that method. */
  async baseFee(): Promise<Quantity | null> {
    const history = (await this.feeHistory(1, { tag: "latest" }, [])).decode() as { baseFeePerGas?: Quantity[] };
    const fee = history.baseFeePerGas?.at(-1);
    return fee === undefined || BigInt(fee) === 0n ? null : fee;
  }

  blobBaseFee(): Promise<Quantity | null> {
    return this.#gateway.askText("eth_blobBaseFee", []);
  }

  syncing(): Promise<RawJson> {
    return this.#gateway.ask("eth_syncing", []);
  }

  coinbase(): Promise<Hash> {
    return this.#gateway.askText("eth_coinbase", []);
  }

  config(): Promise<RawJson> {
    return this.#gateway.ask("eth_config", []);
  }

  capabilities(): Promise<RawJson> {
    return this.#gateway.ask("eth_capabilities", []);
  }

  async #ofBlock(
    at: BlockRef,
    question: {
      readonly byHash: string;
      readonly byNumber: string;
      readonly rest?: readonly unknown[];
      readonly mayLack?: boolean;
    },
  ): Promise<RawJson | null> {
    const { byHash, byNumber, rest = [], mayLack = false } = question;
    return orNull(
      await this.#gateway.find(
        at,
        ({ hash, param }) =>
          hash === undefined
            ? { method: byNumber, params: [param, ...rest] }
            : { method: byHash, params: [hash, ...rest] },
        { mayLack },
      ),
    );
  }

  /** Returns false for a transaction or receipt of a block that the gateway has not announced: for its clients it is not mined. */
  #isAnnounced(mined: RawJson): boolean {
    const { blockNumber, blockHash } = mined.decode() as { readonly blockNumber?: string; readonly blockHash?: Hash };
    if (blockNumber === undefined || blockNumber === null || blockHash === undefined) return true;
    return this.#gateway.isAnnounced(BigInt(blockNumber), blockHash);
  }
}

/** Returns false for an answer that does not name what was asked for: it is about something else, or is no answer. */
function names({ text }: RawJson, asked: string): boolean {
  return text === "null" || text.includes(`"${asked}"`);
}

/** A transaction as geth shows it while it is in the pool. */
function unmined(transaction: RawJson): RawJson {
  return RawJson.of({
    ...transaction.decode() as object,
    blockHash: null,
    blockNumber: null,
    blockTimestamp: undefined,
    transactionIndex: null,
  });
}

function orNull(json: RawJson | null): RawJson | null {
  return json?.text === "null" ? null : json;
}

function textOf(json: RawJson | null): Hash | null {
  return json === null ? null : json.decode() as Hash;
}
