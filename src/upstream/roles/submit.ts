import type { Data, Hash, Quantity, TransactionRequest } from "../../eth/types.ts";
import type {
  BlockReader,
  Executor,
  FilledTransaction,
  IdentityReader,
  SendOptions,
  StateReader,
  Submitter,
} from "../../node/mod.ts";
import { RlpError } from "../../primitives/rlp.ts";
import { SignatureError } from "../../primitives/sender.ts";
import { highestFee, readSigned, type SignedTransaction } from "../../primitives/signed_transaction.ts";
import { type Defaults, fillRequest } from "../../eth/fill_request.ts";
import { requestSidecar } from "../../eth/request_sidecar.ts";
import { unsigned } from "../../eth/unsigned_transaction.ts";
import { CODE, RpcError, serverError } from "../../rpc/error.ts";
import { broadcast } from "../broadcast.ts";
import type { Router } from "../router.ts";
import type { SentNonces } from "../sent_nonces.ts";

/** The precompile of EIP-7951, by the name that EIP-7910 gives it. */
const OSAKA_PRECOMPILE = "P256VERIFY";

/** The part of the answer to eth_config that is read. */
interface ForkConfig {
  readonly current?: { readonly precompiles?: Readonly<Record<string, unknown>> };
}

export interface UpstreamSubmitterParts {
  readonly identity: IdentityReader;
  readonly blocks: BlockReader;
  readonly state: StateReader;
  readonly executor: Executor;
  readonly router: Router;
  readonly sent: SentNonces;
}

/** Completes transactions with values of the upstreams, and sends signed ones to all of them. */
export class UpstreamSubmitter implements Submitter {
  readonly #parts: UpstreamSubmitterParts;

  constructor(parts: UpstreamSubmitterParts) {
    this.#parts = parts;
  }

  async sendRaw(raw: Data, options?: SendOptions): Promise<Hash> {
    const { sent, identity } = this.#parts;
    const { transaction, hash, sender } = readOrRefuse(raw, BigInt(await identity.chainId()));
    options?.checkFee(highestFee(transaction));
    await this.#send(raw, { hash, signal: options?.signal });
    sent.note(sender, transaction.nonce);
    return hash;
  }

  /** Sends it to every upstream; one that is in a block already has been sent, whatever its nonce is now. */
  async #send(raw: Data, { hash, signal }: { hash: Hash; signal: AbortSignal | undefined }): Promise<void> {
    const { router } = this.#parts;
    const question = { method: "eth_sendRawTransaction", params: `["${raw}"]`, signal };
    try {
      await broadcast(router, { question, hash });
    } catch (error) {
      if (!(error instanceof RpcError) || !/nonce too low/i.test(error.message)) throw error;
      const known = await router.ask({ method: "eth_getTransactionByHash", params: `["${hash}"]`, signal });
      if (known.text === "null") throw error;
    }
  }

  async fill(request: TransactionRequest, signal: AbortSignal): Promise<FilledTransaction> {
    const blobs = request.blobs === undefined
      ? null
      : await requestSidecar(request, { cells: await this.#takesCellProofs(), signal });
    const complete = await fillRequest(blobs?.request ?? request, await this.#defaults(request, signal));
    return { from: complete.from, transaction: unsigned(complete), sidecar: blobs?.sidecar ?? null };
  }

  /** Asks for what the request leaves out, all at once. */
  async #defaults(request: TransactionRequest, signal: AbortSignal): Promise<Defaults> {
    const { identity, blocks, state, executor } = this.#parts;
    const isPriced = request.gasPrice !== undefined || request.maxPriorityFeePerGas !== undefined;
    const takesBlobs = request.blobVersionedHashes !== undefined || request.blobs !== undefined;
    const [chainId, head, tip, blobBaseFee] = await Promise.all([
      identity.chainId(),
      blocks.header({ tag: "latest" }),
      isPriced ? null : blocks.maxPriorityFeePerGas(),
      takesBlobs ? blocks.blobBaseFee() : null,
    ]);
    // geth counts on from the base fee of the head, not of the next block.
    const { baseFeePerGas: baseFee = null } = (head?.decode() ?? {}) as { readonly baseFeePerGas?: Quantity };
    // Before London the price is suggested as a whole.
    const suggested = baseFee === null && !isPriced ? await blocks.gasPrice() : tip;
    return {
      chainId: BigInt(chainId),
      rules: { has: () => baseFee !== null },
      baseFee: baseFee === null ? undefined : BigInt(baseFee),
      blobBaseFee: blobBaseFee === null ? null : BigInt(blobBaseFee),
      suggestedTip: () => BigInt(suggested ?? 0n),
      // anvil can be started without a base fee.
      isFree: baseFee === "0x0",
      nextNonce: async (address) => BigInt(await state.nonce(address, { tag: "pending" })),
      estimateGas: async ({ blobs: _blobs, commitments: _commitments, proofs: _proofs, ...call }) =>
        await executor.estimateGas(call, { tag: "pending" }, { signal }),
    };
  }

  /**
   * Returns true where a blob is sent with the proofs of its cells (EIP-7594): after Osaka, which a node shows by the
   * precompile that came with it (eth_config, EIP-7910). A node without that method is from before.
   */
  async #takesCellProofs(): Promise<boolean> {
    try {
      const config = await this.#parts.blocks.config();
      return OSAKA_PRECOMPILE in ((config.decode() as ForkConfig).current?.precompiles ?? {});
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== CODE.methodNotFound) throw error;
      return false;
    }
  }
}

function readOrRefuse(raw: Data, chainId: bigint): SignedTransaction {
  try {
    return readSigned(raw, { chainId, homestead: true });
  } catch (error) {
    if (!(error instanceof RlpError || error instanceof SignatureError)) throw error;
    throw serverError(error.message, { cause: error });
  }
}
