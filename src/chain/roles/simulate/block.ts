import { ETH_CODE } from "../../../eth/error.ts";
import type { TransactionRequest } from "../../../eth/types.ts";
import type { Simulation } from "../../../eth/types.ts";
import { RpcError, serverError } from "../../../rpc/error.ts";
import { BlockRecord, type ExecutedBlock, type RecentBlocks } from "../../store/block_record.ts";
import type { IncludedTransaction } from "../../store/block.ts";
import { finishedHeader } from "../../seal/builder.ts";
import { BlockRun } from "../../../evm/block_run.ts";
import { callMessage } from "../../../evm/call_message.ts";
import type { BlockEnv } from "../../../evm/env.ts";
import type { LoanOptions, Machine } from "../../../evm/machine.ts";
import type { MessageResult } from "../../../evm/message.ts";
import { InvalidBlockError } from "../../../evm/invalid_block.ts";
import { applyStateOverrides, OverrideError } from "../../../evm/overrides.ts";
import { keccakDigits } from "../../../primitives/hash.ts";
import { headerHash } from "../../../primitives/header.ts";
import { MissingState } from "../../../state/base.ts";
import type { World } from "../../../state/world.ts";
import { encodeTransaction } from "../../../primitives/transaction_codec.ts";
import { callFailure } from "./failure.ts";
import type { GasBudget } from "./limits.ts";
import { LogRecorder, type NumberedLog } from "./log_recorder.ts";
import type { PlacedBlock, PlannedHeader } from "./sequence.ts";
import { unsignedTransaction } from "../submit/call_transaction.ts";
import { RunAborted } from "../../../concurrency/pacer.ts";

/** The result of one simulated call. */
export interface CallOutcome {
  readonly result: MessageResult;
  readonly logs: readonly NumberedLog[];
  /** True when the call asked for more gas than the request had left. */
  readonly wasCapped: boolean;
}

export interface SimulatedOutcome extends ExecutedBlock {
  readonly calls: readonly CallOutcome[];
}

/** The setting in which a simulated block runs. */
export interface BlockSetting {
  readonly machine: Machine;
  readonly world: World;
  readonly env: BlockEnv;
  readonly plan: PlannedHeader;
  readonly chainId: bigint;
  readonly budget: GasBudget;
  readonly simulation: Simulation;
  readonly limits: LoanOptions;
  readonly recent: RecentBlocks;
}

/** Runs one block of a simulation: first overrides, then the calls of the protocol, then the caller's (geth's processBlock). */
export class SimulatedRun {
  readonly #setting: BlockSetting;
  readonly #run: BlockRun;
  readonly #recorder: LogRecorder;
  readonly #transactions: IncludedTransaction[] = [];

  constructor(setting: BlockSetting) {
    this.#setting = setting;
    this.#recorder = new LogRecorder({ transfers: setting.simulation.traceTransfers === true });
    this.#run = new BlockRun(setting.machine, setting.world, setting.env, setting.limits);
  }

  async run({ calls, state }: PlacedBlock): Promise<SimulatedOutcome> {
    try {
      const execution = this.#run.execution();
      await applyStateOverrides(execution, state);
      await this.#run.begin();
      const outcomes: CallOutcome[] = [];
      for (const call of calls) outcomes.push(await this.#call(call));
      return await this.#finish(outcomes);
    } catch (error) {
      throw protocolFailure(error);
    } finally {
      this.#run.close();
    }
  }

  async #call(request: TransactionRequest): Promise<CallOutcome> {
    const { budget, env, simulation, chainId } = this.#setting;
    const execution = this.#run.execution();
    await execution.pacer.breathe();
    const remaining = env.gasLimit - this.#run.gasUsed;
    const wanted = request.gas ?? remaining;
    if (wanted > remaining) {
      throw new RpcError(
        ETH_CODE.blockGasLimitReached,
        `block gas limit reached: remaining: ${remaining}, required: ${wanted}`,
      );
    }
    const gas = budget.cap(wanted);
    const message = callMessage({ ...request, gas }, { chainId, gasCap: 0n, baseFee: env.baseFee });
    const nonce = request.nonce ?? execution.state.account(message.from)?.nonce ?? 0n;
    const transaction = unsignedTransaction(request, { nonce, gas, chainId, hasBaseFee: env.baseFee !== undefined });
    const hash = keccakDigits(encodeTransaction(transaction));
    this.#transactions.push({ transaction, hash, sender: message.from, impersonated: true });
    const isFree = !simulation.validation;
    const checked = { ...message, nonce, skipNonceChecks: isFree, noBaseFee: isFree };
    try {
      const { result, logs } = await this.#apply(checked, transaction.type);
      budget.spend(result.gasUsed);
      return { result, logs, wasCapped: gas < wanted };
    } catch (error) {
      throw callFailure(error, gas);
    }
  }

  async #apply(
    message: Parameters<BlockRun["message"]>[0],
    type: number,
  ): Promise<{ result: MessageResult; logs: readonly NumberedLog[] }> {
    const { result } = await this.#run.message(message, { type, trace: this.#recorder.hooks });
    return { result, logs: this.#recorder.observed };
  }

  async #finish(calls: readonly CallOutcome[]): Promise<SimulatedOutcome> {
    const { plan, recent } = this.#setting;
    const outcome = await this.#run.finish({ withdrawals: plan.withdrawals });
    const header = finishedHeader(plan.header, { transactions: this.#transactions, outcome });
    const record = new BlockRecord({
      ...{ header, hash: headerHash(header), receipts: outcome.receipts },
      body: { transactions: this.#transactions, uncles: [], withdrawals: plan.withdrawals },
      totalDifficulty: 0n,
    }, recent);
    return { record, world: outcome.world, calls };
  }
}

/** Words a failure of the protocol itself, such as a system call; geth answers -32000 and the text. */
function protocolFailure(error: unknown): unknown {
  if (error instanceof InvalidBlockError) return serverError(error.message, { cause: error });
  if (
    error instanceof MissingState || error instanceof RpcError || error instanceof OverrideError ||
    error instanceof RunAborted
  ) return error;
  return error instanceof Error && error.name === "Error" ? serverError(error.message, { cause: error }) : error;
}
