import type { Address, BlockRef, Hash } from "../../../../src/eth/types.ts";
import type { SimulatedBlock, Simulation } from "../../../../src/eth/types.ts";
import { RpcError } from "../../../../src/rpc/error.ts";
import type { TestChain } from "../../fixture.ts";

export const ALICE: Address = `0x${"a1".repeat(20)}`;
export const BOB: Address = `0x${"b0".repeat(20)}`;
export const CODE: Address = `0x${"c0".repeat(20)}`;
export const MORE_CODE: Address = `0x${"c1".repeat(20)}`;

export interface Log {
  readonly address: Address;
  readonly topics: readonly Hash[];
  readonly data: string;
  readonly logIndex: string;
  readonly blockHash: Hash;
}

export interface Call {
  readonly returnData: string;
  readonly logs: readonly Log[];
  readonly gasUsed: string;
  readonly maxUsedGas: string;
  readonly status: string;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: string };
}

export interface Block {
  readonly number: string;
  readonly timestamp: string;
  readonly hash: Hash;
  readonly parentHash: Hash;
  readonly baseFeePerGas: string;
  readonly gasUsed: string;
  readonly gasLimit: string;
  readonly logsBloom: string;
  readonly miner: Address;
  readonly stateRoot: Hash;
  readonly transactions: readonly unknown[];
  readonly withdrawals: readonly unknown[];
  readonly withdrawalsRoot: Hash;
  readonly calls: readonly Call[];
}

/** Simulates on the head unless told otherwise. */
export async function simulate(
  chain: TestChain,
  blocks: readonly Partial<SimulatedBlock>[],
  options: Partial<Simulation> & { readonly at?: BlockRef } = {},
): Promise<readonly Block[]> {
  const { at = { tag: "latest" }, ...flags } = options;
  const simulation = {
    blocks: blocks.map((block) => ({ calls: [], ...block })),
    traceTransfers: false,
    validation: false,
    fullTransactions: false,
    ...flags,
  };
  return (await chain.node.simulator.simulate(simulation, at, { signal: new AbortController().signal }))
    .decode() as Block[];
}

/** The code and the words of what a simulation fails with. */
export async function refusal(simulation: Promise<unknown>): Promise<readonly [number, string]> {
  try {
    await simulation;
  } catch (error) {
    if (error instanceof RpcError) return [error.code, error.message];
    throw error;
  }
  throw new Error("the simulation succeeded");
}
