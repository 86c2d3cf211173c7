import { assert, assertEquals } from "@std/assert";
import { keccak256, toHex } from "../clients/viem.ts";
import { CheckedClient } from "../support/checked_client.ts";

type Hex = `0x${string}`;

/** Stores its call data: SSTORE(0, calldata[0]). */
const STORES = "0x5f355f55";
const CONTRACT = `0x${"c0".repeat(20)}` as const;
const SINK = `0x${"5e".repeat(20)}` as const;
const SLOT = `0x${"00".repeat(32)}` as const;

function word(value: number): Hex {
  return toHex(value, { size: 32 });
}

/** Two blocks: a transfer, and two calls that store 1 and 2. */
async function history(client: CheckedClient): Promise<{ from: Hex; hashes: Hex[] }> {
  const from = client.chain.accounts[1]?.address ?? "0x";
  await client.call("anvil_setCode", CONTRACT, STORES);
  await client.call("eth_sendTransaction", { from, to: SINK, value: "0x7" });
  await client.call("anvil_setAutomine", false);
  for (const value of [1, 2]) {
    await client.call("eth_sendTransaction", { from, to: CONTRACT, data: word(value), gas: "0x186a0" });
  }
  await client.call("evm_mine");
  const blocks = await Promise.all(
    ["0x1", "0x2"].map((number) => client.call<{ hash: Hex }>("eth_getBlockByNumber", number, false)),
  );
  return { from, hashes: blocks.map(({ hash }) => hash) };
}

Deno.test("debug_storageRangeAt shows slots by hashed key as they are before a transaction, page by page", async () => {
  using client = await CheckedClient.open();
  const { hashes: [, block] } = await history(client);
  const key = keccak256(SLOT);
  const empty = { storage: null, nextKey: null };
  assertEquals(await client.call("debug_storageRangeAt", block, 0, CONTRACT, "0x", 10), empty);
  const one = { storage: { [key]: { key: SLOT, value: word(1) } }, nextKey: null };
  assertEquals(await client.call("debug_storageRangeAt", "0x2", 1, CONTRACT, "0x", 10), one);
  assertEquals(await client.call("debug_storageRangeAt", "0x2", 1, CONTRACT, "0x", 0), { storage: {}, nextKey: key });
  assertEquals(await client.call("debug_storageRangeAt", "0x2", 1, CONTRACT, `0x${"ff".repeat(32)}`, 9), {
    storage: {},
    nextKey: null,
  });
  for (const index of [2, -1]) {
    assertEquals(await client.failure("debug_storageRangeAt", "0x2", index, CONTRACT, "0x", 1), {
      code: -32000,
      message: `transaction index ${index} out of range for block ${block}`,
    });
  }
  assertEquals(
    (await client.failure("debug_storageRangeAt", "0x0", 0, CONTRACT, "0x", 1)).message,
    "no transaction in genesis",
  );
});

interface Dump {
  readonly root: string;
  readonly accounts: Record<
    string,
    { balance: string; nonce: number; code?: Hex; storage?: Record<Hex, string>; address: Hex; key: Hex }
  >;
  readonly next?: Hex;
}

Deno.test("debug_accountRange and debug_dumpBlock show every account once, page by page", async () => {
  using client = await CheckedClient.open();
  const { from } = await history(client);
  const whole = await client.call<Dump>("debug_dumpBlock", "latest");
  const { stateRoot } = await client.call<{ stateRoot: Hex }>("eth_getBlockByNumber", "0x2", false);
  assertEquals(`0x${whole.root}`, stateRoot);
  const accounts = Object.entries(whole.accounts);
  assertEquals(accounts.map(([key]) => key).toSorted(), accounts.map(([key]) => key));
  for (const [key, account] of accounts) {
    assertEquals([key.toLowerCase(), keccak256(account.address)], [account.address, account.key]);
  }
  const contract = accounts.find(([, { address }]) => address === CONTRACT)?.[1];
  assertEquals([contract?.code, contract?.storage], [STORES, { [SLOT]: "02" }]);
  assertEquals(accounts.find(([, { address }]) => address === from)?.[1].nonce, 3);
  assertEquals(accounts.find(([, { address }]) => address === SINK)?.[1].balance, "7");

  let next: Hex | undefined = "0x";
  const seen: string[] = [];
  while (next !== undefined) {
    const page: Dump = await client.call<Dump>("debug_accountRange", "0x2", next, 5, true, true, false);
    for (const [key, account] of Object.entries(page.accounts)) {
      assertEquals([account.code, account.storage], [undefined, undefined]);
      seen.push(key);
    }
    next = page.next;
  }
  assertEquals(seen.toSorted(), Object.keys(whole.accounts));
  assertEquals((await client.failure("debug_dumpBlock", "0x63")).message, "block #99 not found");
});

Deno.test("debug_getModifiedAccounts* tell the accounts that blocks changed, as their state tries differ", async () => {
  using client = await CheckedClient.open();
  const { from, hashes: [first, second] } = await history(client);
  const changed = async (method: string, ...span: unknown[]) => (await client.call<Hex[]>(method, ...span)).toSorted();
  const { miner } = await client.call<{ miner: Hex }>("eth_getBlockByNumber", "0x1", false);
  const transfer = await changed("debug_getModifiedAccountsByNumber", 1);
  for (const account of [from, SINK, miner]) assert(transfer.includes(account), account);
  assertEquals(transfer.includes(CONTRACT), false);
  assertEquals(await changed("debug_getModifiedAccountsByHash", first), transfer);
  const both = await changed("debug_getModifiedAccountsByNumber", 0, 2);
  assert(both.includes(CONTRACT) && both.includes(SINK));
  const stores = await changed("debug_getModifiedAccountsByHash", first, second);
  assertEquals([stores.includes(CONTRACT), stores.includes(SINK)], [true, false]);
  for (
    const [span, message] of [
      [[2, 1], "start block height (2) must be less than end block height (1)"],
      [[0], "block 0 has no parent"],
      [[16], "start block 10 not found"],
      [[0, 16], "end block 16 not found"],
    ] as const
  ) {
    assertEquals((await client.failure("debug_getModifiedAccountsByNumber", ...span)).message, message);
  }
});

Deno.test("debug_intermediateRoots ends with the root of the block where nothing follows its transactions", async () => {
  using client = await CheckedClient.open();
  const { hashes: [, block] } = await history(client);
  const roots = await client.call<Hex[]>("debug_intermediateRoots", block);
  const { stateRoot } = await client.call<{ stateRoot: Hex }>("eth_getBlockByHash", block, false);
  assertEquals([roots.length, new Set(roots).size, roots.at(-1)], [2, 2, stateRoot]);
  const genesis = await client.call<{ hash: Hex }>("eth_getBlockByNumber", "0x0", false);
  assertEquals((await client.failure("debug_intermediateRoots", genesis.hash)).message, "genesis is not traceable");
  assertEquals((await client.failure("debug_intermediateRoots", word(1))).message, `block ${word(1)} not found`);
});

Deno.test("debug_traceBlock traces a block from its bytes as debug_traceBlockByNumber traces the chain's", async () => {
  using client = await CheckedClient.open();
  await history(client);
  const raw = await client.call<Hex>("debug_getRawBlock", "0x2");
  const config = { tracer: "callTracer", tracerConfig: { withLog: true } };
  const trace = await client.call("debug_traceBlockByNumber", "0x2", config);
  assertEquals(await client.call("debug_traceBlock", raw, config), trace);
  // Off the chain, the block is run on top of its parent.
  await client.call("debug_setHead", "0x1");
  await client.call("evm_mine");
  assertEquals(await client.call("debug_traceBlock", raw, config), trace);
  assertEquals(
    (await client.failure("debug_traceBlock", "0x00")).message.startsWith("could not decode block: rlp"),
    true,
  );
});

Deno.test("debug_setHead takes blocks off and refuses the head itself and what is above it", async () => {
  using client = await CheckedClient.open();
  await history(client);
  for (const number of ["0x2", "0x9"]) {
    assertEquals(await client.failure("debug_setHead", number), {
      code: -32000,
      message: "not allowed to rewind to a future block",
    });
  }
  assertEquals(await client.call("debug_setHead", "0x1"), null);
  assertEquals(await client.call("eth_blockNumber"), "0x1");
});

Deno.test("debug_getAccessibleState, printBlock, memStats and gcStats answer in geth's shapes", async () => {
  using client = await CheckedClient.open();
  await history(client);
  assertEquals(await client.call("debug_getAccessibleState", "0x1", "0x2"), 1);
  assertEquals(await client.call("debug_getAccessibleState", "latest", "0x0"), 2);
  assertEquals(
    (await client.failure("debug_getAccessibleState", "0x1", "0x1")).message,
    "from and to needs to be different",
  );
  assertEquals((await client.failure("debug_getAccessibleState", "0x9", "0x1")).message, "missing header 9");
  const printed = JSON.parse(await client.call<string>("debug_printBlock", 1));
  assertEquals(printed, await client.call("eth_getBlockByNumber", "0x1", true));
  const memory = await client.call<Record<string, unknown>>("debug_memStats");
  assert(Number(memory["HeapAlloc"]) > 2 ** 20 && Number(memory["Sys"]) > Number(memory["HeapAlloc"]));
  assertEquals([(memory["PauseNs"] as unknown[]).length, (memory["BySize"] as unknown[]).length], [256, 61]);
  assertEquals((await client.call<Record<string, unknown>>("debug_gcStats"))["NumGC"], 0);
});

Deno.test("eth_resend replaces a waiting transaction, and only one that waits", async () => {
  using client = await CheckedClient.open();
  const from = client.chain.accounts[1]?.address;
  await client.call("anvil_setAutomine", false);
  const request = { from, to: SINK, value: "0x1", nonce: "0x0", gas: "0x5208", gasPrice: "0x77359400" };
  const first = await client.call<Hex>("eth_sendTransaction", request);
  const second = await client.call<Hex>("eth_resend", request, "0xee6b2800", "0x5209");
  assertEquals(await client.call("eth_getTransactionByHash", first), null);
  const replaced = await client.call<{ gasPrice: Hex; gas: Hex }>("eth_getTransactionByHash", second);
  assertEquals([replaced.gasPrice, replaced.gas], ["0xee6b2800", "0x5209"]);
  const unknown = await client.failure("eth_resend", { ...request, value: "0x2" }, "0xee6b2800");
  assertEquals([unknown.code, /^transaction 0x[0-9a-f]{64} not found$/.test(unknown.message)], [-32000, true]);
  assertEquals(await client.failure("eth_resend", { from, to: SINK }), {
    code: -32000,
    message: "missing transaction nonce in transaction spec",
  });
});
