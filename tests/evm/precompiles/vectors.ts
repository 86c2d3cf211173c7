import { assertEquals } from "@std/assert";
import { EmbeddedExecutor } from "../../../src/chain/roles/executor.ts";
import type { Address, Data } from "../../../src/eth/types.ts";
import { type Fork, isSince } from "../../../src/evm/forks.ts";
import { precompilesOf } from "../../../src/evm/precompiles/table.ts";
import { floorDataGas, intrinsicGas } from "../../../src/primitives/intrinsic_gas.ts";
import { RpcError } from "../../../src/rpc/error.ts";
import { env, genesis, machine } from "../fixture.ts";

/** An input of a precompiled contract, and what comes of it. */
export interface Vector {
  readonly name: string;
  readonly address: Address;
  readonly fork: Fork;
  /** Hex digits. */
  readonly input: string;
  /** Hex digits, or geth's text. */
  readonly expected: { readonly output: string } | { readonly fault: string };
  /** Undefined where the vector does not say. */
  readonly gas: number | undefined;
}

export function addressOf(number: number): Address {
  return `0x${number.toString(16).padStart(40, "0")}`;
}

const EXECUTORS = new Map<Fork, EmbeddedExecutor>();

function executorOf(fork: Fork): EmbeddedExecutor {
  let executor = EXECUTORS.get(fork);
  if (executor === undefined) {
    const rules = genesis.forks.of(fork);
    const block = { ...env, rules: { at: () => rules }, ...(isSince(fork, "london") ? {} : { baseFee: undefined }) };
    // Without a time limit: a loaded machine must not make a vector fail.
    executor = new EmbeddedExecutor(machine, () => ({ world: genesis.world, env: block }), {
      suggestedTip: () => 1n,
      gasCap: 0n,
      timeoutMs: 0,
    });
    EXECUTORS.set(fork, executor);
  }
  return executor;
}

/** Calls the contract as `eth_call` does, with exactly the gas that it needs, and with one less where that is possible. */
export async function checkVector({ name, address, fork, input, expected, gas }: Vector): Promise<void> {
  const data = Uint8Array.fromHex(input);
  const price = precompilesOf(fork).get(address)?.gas(data);
  if (gas !== undefined) assertEquals(price, gas, `gas of ${name}`);
  const intrinsic = intrinsicGas({ to: address, data, accessList: [] }, {
    ...{ homestead: true, istanbul: isSince(fork, "istanbul"), shanghai: isSince(fork, "shanghai") },
  });
  const needed = intrinsic + BigInt(price ?? 0);
  const floor = isSince(fork, "prague") ? floorDataGas(data) : 0n;
  const call = (gasLimit: bigint) => callContract(fork, { to: address, input: `0x${input}`, gas: gasLimit });
  const outcome = await call(needed > floor ? needed : floor);
  assertEquals(outcome, "output" in expected ? expected.output : expected.fault, name);
  if (needed > floor && price !== 0 && data.length < MAX_REPEATED_BYTES) {
    assertEquals(await call(needed - 1n), "out of gas", `${name} with too little gas`);
  }
}

/** A longer input is not tried a second time. */
const MAX_REPEATED_BYTES = 10_000;

async function callContract(fork: Fork, request: { to: Address; input: Data; gas: bigint }): Promise<string> {
  try {
    const signal = new AbortController().signal;
    return (await executorOf(fork).call(request, { tag: "latest" }, { signal })).slice(2);
  } catch (error) {
    if (error instanceof RpcError && error.code === -32000) return error.message;
    throw error;
  }
}
