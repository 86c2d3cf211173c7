import type { Address, BlockRef, Data, Quantity, TransactionRequest } from "../../eth/types.ts";
import type { CallOptions, Executor } from "../../node/executor.ts";
import { type RpcError, serverError } from "../../rpc/error.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import type { Awaitable } from "../../rpc/awaitable.ts";
import { createdAddress } from "../../primitives/created_address.ts";
import { AccessListCollector } from "../../evm/access_list.ts";
import { authorityOf } from "../../evm/authorization.ts";
import { callEnv, callMessage } from "../../evm/call_message.ts";
import { formatGoDuration } from "../../primitives/go_duration.ts";
import type { BlockContext, BlockEnv } from "../../evm/env.ts";
import { estimateGas } from "../../evm/estimate.ts";
import type { Execution } from "../../evm/execution.ts";
import type { Machine, RunLimits } from "../../evm/machine.ts";
import type { Message, MessageResult } from "../../evm/message.ts";
import { applyMessage } from "../../evm/transition.ts";
import { applyBlockOverrides, applyStateOverrides, OverrideError } from "../../evm/overrides.ts";
import { revertError } from "../../evm/revert.ts";
import { TransactionError } from "../../evm/transaction_error.ts";
import { bytesToHex, quantity } from "../../primitives/hex.ts";
import { RunAborted } from "../../concurrency/pacer.ts";

/** Finds the context of a block; throws geth's `header not found` and its kin. */
export type ContextResolver = (at: BlockRef) => Awaitable<BlockContext>;

/** geth's --rpc.gascap (0 is none) and --rpc.evmtimeout (0 is none). */
export interface ExecutorLimits {
  readonly gasCap: bigint;
  readonly timeoutMs: number;
}

/** A prepared call: everything that may throw because of what the caller asked has. */
interface Prepared {
  readonly message: Message;
  readonly context: BlockContext;
  /** The block with overrides, before a free call hides its base fee. */
  readonly env: BlockEnv;
}

/** Calls, estimates and access lists on the embedded chain, as geth's internal/ethapi does them. */
export class EmbeddedExecutor implements Executor {
  readonly #machine: Machine;
  readonly #resolve: ContextResolver;
  readonly #limits: ExecutorLimits;

  constructor(machine: Machine, resolve: ContextResolver, limits: ExecutorLimits) {
    this.#machine = machine;
    this.#resolve = resolve;
    this.#limits = limits;
  }

  async call(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<Data> {
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
    const prepared = await this.#prepare(request, at, { options, gasCap: this.#limits.gasCap });
    const { env, context, message } = prepared;
    const gas = await this.#guard(options, async (limits) => {
      const rules = await this.#machine.run(context.world, env, (execution) => {
        applyStateOverrides(execution, options.state);
        const { state } = execution;
        return Promise.resolve({
          hasTransactionCap: execution.has(7825),
          balance: state.balance(message.from),
          codeSize: message.to === null ? 0 : state.code(message.to).bytes.length,
        });
      }, limits);
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
    const prepared = await this.#prepare(request, at, { options, gasCap: this.#limits.gasCap, fillsFeeCap: true });
    const { message, context, env } = prepared;
    return await this.#guard(options, async (limits) => {
      const excluded = await this.#machine.run(context.world, env, (execution) => {
        applyStateOverrides(execution, options.state);
        return Promise.resolve(excludedAddresses(execution, request, message));
      }, limits);
      let before = new AccessListCollector(request.accessList ?? [], excluded);
      // The list changes what access costs, which may change what is accessed: until nothing does any more.
      for (;;) {
        const accessList = before.list();
        const collector = new AccessListCollector(accessList, excluded);
        const result = await this.#run(prepared, {
          message: { ...message, accessList },
          options,
          limits,
          onStart: (run) => run.trace(collector.hooks),
        });
        if (collector.equals(before)) {
          const error = result.error === undefined ? {} : { error: result.error.message };
          return RawJson.of({ accessList, ...error, gasUsed: quantity(result.gasUsed) });
        }
        before = collector;
      }
    }).catch((error) => {
      if (!(error instanceof TransactionError)) throw error;
      throw serverError(`failed to apply transaction: ${error.message}`, { cause: error });
    });
  }

  async #prepare(
    request: TransactionRequest,
    at: BlockRef,
    { options, gasCap, fillsFeeCap = false }: { options: CallOptions; gasCap: bigint; fillsFeeCap?: boolean },
  ): Promise<Prepared> {
    const context = await this.#resolve(at);
    try {
      const env = applyBlockOverrides(context.env, options.block);
      const chainId = env.rules.at(env.number, env.timestamp).chainId;
      const filled = fillsFeeCap ? withFeeCap(request, env.baseFee) : request;
      return { context, env, message: callMessage(filled, { chainId, gasCap, baseFee: env.baseFee }) };
    } catch (error) {
      throw overrideError(error);
    }
  }

  /** Runs one message from the state of the block, with the caller's overrides. */
  #run(prepared: Prepared, run: RunRequest): Promise<MessageResult> {
    return this.#machine.run(prepared.context.world, callEnv(prepared.env, run.message), async (execution) => {
      applyStateOverrides(execution, run.options.state);
      run.onStart?.(execution);
      return await applyMessage(execution, run.message);
    }, run.limits);
  }

  /** Gives a request its time, and words what ends it. */
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

/** The cap that geth's setFeeDefaults gives a request with a tip alone; of a call it is 0. */
function withFeeCap(request: TransactionRequest, baseFee: bigint | undefined): TransactionRequest {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas: tip } = request;
  if (tip === undefined || maxFeePerGas !== undefined || gasPrice !== undefined || baseFee === undefined) {
    return request;
  }
  return { ...request, maxFeePerGas: tip + 2n * baseFee };
}

function overrideError(error: unknown): RpcError | unknown {
  return error instanceof OverrideError ? serverError(error.message, { cause: error }) : error;
}

/** Addresses that are warm without being listed. */
function excludedAddresses(
  execution: Execution,
  request: TransactionRequest,
  message: Message,
): Set<Address> {
  const { from } = message;
  const nonce = request.nonce ?? execution.state.nonce(from);
  const excluded = new Set<Address>([from, message.to ?? createdAddress(from, nonce)]);
  for (const address of execution.precompiles.keys()) excluded.add(address);
  for (const authorization of message.authorizations ?? []) {
    const authority = authorityOf(authorization, execution.rules.chainId);
    if (authority !== undefined) excluded.add(authority);
  }
  return excluded;
}
