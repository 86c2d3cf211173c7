// What execution costs in this process, without a socket: `deno run --allow-net tests/bench/evm_bench.ts`.
import { BlockRun } from "../../src/evm/block_run.ts";
import type { Transaction } from "../../src/primitives/transaction.ts";
import type { Address } from "../../src/eth/types.ts";
import { ALICE, bytes, callsOn, CONTRACT, env, ETHER, machine, transactionWith, worldWith } from "../evm/fixture.ts";
import { seeded } from "../chain/seeded.ts";
import { TOKEN_BYTECODE } from "../contracts/token.ts";

const ACCOUNTS = 2_000;
const CALLS = 2_000;
const TRANSACTIONS = 200;
const ROUNDS = 5;
const BLOCK_SIZES = [1, 10, 200];

const next = seeded(1);
const accountAt = (index: number) => `0x${(index + (1 << 28)).toString(16).padStart(40, "0")}` as Address;
const someone = () => accountAt(next() % ACCOUNTS);

let world = worldWith("");
for (let index = 0; index < ACCOUNTS; index++) world = world.withBalance(accountAt(index), ETHER);
let nonce = 0n;

async function seal(transactions: readonly Partial<Transaction>[]): Promise<Address | null> {
  const run = new BlockRun(machine, world, { ...env, gasLimit: 10n ** 10n });
  await run.begin();
  let created: Address | null = null;
  for (const changes of transactions) {
    const { receipt } = await run.transaction(transactionWith({ nonce: nonce++, ...changes }), ALICE);
    if (receipt.status !== true) throw new Error("a transaction failed");
    created = receipt.contractAddress;
  }
  world = (await run.finish()).world;
  return created;
}

function row(what: string, microseconds: number): void {
  console.log(`${what.padEnd(44)}${microseconds.toFixed(0).padStart(8)} us`);
}

/** The median of some rounds, in microseconds for one of `count`. */
async function measure(what: string, count: number, work: () => Promise<void>): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await work();
    times.push((performance.now() - start) / count * 1000);
  }
  row(what, times.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0);
}

const supply = (10n ** 24n).toString(16).padStart(64, "0");
const token = await seal([{ to: null, gasLimit: 3_000_000n, data: bytes(TOKEN_BYTECODE.slice(2) + supply) }]);
if (token === null) throw new Error("no token");

const balanceOf = { to: token, input: `0x70a08231${ALICE.slice(2).padStart(64, "0")}` } as const;
await measure("eth_call balanceOf", CALLS, async () => {
  const calls = callsOn(world);
  for (let index = 0; index < CALLS; index++) await calls.call(balanceOf);
});

const KINDS: Readonly<Record<string, () => Partial<Transaction>>> = {
  "transfer": () => ({ to: someone(), value: 1n, gasLimit: 21_000n }),
  "ERC-20 transfer": () => ({
    to: token,
    gasLimit: 100_000n,
    data: bytes(`a9059cbb${someone().slice(2).padStart(64, "0")}${"1".padStart(64, "0")}`),
  }),
};
for (const [kind, make] of Object.entries(KINDS)) {
  for (const size of BLOCK_SIZES) {
    await measure(`${kind}, ${size} in a block, root included`, TRANSACTIONS, async () => {
      for (let done = 0; done < TRANSACTIONS; done += size) await seal(Array.from({ length: size }, make));
    });
  }
}

const LOOP_GAS = 50_000_000;
const start = performance.now();
await callsOn(worldWith("5b5f56"), { timeoutMs: 0 }).call({ to: CONTRACT }).catch(() => {});
const seconds = (performance.now() - start) / 1000;
console.log(`${"a loop of 50,000,000 gas".padEnd(44)}${(LOOP_GAS / 1e6 / seconds).toFixed(0).padStart(8)} Mgas/s`);
machine.close();
