import type { Address, Data, Hash, Signature, TransactionRequest } from "../../../eth/types.ts";
import type { Executor, FilledTransaction, SendOptions, TransactionSender } from "../../../node/node.ts";
import { serverError } from "../../../rpc/error.ts";
import type { RawJson } from "../../../rpc/raw_json.ts";
import type { ChainCore } from "../../core/core.ts";
import { keccakDigits } from "../../../primitives/hash.ts";
import type { Rules } from "../../../evm/forks.ts";
import { completeSidecar } from "../../pool/blob_proofs.ts";
import { Pooled } from "../../pool/pooled.ts";
import { admit, checkTransaction } from "../../pool/validation.ts";
import type { FeeReader } from "../read/fees.ts";
import { RlpError } from "../../../primitives/rlp.ts";
import type { Sealer } from "../../seal/sealer.ts";
import { isReplayProtected, signingDigest } from "../../../primitives/sender.ts";
import { type Transaction, TX_TYPE } from "../../../primitives/transaction.ts";
import {
  type DecodedTransaction,
  decodeTransaction,
  encodeTransaction,
  encodeWithSidecar,
  type Sidecar,
} from "../../../primitives/transaction_codec.ts";
import { signedTransactionJson } from "../../encode/transaction.ts";
import { type Defaults, fillRequest, unsigned } from "./fill.ts";
import { requestSidecar } from "./request_sidecar.ts";
import { GAS_PER_BLOB, MAX_BLOBS_PER_TRANSACTION } from "../../../primitives/limits.ts";

/** A filled transaction with what this chain knows of it beyond the contract. */
interface Filled extends FilledTransaction {
  readonly transaction: Transaction;
  readonly sidecar: Sidecar | null;
}

/** Makes transactions and takes them into the pool. */
export class EmbeddedSender implements TransactionSender {
  readonly #core: ChainCore;
  readonly #sealer: Sealer;
  readonly #fees: FeeReader;
  readonly #executor: Executor;
  readonly #filled = new WeakMap<FilledTransaction, Filled>();
  #arrivals = 0;

  constructor(
    core: ChainCore,
    parts: { readonly sealer: Sealer; readonly fees: FeeReader; readonly executor: Executor },
  ) {
    this.#core = core;
    this.#sealer = parts.sealer;
    this.#fees = parts.fees;
    this.#executor = parts.executor;
  }

  async fill(request: TransactionRequest, signal: AbortSignal): Promise<FilledTransaction> {
    const defaults = this.#defaults(signal);
    const blobs = await requestSidecar(request, defaults.rules.has("osaka"));
    const complete = await fillRequest(blobs?.request ?? request, defaults);
    const transaction = unsigned(complete);
    const sidecar = blobs?.sidecar ?? null;
    const digits = encodeTransaction(transaction);
    const blobFee = BigInt(transaction.blobHashes.length) * GAS_PER_BLOB * transaction.blobFeeCap;
    const filled: Filled = {
      raw: `0x${sidecar === null ? digits : encodeWithSidecar(transaction, sidecar)}`,
      tx: signedTransactionJson(transaction, keccakDigits(digits), sidecar),
      from: complete.from,
      request: complete,
      digest: signingDigest(transaction),
      fee: transaction.gasLimit * transaction.gasFeeCap + blobFee,
      transaction,
      sidecar,
    };
    this.#filled.set(filled, filled);
    return filled;
  }

  #defaults(signal: AbortSignal): Defaults {
    const core = this.#core;
    const { head } = core.store;
    return {
      rules: core.rulesAfter(head, head.header.timestamp + 1n),
      chainId: core.forks.config.chainId,
      baseFee: head.header.baseFeePerGas,
      blobBaseFee: this.#fees.nextBlobBaseFee(),
      suggestedTip: () => this.#fees.suggestedTip(),
      nextNonce: (address) => core.pool.nextNonce(address),
      estimateGas: (call) => this.#executor.estimateGas(call, { tag: "latest" }, { signal }),
    };
  }

  #known(filled: FilledTransaction): Filled {
    const known = this.#filled.get(filled);
    if (known === undefined) throw new Error("not a transaction that this chain filled");
    return known;
  }

  assemble(filled: FilledTransaction, signature: Signature): { readonly raw: Data; readonly tx: RawJson } {
    const { transaction, sidecar } = this.#known(filled);
    const parity = BigInt(signature.yParity);
    const legacy = transaction.type === TX_TYPE.legacy;
    const v = legacy ? parity + 35n + (transaction.chainId ?? 0n) * 2n : parity;
    const signed: Transaction = { ...transaction, v, r: signature.r, s: signature.s };
    const digits = encodeTransaction(signed);
    return {
      raw: `0x${sidecar === null ? digits : encodeWithSidecar(signed, sidecar)}`,
      tx: signedTransactionJson(signed, keccakDigits(digits), sidecar),
    };
  }

  async sendRaw(raw: Data, options?: SendOptions): Promise<Hash> {
    const digits = raw.slice(2).toLowerCase();
    const { transaction, sidecar: given } = decode(digits);
    // geth's SubmitTransaction: first the cap, then this, unless --rpc.allow-unprotected-txs.
    options?.checkFee(transaction.gasLimit * transaction.gasFeeCap);
    if (!isReplayProtected(transaction)) {
      throw serverError("only replay-protected (EIP-155) transactions allowed over RPC");
    }
    const hash = keccakDigits(given === null ? digits : encodeTransaction(transaction));
    if (this.#core.pool.get(hash) !== null) throw serverError("already known");
    const admission = this.#admission();
    const sidecar = given === null ? null : await withCellProofs(given, admission.rules);
    const sender = await admit({ transaction, sidecar, bytes: digits.length / 2 }, admission);
    await this.#pool({ transaction, hash, sender, sidecar, impersonated: false });
    return hash;
  }

  async sendUnsigned(filled: FilledTransaction): Promise<Hash> {
    const { transaction, sidecar, from } = this.#known(filled);
    checkTransaction(transaction, filled.raw.length / 2 - 1, this.#admission());
    // Stands where a signature would: the sender in `r` keeps the hashes of equal transactions of two accounts apart.
    const v = transaction.type === TX_TYPE.legacy ? 35n + (transaction.chainId ?? 0n) * 2n : 0n;
    const marked: Transaction = { ...transaction, v, r: BigInt(from), s: 1n };
    const hash = keccakDigits(encodeTransaction(marked));
    if (this.#core.pool.get(hash) !== null) throw serverError("already known");
    await this.#pool({ transaction: marked, hash, sender: from, sidecar, impersonated: true });
    return hash;
  }

  #admission() {
    const core = this.#core;
    const { head } = core.store;
    return {
      rules: core.rulesAfter(head, head.header.timestamp + 1n),
      chainId: core.forks.config.chainId,
      blockGasLimit: core.settings.exactGasLimit ? core.settings.gasLimit : head.header.gasLimit,
      minTip: core.settings.minTip,
    };
  }

  async #pool(parts: Omit<ConstructorParameters<typeof Pooled>[0], "arrival">): Promise<void> {
    const pooled = new Pooled({ ...parts, arrival: this.#arrivals++ });
    this.#core.pool.add(pooled);
    this.#core.announceFrom(pooled);
    await this.#sealer.poolChanged();
  }

  async waitForReceipt(hash: Hash, timeoutMs: number, signal: AbortSignal): Promise<RawJson | null> {
    const core = this.#core;
    const receipt = (): RawJson | null => {
      const place = core.store.locate(hash);
      return place === null ? null : core.wires.of(place.record).receipts()[place.index] ?? null;
    };
    const early = receipt();
    if (early !== null) return early;
    const { promise, resolve, reject } = Promise.withResolvers<RawJson | null>();
    const stop = core.events.onEvent((event) => {
      const found = event.kind === "block" ? receipt() : null;
      if (found !== null) resolve(found);
    });
    const timer = setTimeout(() => resolve(null), timeoutMs);
    const aborted = () => reject(signal.reason);
    signal.addEventListener("abort", aborted, { once: true });
    if (signal.aborted) aborted();
    try {
      return await promise;
    } finally {
      stop();
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
    }
  }

  isImpersonated(address: Address): boolean {
    const { impersonateAll, impersonated } = this.#core.settings;
    return impersonateAll || impersonated.has(address);
  }
}

/**
 * After Osaka, makes the cell proofs of a sidecar that has those of its blobs, as geth does at this door: most clients
 * still send version 0. The commitments stay the sender's, so that wrong ones are found out.
 */
async function withCellProofs(sidecar: Sidecar, rules: Rules): Promise<Sidecar> {
  const { version, blobs, commitments } = sidecar;
  if (version !== 0 || !rules.has("osaka") || blobs.length > MAX_BLOBS_PER_TRANSACTION) return sidecar;
  try {
    return { ...await completeSidecar(blobs, true), commitments };
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
