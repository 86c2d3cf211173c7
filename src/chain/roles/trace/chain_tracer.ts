import type { BlockRef, Data, Hash, TransactionRequest } from "../../../eth/types.ts";
import type { TraceCallOptions, TraceOptions } from "../../../eth/types.ts";
import type { TraceContext, Tracer } from "../../../node/trace.ts";
import { serverError } from "../../../rpc/error.ts";
import { RawJson } from "../../../rpc/raw_json.ts";
import type { BlockRecord } from "../../store/block_record.ts";
import { BlockRun } from "../../../evm/block_run.ts";
import { callEnv, callMessage } from "../../../evm/call_message.ts";
import type { BlockEnv } from "../../../evm/env.ts";
import type { BlockContext } from "../../../evm/env.ts";
import type { Execution } from "../../../evm/execution.ts";
import type { Hooks } from "../../../evm/hooks.ts";
import type { Machine, RunLimits } from "../../../evm/machine.ts";
import type { MessageResult } from "../../../evm/message.ts";
import { applyMessage } from "../../../evm/transition.ts";
import { applyBlockOverrides, applyStateOverrides, OverrideError, withEnv } from "../../../evm/overrides.ts";
import { TransactionError } from "../../../evm/transaction_error.ts";
import type { World } from "../../../state/world.ts";
import { attempted } from "../../core/attempted.ts";
import type { ChainCore } from "../../core/core.ts";
import type { Blocks } from "../read/blocks.ts";
import { NOWHERE, TextList, type TraceSubject } from "./active_tracer.ts";
import { parseGoDuration } from "../../../text/go_duration.ts";
import { foreignBlock } from "./foreign_block.ts";
import { runsOf, stateBefore } from "./replay.ts";
import { makeTracer } from "./tracers.ts";
import { RunAborted } from "../../../concurrency/pacer.ts";

/** geth's defaultTraceTimeout. */
const DEFAULT_TIMEOUT_MS = 5_000;

export interface EmbeddedTracerOptions {
  readonly core: ChainCore;
  readonly blocks: Blocks;
  /** --rpc.gascap; 0 is none. */
  readonly gasCap: bigint;
}

/** One transaction of a block, with the number of logs and the state before it. */
interface IncludedPlace {
  readonly record: BlockRecord;
  readonly index: number;
  readonly before: World;
  readonly logsBefore: number;
}

/** Runs debug_trace* on the embedded chain (geth's eth/tracers/api.go). */
export class EmbeddedTracer implements Tracer {
  readonly #core: ChainCore;
  readonly #blocks: Blocks;
  readonly #machine: Machine;
  readonly #gasCap: bigint;

  constructor({ core, blocks, gasCap }: EmbeddedTracerOptions) {
    this.#core = core;
    this.#blocks = blocks;
    this.#machine = core.machine;
    this.#gasCap = gasCap;
  }

  async traceTransaction(hash: Hash, context: TraceContext): Promise<RawJson> {
    const place = this.#core.blocks.locate(hash);
    if (place === null) throw serverError("transaction not found");
    const { record, index } = place;
    const before = await this.#stateBefore({ record, index }, context.signal);
    const logsBefore = record.receipts().slice(0, index).reduce((sum, { logs }) => sum + logs.length, 0);
    const { text } = await this.#traceIncluded({ record, index, before, logsBefore }, context);
    return new RawJson(text);
  }

  async traceBlock(at: BlockRef, context: TraceContext): Promise<RawJson> {
    return await this.#traceRecord(await this.#block(at), context);
  }

  async traceRawBlock(block: Data, context: TraceContext): Promise<RawJson> {
    return await this.#traceRecord(foreignBlock(this.#core, block), context);
  }

  async #traceRecord(record: BlockRecord, context: TraceContext): Promise<RawJson> {
    let before = await this.#stateBefore({ record, index: 0 }, context.signal);
    let logsBefore = 0;
    const results = new TextList();
    for (const [index, hash] of record.hashes.entries()) {
      const { text, after, logs } = await this.#traceIncluded({ record, index, before, logsBefore }, context);
      results.push(`{"txHash":"${hash}","result":${text}}`);
      before = after;
      logsBefore += logs;
    }
    return new RawJson(results.text());
  }

  async intermediateRoots(blockHash: Hash, signal: AbortSignal): Promise<RawJson> {
    const record = this.#core.blocks.of(blockHash);
    if (record === null) throw serverError(`block ${blockHash} not found`);
    if (record.number === 0n) throw serverError("genesis is not traceable");
    return await attempted(this.#core, async (noted) => {
      const roots: Hash[] = [];
      const runs = runsOf(this.#core, record, { index: record.hashes.length, signal, noted });
      for await (const run of runs) roots.push(run.world().root());
      return RawJson.of(roots.slice(1));
    }, { signal });
  }

  async traceCall(
    request: TransactionRequest,
    at: BlockRef,
    context: TraceContext<TraceCallOptions>,
  ): Promise<RawJson> {
    if ("tag" in at && at.tag === "pending") throw serverError("tracing on top of pending is not supported");
    const { blockOverrides, stateOverrides } = context.trace;
    const record = await this.#block(at);
    const { world, env: blockEnv } = await this.#callContext(record, context);
    try {
      const whole = applyBlockOverrides(
        nextBlockEnv(blockEnv, { record, number: blockOverrides?.number }),
        blockOverrides,
      );
      const chainId = whole.rules.at(whole.number, whole.timestamp).chainId;
      const message = callMessage(request, { chainId, gasCap: this.#gasCap, baseFee: whole.baseFee });
      const { from, to, gasLimit, authorizations = [] } = message;
      const text = await this.#trace(
        context,
        (limits, trace) =>
          this.#machine.run(world, callEnv(whole, message), async (execution) => {
            await applyStateOverrides(execution, stateOverrides);
            const place = { ...NOWHERE, ...tracedBlock(execution) };
            return await trace({ ...place, from, to, gasLimit, authorizations }, (hooks) => {
              execution.trace(hooks);
              return applyMessage(execution, message).finally(() => execution.trace(undefined));
            });
          }, limits),
      );
      return new RawJson(text);
    } catch (error) {
      throw error instanceof OverrideError ? serverError(error.message, { cause: error }) : error;
    }
  }

  /** Traces one transaction of a block from the state before it. */
  async #traceIncluded(
    { record, index, before, logsBefore }: IncludedPlace,
    context: TraceContext,
  ): Promise<{ readonly text: string; readonly after: World; readonly logs: number }> {
    const included = record.body().transactions[index];
    if (included === undefined) throw new Error(`block ${record.hash} has no transaction ${index}`);
    const { transaction, sender, impersonated: skipTransactionChecks } = included;
    const { env } = this.#core.replayContext(record);
    let after = before;
    let logs = 0;
    const text = await this.#trace(context, (limits, trace) =>
      attempted(this.#core, async (noted) => {
        const run = new BlockRun(this.#machine, before, env, { ...limits, noted });
        try {
          const execution = run.execution();
          const place = {
            blockHash: record.hash,
            blockNumber: record.number,
            transactionHash: record.hashes[index] ?? null,
            transactionIndex: index,
            logsBefore,
          };
          const subject = { ...transaction, from: sender, ...place, ...tracedBlock(execution) };
          const text = await trace(subject, async (hooks) => {
            const { result, receipt } = await run.transaction(transaction, sender, {
              skipTransactionChecks,
              trace: hooks,
            });
            logs = receipt.logs.length;
            return result;
          });
          after = run.world();
          return text;
        } finally {
          run.close();
        }
      }, limits));
    return { text, after, logs };
  }

  /** Makes a tracer, runs it within its time limit, and words its errors. */
  async #trace(
    { trace: options, signal }: TraceContext,
    work: (limits: RunLimits, trace: TraceRun) => Promise<string>,
  ): Promise<string> {
    const deadline = performance.now() + timeoutOf(options);
    try {
      return await work({ signal, deadline }, async (subject, run) => {
        const tracer = makeTracer(options);
        tracer.start(subject);
        return tracer.finish(await run(tracer.hooks));
      });
    } catch (error) {
      if (error instanceof RunAborted) {
        throw serverError(error.timedOut ? "execution timeout" : "execution aborted", { cause: error });
      }
      if (!(error instanceof TransactionError)) throw error;
      throw serverError(`tracing failed: ${error.message}`, { cause: error });
    }
  }

  /** Returns the state before a transaction of a block; earlier ones are run without a tracer. */
  #stateBefore({ record, index }: { readonly record: BlockRecord; readonly index: number }, signal: AbortSignal) {
    if (record.number === 0n) throw serverError("genesis is not traceable");
    return stateBefore(this.#core, record, { index, signal });
  }

  async #callContext(
    record: BlockRecord,
    { trace: { txIndex: index }, signal }: TraceContext<TraceCallOptions>,
  ): Promise<BlockContext> {
    const after = this.#core.context(record);
    if (index === undefined) return after;
    if (index >= record.hashes.length) {
      throw serverError(`transaction index ${index} out of range for block ${record.hash}`);
    }
    return { world: await this.#stateBefore({ record, index }, signal), env: after.env };
  }

  async #block(at: BlockRef): Promise<BlockRecord> {
    const record = await this.#blocks.find(at);
    if (record !== null) return record;
    throw serverError(
      "hash" in at ? `block ${at.hash} not found` : `block #${"number" in at ? at.number : at.tag} not found`,
    );
  }
}

/** Runs a subject under a tracer; `run` must call the hooks. */
type TraceRun = (
  subject: TraceSubject,
  run: (hooks: Hooks) => Promise<MessageResult>,
) => Promise<string>;

/** Returns the facts about the block that a tracer needs. */
function tracedBlock({ state, env }: Execution): Pick<TraceSubject, "state" | "rules" | "coinbase"> {
  return { state, rules: env.rules.at(env.number, env.timestamp), coinbase: env.coinbase };
}

function timeoutOf({ timeout }: TraceOptions): number {
  if (timeout === undefined) return DEFAULT_TIMEOUT_MS;
  const milliseconds = parseGoDuration(timeout);
  if (milliseconds === undefined) throw serverError(`time: invalid duration ${JSON.stringify(timeout)}`);
  return milliseconds;
}

/**
 * Makes a call in the block after `record` see the hash of `record`: wallets simulate this way, and a contract must not be
 * able to notice it (geth's issue 32175).
 */
function nextBlockEnv(
  env: BlockEnv,
  { record, number }: { readonly record: BlockRecord; readonly number: bigint | undefined },
): BlockEnv {
  if (number !== record.number + 1n) return env;
  return withEnv(env, {
    parentHash: record.hash,
    blockHash: (asked) => asked === record.number ? record.hash : env.blockHash(asked),
  });
}
