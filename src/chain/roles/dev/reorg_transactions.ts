import type { Data, TransactionRequest } from "../../../eth/types.ts";
import { invalidParams, serverError } from "../../../rpc/error.ts";
import type { ExecutedBlock } from "../../store/block_record.ts";
import type { IncludedTransaction } from "../../store/block.ts";
import type { ChainCore } from "../../core/core.ts";
import { nextFees } from "../../core/next_fees.ts";
import type { FeeReader } from "../read/fees.ts";
import { RlpError } from "../../../primitives/rlp.ts";
import { SignatureError } from "../../../primitives/sender.ts";
import { unsigned } from "../../../eth/unsigned_transaction.ts";
import { fillRequest } from "../../../eth/fill_request.ts";
import { quantity } from "../../../primitives/hex.ts";
import { readSigned, transactionHash, withImpersonatedSender } from "../../../primitives/signed_transaction.ts";

/** Gas of a request that names none: enough for most, and within EIP-7825. */
const DEFAULT_GAS = 10_000_000n;

/** Reads the transactions that anvil_reorg puts into the new blocks. */
export class ReorgTransactions {
  readonly #core: ChainCore;
  readonly #fees: FeeReader;

  constructor(core: ChainCore, fees: FeeReader) {
    this.#core = core;
    this.#fees = fees;
  }

  /** Reads one for a child of `parent`; `before` go into the same block ahead of it: their nonces are used. */
  async read(
    input: Data | TransactionRequest,
    place: { readonly parent: ExecutedBlock; readonly before: readonly IncludedTransaction[] },
  ): Promise<IncludedTransaction> {
    return typeof input === "string" ? this.#signed(input) : await this.#request(input, place);
  }

  #signed(raw: Data): IncludedTransaction {
    try {
      const { chainId } = this.#core.forks.config;
      const { transaction, sender, hash } = readSigned(raw, { chainId, homestead: true });
      return { transaction, sender, hash, impersonated: false };
    } catch (cause) {
      if (cause instanceof RlpError || cause instanceof SignatureError) throw serverError(cause.message, { cause });
      throw cause;
    }
  }

  async #request(
    request: TransactionRequest,
    { parent: { record: parent, world }, before }: {
      readonly parent: ExecutedBlock;
      readonly before: readonly IncludedTransaction[];
    },
  ): Promise<IncludedTransaction> {
    const { from } = request;
    if (from === undefined) throw invalidParams("a transaction request of a reorganisation needs `from`");
    const own = BigInt(before.filter(({ sender }) => sender === from).length);
    const complete = await fillRequest(request, {
      rules: this.#core.rulesAfter(parent, parent.header.timestamp + 1n),
      chainId: this.#core.forks.config.chainId,
      baseFee: parent.header.baseFeePerGas,
      blobBaseFee: nextFees(this.#core).blobBaseFee,
      suggestedTip: () => this.#fees.suggestedTip(),
      isFree: parent.header.baseFeePerGas === 0n && this.#core.settings.minTip === 0n,
      nextNonce: (address) => this.#core.loaded(() => world.nonce(address) + own),
      estimateGas: () => Promise.resolve(quantity(minimum(DEFAULT_GAS, parent.header.gasLimit))),
    });
    const transaction = withImpersonatedSender(unsigned(complete), from);
    return { transaction, sender: from, hash: transactionHash(transaction), impersonated: true };
  }
}

function minimum(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
