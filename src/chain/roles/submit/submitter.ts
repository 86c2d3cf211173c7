import type { Data, Hash, TransactionRequest } from "../../../eth/types.ts";
import type { Executor } from "../../../node/executor.ts";
import type { FilledTransaction, SendOptions, Submitter } from "../../../node/submit.ts";
import { RpcError, serverError } from "../../../rpc/error.ts";
import type { ChainCore } from "../../core/core.ts";
import { keccakDigits } from "../../../primitives/hash.ts";
import type { Rules } from "../../../evm/forks.ts";
import { completeSidecar } from "../../../primitives/blob_proofs.ts";
import type { PoolChange } from "../../pool/pool.ts";
import { PoolEntry } from "../../pool/pool_entry.ts";
import { Mutex } from "../../../concurrency/mutex.ts";
import { timeSlices } from "../../../concurrency/time_slices.ts";
import { TemporaryReject } from "../../pool/temporary_reject.ts";
import { isNeverMinable } from "../../pool/affordability.ts";
import { admit, checkSize, checkTransaction } from "../../pool/validation.ts";
import { nextFees, quotedBaseFee } from "../../core/next_fees.ts";
import type { FeeReader } from "../read/fees.ts";
import { RlpError } from "../../../primitives/rlp.ts";
import type { Sealer } from "../../seal/sealer.ts";
import { checksumAddress } from "../../../primitives/checksum.ts";
import { isReplayProtected } from "../../../primitives/sender.ts";
import { networkEncoding, transactionHash, withImpersonatedSender } from "../../../primitives/signed_transaction.ts";
import { type DecodedTransaction, decodeTransaction, type Sidecar } from "../../../primitives/transaction_codec.ts";
import { unsigned } from "../../../eth/unsigned_transaction.ts";
import { type Defaults, fillRequest } from "../../../eth/fill_request.ts";
import { requestSidecar } from "../../../eth/request_sidecar.ts";
import { MAX_BLOBS_PER_TRANSACTION } from "../../../primitives/limits.ts";

/** The type byte of EIP-4844, in digits. */
const BLOB_TYPE = "03";

/** Completes transactions and takes them into the pool. */
export class EmbeddedSubmitter implements Submitter {
  readonly #core: ChainCore;
  readonly #sealer: Sealer;
  readonly #fees: FeeReader;
  readonly #executor: Executor;
  readonly #allowsUnprotected: boolean;
  /** Signed transactions are admitted in the order in which they came. */
  readonly #admissions = new Mutex();
  #arrivals = 0;

  constructor(
    core: ChainCore,
    parts: {
      readonly sealer: Sealer;
      readonly fees: FeeReader;
      readonly executor: Executor;
      /** Called when waiting transactions could not be offered to the pool again. */
      readonly onError: (error: unknown) => void;
      /** --rpc.allow-unprotected-txs */
      readonly allowsUnprotected: boolean;
    },
  ) {
    this.#core = core;
    this.#sealer = parts.sealer;
    this.#fees = parts.fees;
    this.#executor = parts.executor;
    this.#allowsUnprotected = parts.allowsUnprotected;
    this.#arrivals = core.pool.lastArrival + 1;
    core.events.onEvent((event) => {
      if (event.kind !== "block" || !core.pool.hasDelayed) return;
      // This must not run inside the commit that emitted the event.
      queueMicrotask(() => void this.#retry().catch(parts.onError));
    });
    // The process may have ended between a block and the retry after it.
    if (core.pool.hasDelayed) queueMicrotask(() => void this.#retry().catch(parts.onError));
  }

  async fill(request: TransactionRequest, signal: AbortSignal): Promise<FilledTransaction> {
    const defaults = this.#defaults(signal);
    const blobs = await requestSidecar(request, { cells: defaults.rules.has("osaka"), signal });
    const complete = await fillRequest(blobs?.request ?? request, defaults);
    return { from: complete.from, transaction: unsigned(complete), sidecar: blobs?.sidecar ?? null };
  }

  #defaults(signal: AbortSignal): Defaults & { readonly rules: Rules } {
    const core = this.#core;
    const { head } = core.blocks;
    return {
      rules: core.rulesAfter(head, head.header.timestamp + 1n),
      chainId: core.forks.config.chainId,
      baseFee: quotedBaseFee(core) ?? undefined,
      blobBaseFee: nextFees(core).blobBaseFee,
      suggestedTip: () => this.#fees.suggestedTip(),
      // geth has no such chain: here the base fee can be set to nothing, and then nothing is a price.
      isFree: quotedBaseFee(core) === 0n && core.settings.minTip === 0n,
      nextNonce: (address) => core.loaded(() => core.pool.nextNonce(address), signal),
      estimateGas: (call) => this.#executor.estimateGas(call, { tag: "latest" }, { signal }),
    };
  }

  async sendRaw(raw: Data, options?: SendOptions): Promise<Hash> {
    const digits = raw.slice(2);
    const hash = await this.#inTurn(digits, options);
    await this.#sealer.poolChanged();
    return hash;
  }

  async #inTurn(digits: string, options: SendOptions | undefined): Promise<Hash> {
    if (digits.startsWith(BLOB_TYPE)) return await this.#takeSigned(digits, options);
    // Thousands can be sent at once: they are admitted one after the other, and other work runs between them. The proofs of
    // blobs take long and are checked in a worker, so blob transactions do not delay others.
    const leave = await this.#admissions.acquire(options?.signal);
    try {
      await timeSlices.start();
      return await this.#takeSigned(digits, options);
    } finally {
      leave();
      timeSlices.finish();
    }
  }

  async #takeSigned(digits: string, options: SendOptions | undefined): Promise<Hash> {
    const { transaction, sidecar: given } = decode(digits);
    // geth's SubmitTransaction: first the cap, then this, unless --rpc.allow-unprotected-txs.
    options?.checkFee(transaction.gasLimit * transaction.gasFeeCap);
    if (!this.#allowsUnprotected && !isReplayProtected(transaction)) {
      throw serverError("only replay-protected (EIP-155) transactions allowed over RPC");
    }
    const admission = this.#admission();
    // Nothing of that size is known, so this may come before the next check.
    checkSize(transaction, digits.length / 2, admission);
    const hash = given === null ? keccakDigits(digits) : transactionHash(transaction);
    if (this.#core.pool.knows(hash)) throw serverError("already known");
    const signal = options?.signal;
    const sidecar = given === null ? null : await withCellProofs(given, { rules: admission.rules, signal });
    const sender = await admit({ transaction, sidecar, bytes: digits.length / 2, signal }, admission);
    await this.#take({ transaction, hash, sender, sidecar, impersonated: false }, signal);
    return hash;
  }

  /** Pools a transaction of an impersonated account. */
  async sendUnsigned({ from, transaction, sidecar }: FilledTransaction): Promise<Hash> {
    const bytes = networkEncoding(transaction, sidecar).length / 2 - 1;
    checkTransaction(transaction, bytes, this.#admission());
    const marked = withImpersonatedSender(transaction, from);
    const hash = transactionHash(marked);
    if (this.#core.pool.knows(hash)) throw serverError("already known");
    await this.#take({ transaction: marked, hash, sender: from, sidecar, impersonated: true });
    await this.#sealer.poolChanged();
    return hash;
  }

  #admission() {
    const core = this.#core;
    const { head } = core.blocks;
    return {
      rules: core.rulesAfter(head, head.header.timestamp + 1n),
      chainId: core.forks.config.chainId,
      blockGasLimit: core.settings.exactGasLimit ? core.settings.gasLimit : head.header.gasLimit,
      minTip: core.settings.minTip,
    };
  }

  /** Refuses a transaction that could never be mined and would block its sender's later ones, with the transition's error. */
  #checkMinable({ sender, transaction }: PoolEntry): void {
    const { baseFee } = nextFees(this.#core);
    if (!this.#sealer.automine || baseFee === null || !isNeverMinable(transaction, { baseFee, blobBaseFee: null })) {
      return;
    }
    throw serverError(
      `max fee per gas less than block base fee: address ${checksumAddress(sender)}, ` +
        `maxFeePerGas: ${transaction.gasFeeCap}, baseFee: ${baseFee}`,
    );
  }

  async #take(
    parts: Omit<ConstructorParameters<typeof PoolEntry>[0], "arrival">,
    signal?: AbortSignal,
  ): Promise<void> {
    const core = this.#core;
    const entry = new PoolEntry({ ...parts, arrival: this.#arrivals++ });
    this.#checkMinable(entry);
    try {
      const admitting = core.loaded(() => core.commit({ kind: "pool", change: core.pool.admit(entry) }), signal);
      if (admitting instanceof Promise) await admitting;
    } catch (error) {
      if (!(error instanceof TemporaryReject) || !this.#core.pool.hasRoomOutside) throw error;
      this.#core.commit({ kind: "pool", change: { delayed: [entry] } });
    }
  }

  /** Offers the waiting transactions to the pool again after a block, and drops those that are now refused for good. */
  async #retry(): Promise<void> {
    const { pool } = this.#core;
    for (const entry of pool.delayed()) {
      let change: PoolChange = {};
      try {
        change = pool.admit(entry);
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        if (error instanceof TemporaryReject) continue;
      }
      this.#core.commit({ kind: "pool", change: { ...change, released: [entry] } });
    }
    await this.#sealer.poolChanged();
  }
}

/**
 * Makes the cell proofs of a sidecar with proofs of whole blobs after Osaka, as geth does here: most clients still send
 * version 0. The commitments stay the sender's, so that wrong ones are found.
 */
async function withCellProofs(
  sidecar: Sidecar,
  { rules, signal }: { readonly rules: Rules; readonly signal: AbortSignal | undefined },
): Promise<Sidecar> {
  const { version, blobs, commitments } = sidecar;
  if (version !== 0 || !rules.has("osaka") || blobs.length > MAX_BLOBS_PER_TRANSACTION) return sidecar;
  try {
    return { ...await completeSidecar(blobs, { cells: true, signal }), commitments };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw serverError(`blob sidecar conversion failed: ${reason}`, { cause });
  }
}

function decode(digits: string): DecodedTransaction {
  try {
    return decodeTransaction(digits);
  } catch (cause) {
    if (cause instanceof RlpError) throw serverError(cause.message, { cause });
    throw cause;
  }
}
