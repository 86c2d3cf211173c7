import type { Data, Hash } from "../../eth/types.ts";
import type { BlockBuilder, BuildRequest } from "../../node/testing.ts";
import { RpcError, serverError } from "../../rpc/error.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import type { BlockRecord } from "../store/block_record.ts";
import type { IncludedTransaction } from "../store/block.ts";
import { buildBlock, type BuiltBlock, planBlock, type TransactionSource } from "../seal/builder.ts";
import type { ChainCore } from "../core/core.ts";
import { RlpError } from "../../primitives/rlp.ts";
import type { Sealer } from "../seal/sealer.ts";
import { SignatureError } from "../../primitives/sender.ts";
import { afterBlock } from "../core/settings.ts";
import { encodeTransaction, type Sidecar } from "../../primitives/transaction_codec.ts";
import { bytesToHex, quantity } from "../../primitives/hex.ts";
import { readSigned } from "../../primitives/signed_transaction.ts";

/** The block that was asked for, and the blobs that came with it. */
interface Payload {
  readonly built: BuiltBlock;
  readonly sidecars: ReadonlyMap<Hash, Sidecar>;
}

/** Builds the blocks of testing_buildBlockV1 (geth's eth/catalyst testing API). */
export class EmbeddedBlockBuilder implements BlockBuilder {
  readonly #core: ChainCore;
  readonly #sealer: Sealer;

  constructor(core: ChainCore, sealer: Sealer) {
    this.#core = core;
    this.#sealer = sealer;
  }

  async buildBlock(parent: Hash, request: BuildRequest): Promise<RawJson> {
    if (this.#core.blocks.head.hash !== parent) throw serverError("parentHash is not current head");
    const { built, sidecars } = await this.#build(request);
    return RawJson.of(this.#envelope(built, sidecars));
  }

  commitBlock(request: BuildRequest): Promise<Hash> {
    const core = this.#core;
    return core.writes.run(async () => {
      const planned = core.settings;
      if (request.parentBeaconBlockRoot === undefined) throw serverError("header is missing beaconRoot");
      const { built } = await this.#build(request);
      const { timestamp } = built.record.header;
      const patch = afterBlock(core.settings, { planned, timestamp, now: core.now() });
      core.commit({ kind: "append", block: built }, { kind: "settings", patch });
      return built.record.hash;
    });
  }

  async #build(request: BuildRequest): Promise<Payload> {
    const { head } = this.#core.blocks;
    if (request.timestamp <= head.header.timestamp) {
      throw serverError(`invalid timestamp, parent ${head.header.timestamp} given ${request.timestamp}`);
    }
    const plan = planBlock(this.#core, this.#core.head(), {
      timestamp: request.timestamp,
      coinbase: request.suggestedFeeRecipient,
      prevRandao: request.prevRandao,
      parentBeaconRoot: request.parentBeaconBlockRoot ?? null,
      extraData: request.extraData,
      withdrawals: request.withdrawals,
    });
    const sidecars = new Map<Hash, Sidecar>();
    const listed = request.transactions === null ? null : this.#read(request.transactions, sidecars);
    const source = () => listed === null ? this.#sealer.poolSource(plan.header.baseFeePerGas) : strictSource(listed);
    return { built: await buildBlock(this.#core, plan, source), sidecars };
  }

  #read(transactions: readonly Data[], sidecars: Map<Hash, Sidecar>): IncludedTransaction[] {
    const chainId = this.#core.forks.config.chainId;
    return transactions.map((raw, index) => {
      try {
        const { sidecar, ...signed } = readSigned(raw, { chainId, homestead: true });
        if (sidecar !== null) sidecars.set(signed.hash, sidecar);
        return { ...signed, impersonated: false };
      } catch (cause) {
        if (cause instanceof RlpError) throw serverError(`invalid transaction ${index}: ${cause.message}`, { cause });
        throw cause instanceof SignatureError ? serverError(cause.message, { cause }) : cause;
      }
    });
  }

  #envelope({ record, requests }: BuiltBlock, given: ReadonlyMap<Hash, Sidecar>): unknown {
    const { header, hash } = record;
    const { transactions, withdrawals } = record.body();
    const sidecars = record.hashes.flatMap((item) => given.get(item) ?? this.#core.pool.get(item)?.sidecar ?? []);
    const joined = (pick: (sidecar: Sidecar) => readonly string[]) =>
      sidecars.flatMap((sidecar) => pick(sidecar).map((digits) => `0x${digits}`));
    return {
      executionPayload: {
        parentHash: header.parentHash,
        feeRecipient: header.coinbase,
        stateRoot: header.stateRoot,
        receiptsRoot: header.receiptsRoot,
        logsBloom: header.logsBloom,
        prevRandao: header.mixHash,
        blockNumber: quantity(header.number),
        gasLimit: quantity(header.gasLimit),
        gasUsed: quantity(header.gasUsed),
        timestamp: quantity(header.timestamp),
        extraData: header.extraData,
        baseFeePerGas: quantity(header.baseFeePerGas ?? 0n),
        blockHash: hash,
        transactions: transactions.map(({ transaction }) => `0x${encodeTransaction(transaction)}`),
        withdrawals: withdrawals?.map((item) => ({
          index: quantity(item.index),
          validatorIndex: quantity(item.validatorIndex),
          address: item.address,
          amount: quantity(item.amount),
        })),
        blobGasUsed: header.blobGasUsed === undefined ? undefined : quantity(header.blobGasUsed),
        excessBlobGas: header.excessBlobGas === undefined ? undefined : quantity(header.excessBlobGas),
      },
      blockValue: quantity(valueOf(record)),
      blobsBundle: {
        commitments: joined((sidecar) => sidecar.commitments),
        proofs: joined((sidecar) => sidecar.proofs),
        blobs: joined((sidecar) => sidecar.blobs),
      },
      // EIP-7685: a request list that is empty is left out.
      executionRequests: requests.filter((request) => request.length > 1).map(bytesToHex),
      shouldOverrideBuilder: false,
    };
  }
}

/** Returns the income of the fee recipient: the tips. */
function valueOf(record: BlockRecord): bigint {
  const { baseFeePerGas = 0n } = record.header;
  return record.receipts().reduce(
    (sum, receipt) => sum + (receipt.effectiveGasPrice - baseFeePerGas) * receipt.gasUsed,
    0n,
  );
}

/** Adds exactly these transactions; throws the error of the first one that cannot be mined. */
function strictSource(transactions: readonly IncludedTransaction[]): TransactionSource {
  let at = 0;
  return {
    peek: () => transactions[at] ?? null,
    shift: () => {
      at++;
    },
    pop: () => {
      throw serverError("gas limit reached");
    },
    refused: (error) => {
      throw new RpcError(-32000, error.message, { cause: error });
    },
  };
}
