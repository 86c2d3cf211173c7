import type { BlockRef, Hash, LogQuery, Quantity } from "../../eth/types.ts";
import type { BlockReader } from "../../node/mod.ts";
import { quantity } from "../../primitives/hex.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import type { Gateway, Position } from "../gateway.ts";
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

  block(at: BlockRef, full: boolean): Promise<RawJson | null> {
    return this.#ofBlock(at, { byHash: "eth_getBlockByHash", byNumber: "eth_getBlockByNumber", rest: [full] });
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
    const mined = this.#gateway.ring.locate(hash);
    return orNull(await this.#gateway.ask("eth_getTransactionByHash", [hash], { mustExist: mined !== null }));
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
    const head = await this.#gateway.head();
    const receipt = orNull(await this.#gateway.ask("eth_getTransactionReceipt", [hash]));
    // The gateway may not have announced its block yet: only then is it mined for clients of this gateway.
    return receipt === null || numberOf(receipt) > head.number ? null : receipt;
  }

  async receiptsOf(at: BlockRef): Promise<RawJson | null> {
    const position = await this.#gateway.locate(at);
    if (position === null) return null;
    const kept = position.hash === undefined ? null : this.#gateway.ring.of(position.hash)?.receipts ?? null;
    if (kept !== null) return RawJson.array(kept.map(({ json }) => json));
    const which = position.hash ?? position.param;
    return orNull(await this.#gateway.ask("eth_getBlockReceipts", [which], { at: position }));
  }

  logs(query: LogQuery, _limits: unknown, signal?: AbortSignal): Promise<RawJson> {
    return this.#logs.logs(query, signal);
  }

  async feeHistory(count: number, newest: BlockRef, percentiles: readonly number[]): Promise<RawJson> {
    const position = await this.#gateway.require(newest);
    return await this.#gateway.ask("eth_feeHistory", [quantity(count), numberParam(position), percentiles], {
      at: position,
      isVolatile: position.number === undefined,
    });
  }

  gasPrice(): Promise<Quantity> {
    return this.#gateway.text("eth_gasPrice", []);
  }

  maxPriorityFeePerGas(): Promise<Quantity> {
    return this.#gateway.text("eth_maxPriorityFeePerGas", []);
  }

  /** The last entry of a fee history is the next block's, and every node has that method. */
  async baseFee(): Promise<Quantity | null> {
    const history = (await this.feeHistory(1, { tag: "latest" }, [])).decode() as { baseFeePerGas?: Quantity[] };
    const fee = history.baseFeePerGas?.at(-1);
    return fee === undefined || BigInt(fee) === 0n ? null : fee;
  }

  blobBaseFee(): Promise<Quantity | null> {
    return this.#gateway.text("eth_blobBaseFee", []);
  }

  syncing(): Promise<RawJson> {
    return this.#gateway.ask("eth_syncing", []);
  }

  coinbase(): Promise<Hash> {
    return this.#gateway.text("eth_coinbase", []);
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
    const position = await this.#gateway.locate(at);
    if (position === null) return null;
    const { byHash, byNumber, rest = [], mayLack = false } = question;
    const isKept = position.hash !== undefined && this.#gateway.ring.canonical(position.hash) !== null;
    const options = { at: position, mustExist: isKept && !mayLack };
    const answer = position.hash === undefined
      ? await this.#gateway.ask(byNumber, [position.param, ...rest], options)
      : await this.#gateway.ask(byHash, [position.hash, ...rest], options);
    return orNull(answer);
  }
}

/** A parameter that may only be a number or a tag. */
export function numberParam({ number, param }: Position): unknown {
  return number === undefined ? param : quantity(number);
}

function orNull(json: RawJson): RawJson | null {
  return json.text === "null" ? null : json;
}

function textOf(json: RawJson | null): Hash | null {
  return json === null ? null : json.decode() as Hash;
}

function numberOf(receipt: RawJson): bigint {
  const { blockNumber } = receipt.decode() as { readonly blockNumber?: string };
  return BigInt(blockNumber ?? 0);
}
