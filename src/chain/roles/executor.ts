import type { AccessListItem, Address, BlockRef, Data, Quantity, TransactionRequest } from "../../eth/types.ts";
import type { CallOptions, Executor } from "../../node/executor.ts";
import { type RpcError, serverError } from "../../rpc/error.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import type { Awaitable } from "../../rpc/awaitable.ts";
import type { Foreknowledge } from "../../evm/attempts.ts";
import { createdAddress } from "../../primitives/created_address.ts";
import { AccessListCollector } from "../../evm/access_list.ts";
import { authorityOf } from "../../evm/authorization.ts";
import { callEnv, callMessage, checkBlobFeeCap } from "../../evm/call_message.ts";
import { formatGoDuration } from "../../text/go_duration.ts";
import type { BlockContext, BlockEnv } from "../../evm/env.ts";
import { estimateGas } from "../../evm/estimate.ts";
import type { Execution } from "../../evm/execution.ts";
import type { Machine, RunLimits } from "../../evm/machine.ts";
import type { Message, MessageResult } from "../../evm/message.ts";
import { applyMessage } from "../../evm/transition.ts";
import { applyBlockOverrides, applyStateOverrides, OverrideError } from "../../evm/overrides.ts";
import { revertError } from "../../evm/revert.ts";
import { fillFees } from "../../eth/fill_request.ts";
import { unsignedTransaction } from "./submit/call_transaction.ts";
import { encodeTransaction } from "../../primitives/transaction_codec.ts";
import { keccakOfData } from "../../primitives/hash.ts";
import { Pacer } from "../../concurrency/pacer.ts";
import { TransactionError } from "../../evm/transaction_error.ts";
import { bytesToHex, quantity } from "../../primitives/hex.ts";
import { RunAborted } from "../../concurrency/pacer.ts";

/** Finds the context of a block; throws geth's `header not found` when there is none. */
export type ContextResolver = (at: BlockRef) => Awaitable<BlockContext>;

/** geth's --rpc.gascap (0 is none) and --rpc.evmtimeout (0 is none). */
export interface ExecutorLimits {
  readonly gasCap: bigint;
  readonly timeoutMs: number;
}

/** The limits of an executor, and the tip that it suggests. */
export interface ExecutorOptions extends ExecutorLimits {
  /** The tip of a request that names a fee cap alone, wei. */
  readonly suggestedTip: () => bigint;
}

/** A prepared call: the checks of the caller's values have all been made. */
interface Prepared {
  /** The request with its fees completed. */
  readonly request: TransactionRequest;
  readonly message: Message;
  readonly context: BlockContext;
  /** The block with overrides, before a free call hides its base fee. */
  readonly env: BlockEnv;
}

/** Runs calls, estimates and access lists on the embedded chain, as geth's internal/ethapi does. */
export class EmbeddedExecutor implements Executor {
  readonly #machine: Machine;
  readonly #resolve: ContextResolver;
  readonly #limits: ExecutorLimits;
  readonly #suggestedTip: () => bigint;

  constructor(machine: Machine, resolve: ContextResolver, options: ExecutorOptions) {
    this.#machine = machine;
    this.#resolve = resolve;
    this.#limits = options;
    this.#suggestedTip = options.suggestedTip;
  }

  async call(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<Data> {
    checkBlobFeeCap(request);
    const prepared = await this.#prepare(request, at, { options, gasCap: this.#limits.gasCap });
    const { message } = prepared;
    const result = await this.#guard(options, async (limits) => {
      try {
        return await this.#run(prepared, { message, options, limits });
      } catch (error) {
        if (!(error instanceof TransactionError)) throw error;
        throw serverError(`err: ${error.message} (supplied gas ${message.gasLimit})`, { cause: error });
      }
    });
    if (result.error?.kind === "revert") throw revertError(result.returnData);
    if (result.error !== undefined) throw serverError(result.error.message);
    return bytesToHex(result.returnData);
  }

  async estimateGas(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<Quantity> {
    checkBlobFeeCap(request);
    const prepared = await this.#prepare(request, at, { options, gasCap: this.#limits.gasCap });
    const { env, context, message } = prepared;
    const gas = await this.#guard(options, async (limits) => {
      const foreknowledge = foreknowledgeOf(message, env);
      const rules = await this.#machine.run(context.world, env, async (execution) => {
        await applyStateOverrides(execution, options.state);
        const { state } = execution;
        return {
          hasTransactionCap: execution.has(7825),
          balance: state.balance(message.from),
          codeSize: message.to === null ? 0 : state.code(message.to).bytes.length,
        };
      }, { ...limits, foreknowledge });
      return await estimateGas(message, {
        ...rules,
        blockGasLimit: env.gasLimit,
        gasCap: this.#limits.gasCap,
        gas: request.gas,
        run: (attempt) => this.#run(prepared, { message: attempt, options, limits }),
      });
    });
    return quantity(gas);
  }

  async createAccessList(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<RawJson> {
    checkBlobFeeCap(request);
    const prepared = await this.#prepare(request, at, { options, gasCap: this.#limits.gasCap, checksFees: true });
    const { message, context, env } = prepared;
    return await this.#guard(options, async (limits) => {
      const { excluded, nonce } = await this.#machine.run(context.world, env, async (execution) => {
        await applyStateOverrides(execution, options.state);
        const nonce = request.nonce ?? execution.state.nonce(message.from);
        return { excluded: excludedAddresses(execution, message, nonce), nonce };
      }, { ...limits, foreknowledge: foreknowledgeOf(message, env) });
      let before = new AccessListCollector(request.accessList ?? [], excluded);
      // The list changes the price of access, which may change what is accessed, so this is repeated until nothing changes.
      for (;;) {
        const accessList = before.list();
        let collector = before;
        const result = await this.#run(prepared, {
          message: { ...message, accessList },
          options,
          limits,
          onStart: (run) => {
            collector = new AccessListCollector(accessList, excluded);
            run.trace(collector.hooks);
          },
        }).catch(async (error) => {
          throw error instanceof TransactionError ? await inapplicable(error, { prepared, accessList, nonce }) : error;
        });
        if (collector.equals(before)) {
          const error = result.error === undefined ? {} : { error: result.error.message };
          return RawJson.of({ accessList, ...error, gasUsed: quantity(result.gasUsed) });
        }
        before = collector;
      }
    });
  }

  async #prepare(
    request: TransactionRequest,
    at: BlockRef,
    { options, gasCap, checksFees = false }: { options: CallOptions; gasCap: bigint; checksFees?: boolean },
  ): Promise<Prepared> {
    const context = await this.#resolve(at);
    try {
      const env = applyBlockOverrides(context.env, options.block);
      const { chainId } = env.rules.at(env.number, env.timestamp);
      const filled = checksFees ? { ...request, ...this.#fees(request, env) } : request;
      const message = callMessage(filled, { chainId, gasCap, baseFee: env.baseFee });
      return { context, env, request: filled, message };
    } catch (error) {
      throw overrideError(error);
    }
  }

  /** Completes the fees of a request that names at least one: a call without any pays nothing (geth's AccessList). */
  #fees(request: TransactionRequest, env: BlockEnv): Partial<TransactionRequest> {
    const { gasPrice, maxFeePerGas, maxPriorityFeePerGas, maxFeePerBlobGas } = request;
    if ((gasPrice ?? maxFeePerGas ?? maxPriorityFeePerGas ?? maxFeePerBlobGas) === undefined) return {};
    return fillFees(request, {
      rules: env.rules.at(env.number, env.timestamp),
      baseFee: env.baseFee,
      blobBaseFee: env.blobBaseFee ?? null,
      suggestedTip: this.#suggestedTip,
      isFree: false,
    });
  }

  /** Runs one message from the state of the block, with the caller's overrides. */
  #run(prepared: Prepared, run: RunRequest): Promise<MessageResult> {
    return this.#machine.run(prepared.context.world, callEnv(prepared.env, run.message), async (execution) => {
      await applyStateOverrides(execution, run.options.state);
      run.onStart?.(execution);
      return await applyMessage(execution, run.message, { skipsLogs: true });
    }, { ...run.limits, foreknowledge: foreknowledgeOf(run.message, prepared.env) });
  }

  /** Runs a request within its time limit, and words the error that ends it. */
  async #guard<T>(options: CallOptions, work: (limits: RunLimits) => Promise<T>): Promise<T> {
    const { timeoutMs } = this.#limits;
    const deadline = timeoutMs === 0 ? undefined : performance.now() + timeoutMs;
    try {
      return await work({ signal: options.signal, deadline });
    } catch (error) {
      if (error instanceof RunAborted) {
        throw serverError(
          error.timedOut ? `execution aborted (timeout = ${formatGoDuration(timeoutMs)})` : "execution aborted",
          { cause: error },
        );
      }
      throw overrideError(error);
    }
  }
}

interface RunRequest {
  readonly message: Message;
  readonly options: CallOptions;
  readonly limits: RunLimits;
  readonly onStart?: (execution: Execution) => void;
}

function foreknowledgeOf(message: Message, { coinbase }: BlockEnv): Foreknowledge {
  const { from, to } = message;
  return { accounts: to === null ? [from, coinbase] : [from, to, coinbase], calls: [message] };
}

function overrideError(error: unknown): RpcError | unknown {
  return error instanceof OverrideError ? serverError(error.message, { cause: error }) : error;
}

/** Makes the error of a call that cannot be a transaction, with the hash that geth gives it. */
async function inapplicable(
  cause: TransactionError,
  call: { readonly prepared: Prepared; readonly accessList: readonly AccessListItem[]; readonly nonce: bigint },
): Promise<RpcError> {
  const { request, message, env } = call.prepared;
  const transaction = unsignedTransaction({ ...request, accessList: call.accessList }, {
    nonce: call.nonce,
    gas: message.gasLimit,
    chainId: env.rules.at(env.number, env.timestamp).chainId,
    hasBaseFee: env.baseFee !== undefined,
  });
  const pacer = new Pacer();
  const hash = await keccakOfData(`0x${encodeTransaction(transaction)}`, { breathe: () => pacer.breathe() });
  return serverError(`failed to apply transaction: ${bytesToHex(hash)} err: ${cause.message}`, { cause });
}

/** Returns the addresses that are warm without being listed. */
function excludedAddresses(execution: Execution, message: Message, nonce: bigint): Set<Address> {
  const { from } = message;
  const excluded = new Set<Address>([from, message.to ?? createdAddress(from, nonce)]);
  for (const address of execution.precompiles.keys()) excluded.add(address);
  for (const authorization of message.authorizations ?? []) {
    const authority = authorityOf(authorization, execution.rules.chainId);
    if (authority !== undefined) excluded.add(authority);
  }
  return excluded;
}
