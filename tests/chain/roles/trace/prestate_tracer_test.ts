import { assertEquals } from "@std/assert";
import type { Address, Hash } from "../../../../src/eth/types.ts";
import { createdAddress } from "../../../../src/primitives/created_address.ts";
import { callTo, COUNTS } from "../../assembly.ts";
import { type TestChain, testChain } from "../../fixture.ts";
import { BOB, traceTransaction } from "./fixture.ts";

interface Account {
  readonly balance?: string;
  readonly nonce?: number;
  readonly code?: string;
  readonly codeHash?: Hash;
  readonly storage?: { readonly [slot: Hash]: Hash };
}
type Prestate = { readonly [address: Address]: Account };
interface Difference {
  readonly pre: Prestate;
  readonly post: Prestate;
}

const SLOT_0: Hash = `0x${"0".repeat(64)}`;
const UNTOUCHED: Address = `0x${"d0".repeat(20)}`;

function word(value: number): Hash {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

function prestate(chain: TestChain, hash: Hash, tracerConfig: object = {}): Promise<Prestate> {
  return traceTransaction<Prestate>(chain, hash, { tracer: "prestateTracer", tracerConfig });
}

function difference(chain: TestChain, hash: Hash, tracerConfig: object = {}): Promise<Difference> {
  return traceTransaction(chain, hash, { tracer: "prestateTracer", tracerConfig: { diffMode: true, ...tracerConfig } });
}

async function balanceBefore(chain: TestChain, address: Address): Promise<string> {
  return await chain.node.state.balance(address, { number: await chain.head() - 1n });
}

Deno.test("Prestate tracer shows sender, receiver and miner as they were", async () => {
  using chain = await testChain();
  await chain.send(1, { to: BOB, value: 5n, gas: 21_000n });
  const hash = await chain.send(1, { to: BOB, value: 6n, gas: 21_000n });
  const sender = chain.account(1).address;
  const miner = await chain.node.blocks.coinbase();
  assertEquals(await prestate(chain, hash), {
    [BOB]: { balance: "0x5" },
    [sender]: { balance: await balanceBefore(chain, sender), nonce: 1 },
    [miner]: { balance: await balanceBefore(chain, miner) },
  });
});

Deno.test("Prestate tracer shows code and slots of what is called, and accounts that are asked for", async () => {
  using chain = await testChain();
  const counter = await chain.deploy(1, COUNTS);
  const caller = await chain.deploy(1, `${callTo(counter)}73${UNTOUCHED.slice(2)}3100`);
  await chain.send(1, { to: counter, gas: 100_000n });
  const hash = await chain.send(1, { to: caller, gas: 100_000n });
  const state = await prestate(chain, hash);
  assertEquals(state[counter]?.code, `0x${COUNTS}`);
  assertEquals(state[counter]?.codeHash?.length, 66);
  assertEquals([state[counter]?.nonce, state[counter]?.storage], [1, { [SLOT_0]: word(1) }]);
  // An account that does not exist is shown where empty ones are asked for.
  assertEquals(state[UNTOUCHED], undefined);
  assertEquals((await prestate(chain, hash, { includeEmpty: true }))[UNTOUCHED], { balance: "0x0" });
  const bare = await prestate(chain, hash, { disableCode: true, disableStorage: true });
  assertEquals([bare[counter]?.code, bare[counter]?.storage], [undefined, undefined]);
  assertEquals(bare[counter]?.codeHash, state[counter]?.codeHash);
});

Deno.test("Prestate tracer leaves out contracts that did not exist before", async () => {
  using chain = await testChain();
  const from = chain.account(1).address;
  const hash = await chain.send(1, { input: "0x60015ff3", gas: 100_000n });
  const created = createdAddress(from, 0n);
  assertEquals((await prestate(chain, hash))[created], undefined);
  const { pre, post } = await difference(chain, hash);
  assertEquals([pre[created], post[created]?.code, post[created]?.nonce], [undefined, "0x00", 1]);
});

Deno.test("Prestate tracer's difference holds the fields that changed, before and after", async () => {
  using chain = await testChain();
  const counter = await chain.deploy(1, COUNTS);
  const hash = await chain.send(1, { to: counter, gas: 100_000n });
  const first = await difference(chain, hash);
  assertEquals(first.post[counter], { storage: { [SLOT_0]: word(1) } });
  // A slot that was zero is not shown before.
  assertEquals([first.pre[counter]?.storage, first.pre[counter]?.balance], [undefined, "0x0"]);
  const sender = chain.account(1).address;
  assertEquals([first.pre[sender]?.nonce, first.post[sender]?.nonce], [1, 2]);
  const second = await difference(chain, await chain.send(1, { to: counter, gas: 100_000n }));
  assertEquals(second.pre[counter]?.storage, { [SLOT_0]: word(1) });
  assertEquals(second.post[counter], { storage: { [SLOT_0]: word(2) } });
});

Deno.test("Prestate tracer's difference leaves out what was only read", async () => {
  using chain = await testChain();
  const other = chain.account(2).address;
  const reader = await chain.deploy(1, `5f545073${other.slice(2)}3100`);
  const { pre, post } = await difference(chain, await chain.send(1, { to: reader, gas: 100_000n }));
  assertEquals([pre[reader], post[reader], pre[other], post[other]], [undefined, undefined, undefined, undefined]);
});

Deno.test("Prestate tracer's difference shows geth's zero code hash for an account that does not exist", async () => {
  using chain = await testChain();
  const reader = await chain.deploy(1, `73${UNTOUCHED.slice(2)}3100`);
  const { pre, post } = await difference(chain, await chain.send(1, { to: reader, gas: 100_000n }));
  assertEquals([pre[UNTOUCHED], post[UNTOUCHED]], [undefined, { codeHash: word(0) }]);
});

Deno.test("Prestate tracer's difference shows a contract that lived for one transaction nowhere", async () => {
  using chain = await testChain();
  // Creates a contract whose init code destroys it in favour of its creator.
  const creator = await chain.deploy(1, "6133ff5f526002601e5ff000");
  const { pre, post } = await difference(chain, await chain.send(1, { to: creator, gas: 200_000n }));
  const created = createdAddress(creator, 1n);
  assertEquals([pre[created], post[created]], [undefined, undefined]);
  assertEquals([pre[creator]?.nonce, post[creator]?.nonce], [1, 2]);
});
