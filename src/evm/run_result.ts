import type { EvmLog } from "../primitives/receipt.ts";
import * as layout from "./core/layout.ts";
import type { Pacer } from "../concurrency/pacer.ts";
import type { HaltReason } from "./halt.ts";
import type { Instance } from "./instance.ts";

/** The result of a run, before the rules of a transaction apply to it. */
export interface RunResult {
  /** Undefined on success. */
  readonly halt: HaltReason | undefined;
  readonly gasLeft: bigint;
  /** Gas to refund, not yet capped. */
  readonly refund: bigint;
  /** Return or revert data, or the code that a creation made. */
  readonly output: Uint8Array<ArrayBuffer>;
}

/** Returns the reason why the frame or step that an instance shows failed; undefined when it did not. */
export function haltReason(instance: Instance, precompile?: string): HaltReason | undefined {
  const code = instance.u32(layout.OUT_HALT);
  if (code === layout.HALT_NONE) return undefined;
  return {
    code,
    op: instance.u32(layout.OUT_OP),
    value: instance.u64(layout.OUT_DETAIL),
    limit: instance.u64(layout.OUT_LIMIT),
    precompile,
  };
}

export function runResult(instance: Instance, precompile: string | undefined): RunResult {
  return {
    halt: haltReason(instance, precompile),
    gasLeft: instance.u64(layout.OUT_GAS),
    refund: instance.u64(layout.OUT_REFUND),
    output: instance.copy(instance.u32(layout.OUT_DATA), instance.u32(layout.OUT_DATA_BYTES)),
  };
}

/** How many logs are read between two looks at the clock: each takes a microsecond. */
const LOGS_PER_LOOK = 512;

/** The logs of a run that is done; a block may hold 100,000. */
export async function readLogs(instance: Instance, pacer: Pacer): Promise<EvmLog[]> {
  const logs: EvmLog[] = [];
  let at = instance.u32(layout.OUT_LOGS);
  const end = at + instance.u32(layout.OUT_LOGS_BYTES);
  for (; at < end; at += instance.u32(at)) {
    logs.push(readLog(instance, at));
    if (logs.length % LOGS_PER_LOOK === 0) await pacer.breathe();
  }
  return logs;
}

/** The log whose record is at `at`. */
export function readLog(instance: Instance, at: number): EvmLog {
  const count = instance.u32(at + layout.LOG_TOPICS);
  const data = at + layout.LOG_HEAD + count * 32;
  return {
    address: instance.address(instance.u32(at + layout.LOG_ACCOUNT)),
    topics: Array.from(
      { length: count },
      (_, index) => `0x${instance.hex(at + layout.LOG_HEAD + index * 32, 32)}` as const,
    ),
    data: instance.copy(data, instance.u32(at + layout.LOG_DATA_BYTES)),
  };
}
