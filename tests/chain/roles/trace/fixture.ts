import type { Address, Hash, TransactionRequest } from "../../../../src/eth/types.ts";
import type { TraceCallOptions, TraceOptions } from "../../../../src/eth/types.ts";
import { RpcError } from "../../../../src/rpc/error.ts";
import type { TestChain } from "../../fixture.ts";

export const BOB: Address = `0x${"b0".repeat(20)}`;
export const CODE: Address = `0x${"c0".repeat(20)}`;
export const MORE_CODE: Address = `0x${"c1".repeat(20)}`;

export interface StructLog {
  readonly pc: number;
  readonly op: string;
  readonly gas: number;
  readonly gasCost: number;
  readonly depth: number;
  readonly error?: string;
  readonly stack?: readonly string[];
  readonly memory?: readonly string[];
  readonly returnData?: string;
  readonly storage?: { readonly [slot: Hash]: Hash };
  readonly refund?: number;
}

export interface StructTrace {
  readonly gas: number;
  readonly failed: boolean;
  readonly returnValue: string;
  readonly structLogs: readonly StructLog[];
}

export interface Frame {
  readonly type: string;
  readonly from: Address;
  readonly to?: Address;
  readonly gas: string;
  readonly gasUsed: string;
  readonly input: string;
  readonly output?: string;
  readonly value?: string;
  readonly error?: string;
  readonly revertReason?: string;
  readonly calls?: readonly Frame[];
  readonly logs?: readonly {
    readonly address: Address;
    readonly data: string;
    readonly index: string;
    readonly position: string;
  }[];
}

/** Accounts with code, for the length of a traced call. */
export function codes(...entries: readonly (readonly [Address, string])[]): Pick<TraceCallOptions, "stateOverrides"> {
  return { stateOverrides: Object.fromEntries(entries.map(([address, code]) => [address, { code: `0x${code}` }])) };
}

export async function traceCall<T>(
  chain: TestChain,
  request: TransactionRequest,
  trace: TraceCallOptions = {},
): Promise<T> {
  const signal = new AbortController().signal;
  return (await chain.node.tracer.traceCall(request, { tag: "latest" }, { trace, signal })).decode() as T;
}

export async function traceTransaction<T>(chain: TestChain, hash: Hash, options: TraceOptions = {}): Promise<T> {
  const signal = new AbortController().signal;
  return (await chain.node.tracer.traceTransaction(hash, { trace: options, signal })).decode() as T;
}

/** The code and the words of what a trace fails with. */
export async function refusal(trace: Promise<unknown>): Promise<readonly [number, string]> {
  try {
    await trace;
  } catch (error) {
    if (error instanceof RpcError) return [error.code, error.message];
    throw error;
  }
  throw new Error("the trace succeeded");
}
