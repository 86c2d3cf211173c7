import type { Address, Data, Hash, Quantity, TransactionRequest } from "../../eth/types.ts";
import type {
  BlockReader,
  Executor,
  FilledTransaction,
  IdentityReader,
  SendOptions,
  StateReader,
  Submitter,
} from "../../node/mod.ts";
import { ZERO_ADDRESS } from "../../primitives/hex.ts";
import { RlpError } from "../../primitives/rlp.ts";
import { SignatureError } from "../../primitives/sender.ts";
import { highestFee, readSigned, type SignedTransaction } from "../../primitives/signed_transaction.ts";
import { typeOfRequest, unsigned } from "../../eth/unsigned_transaction.ts";
import { serverError } from "../../rpc/error.ts";
import { broadcast } from "../broadcast.ts";
import type { Router } from "../router.ts";
import type { SentNonces } from "../sent_nonces.ts";

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
    const { router, sent, identity } = this.#parts;
    const { transaction, hash, sender } = readOrRefuse(raw, BigInt(await identity.chainId()));
    options?.checkFee(highestFee(transaction));
    const upstreams = router.candidates({ method: "eth_sendRawTransaction", params: "" });
    await broadcast(raw, { upstreams, hash });
    sent.note(sender, transaction.nonce);
    return hash;
  }

  async fill(request: TransactionRequest, signal: AbortSignal): Promise<FilledTransaction> {
    if (request.blobVersionedHashes !== undefined || request.blobs !== undefined) {
      throw serverError("blob transactions are not filled in before an upstream: send them signed");
    }
    const { identity, executor } = this.#parts;
    const from = request.from ?? ZERO_ADDRESS;
    const chainId = BigInt(await identity.chainId());
    if (request.chainId !== undefined && request.chainId !== chainId) {
      throw serverError(`chainId does not match node's (have=${request.chainId}, want=${chainId})`);
    }
    if ((request.to ?? null) === null && (request.input ?? "0x") === "0x") {
      throw serverError("contract creation without any data provided");
    }
    const pending = { tag: "pending" } as const;
    const [fees, nonce] = await Promise.all([
      this.#fees(request),
      request.nonce ?? this.#nonce(from),
    ]);
    const filled = { ...request, ...fees, from, nonce, chainId, value: request.value ?? 0n };
    const gas = request.gas ?? BigInt(await executor.estimateGas(filled, pending, { signal }));
    return { from, transaction: unsigned({ ...filled, gas, type: typeOfRequest(filled) }), sidecar: null };
  }

  async #nonce(from: Address): Promise<bigint> {
    return BigInt(await this.#parts.state.nonce(from, { tag: "pending" }));
  }

  /** Returns fees as geth's setFeeDefaults: the suggested tip, and twice the base fee. */
  async #fees(
    request: TransactionRequest,
  ): Promise<Pick<TransactionRequest, "gasPrice" | "maxFeePerGas" | "maxPriorityFeePerGas">> {
    const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = request;
    const { blocks } = this.#parts;
    if (gasPrice !== undefined) {
      if (maxFeePerGas !== undefined || maxPriorityFeePerGas !== undefined) {
        throw serverError("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified");
      }
      return { gasPrice };
    }
    const baseFee: Quantity | null = await blocks.baseFee();
    if (baseFee === null) return { gasPrice: BigInt(await blocks.gasPrice()) };
    const tip = maxPriorityFeePerGas ?? BigInt(await blocks.maxPriorityFeePerGas());
    const cap = maxFeePerGas ?? tip + 2n * BigInt(baseFee);
    if (cap < tip) throw serverError(`maxFeePerGas (${cap}) < maxPriorityFeePerGas (${tip})`);
    return { maxFeePerGas: cap, maxPriorityFeePerGas: tip };
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
