import { assertEquals } from "@std/assert";
import { startAnvil, startSallyport } from "../bench/targets.ts";
import { toolTest } from "../support/tools.ts";

const SOMEONE = `0x${"a1".repeat(20)}` as const;
const WORD = `0x${"2a".padStart(64, "0")}` as const;
/** PUSH1 1, PUSH1 5, JUMP, a destination, STOP: code with something to analyse. */
const CODE = "0x60016005565b00" as const;

/** A bare JSON-RPC client; viem's would hide nothing here and explain nothing. */
async function connect(url: string) {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const waiting = new Map<number, (answer: { result?: unknown; error?: unknown }) => void>();
  let lastId = 0;
  socket.onmessage = ({ data }) => {
    const { id, ...answer } = JSON.parse(data);
    waiting.get(id)?.(answer);
  };
  return {
    async call(method: string, ...params: readonly unknown[]): Promise<unknown> {
      const id = ++lastId;
      const answered = new Promise<{ result?: unknown; error?: unknown }>((resolve) => waiting.set(id, resolve));
      socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
      const { result, error } = await answered;
      if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
      return result;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
      socket.close();
      await closed;
    },
  };
}

type Client = Awaited<ReturnType<typeof connect>>;

/** Gives one account everything that an account can have, and the chain a few blocks. */
async function furnish(client: Client): Promise<unknown> {
  await client.call("anvil_setBalance", SOMEONE, "0x1234");
  await client.call("anvil_setNonce", SOMEONE, "0x7");
  await client.call("anvil_setCode", SOMEONE, CODE);
  await client.call("anvil_mine", 2);
  await client.call("anvil_setStorageAt", SOMEONE, "0x3", WORD);
  await client.call("anvil_mine", 1);
  return await accountAt(client, "latest");
}

async function accountAt(client: Client, block: string): Promise<unknown> {
  return {
    balance: await client.call("eth_getBalance", SOMEONE, block),
    nonce: await client.call("eth_getTransactionCount", SOMEONE, block),
    code: await client.call("eth_getCode", SOMEONE, block),
    slot: await client.call("eth_getStorageAt", SOMEONE, "0x3", block),
  };
}

const flags = ["--ws.api", "eth,anvil"];

toolTest("anvil", {
  name: "anvil loads a dump of this server, with and without history",
  async fn() {
    await using sallyport = await startSallyport(flags);
    await using source = await connect(sallyport.url);
    const account = await furnish(source);
    const head = await source.call("eth_getBlockByNumber", "latest", false) as { hash: string };
    for (const history of [false, true]) {
      await using anvil = await startAnvil();
      if (anvil === null) return;
      await using target = await connect(anvil.url);
      assertEquals(await target.call("anvil_loadState", await source.call("anvil_dumpState", history)), true);
      assertEquals(await accountAt(target, "latest"), account);
      const loaded = await target.call("eth_getBlockByNumber", "latest", false) as { hash: string };
      assertEquals(loaded.hash, head.hash);
      await target.call("anvil_mine", 1);
      assertEquals(await target.call("eth_blockNumber"), "0x4");
    }
  },
});

toolTest("anvil", {
  name: "A dump of anvil's loads here",
  async fn() {
    await using anvil = await startAnvil();
    if (anvil === null) return;
    await using source = await connect(anvil.url);
    const account = await furnish(source);
    for (const history of [false, true]) {
      await using sallyport = await startSallyport(flags);
      await using target = await connect(sallyport.url);
      assertEquals(await target.call("anvil_loadState", await source.call("anvil_dumpState", history)), true);
      assertEquals(await accountAt(target, "latest"), account);
    }
  },
});
