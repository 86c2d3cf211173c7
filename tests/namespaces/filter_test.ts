import { assertEquals } from "@std/assert";
import { FILTER_TIMEOUT_MS } from "../../src/pubsub/filters.ts";
import { CHANGE_BYTES } from "../../src/pubsub/change_buffer.ts";
import { Client, createService, type ServiceOptions } from "../pubsub/client.ts";
import { FakeChain } from "../pubsub/fake_chain.ts";
import { fixedHex } from "../../src/primitives/hex.ts";

const ADDRESS = fixedHex(0xaan, 20);
const LOG = { address: ADDRESS, topics: [] };
/** A hash in quotes. */
const HASH_CHARACTERS = 68;
const NOT_FOUND = { code: -32000, message: "filter not found" };

function setUp(options: ServiceOptions = {}) {
  const chain = new FakeChain();
  const service = createService(chain, options);
  const client = new Client(service);
  async function call(method: string, ...params: unknown[]): Promise<unknown> {
    const { result, error } = await client.call(method, params);
    return error ?? result;
  }
  return { chain, service, call };
}

Deno.test("eth_getFilterChanges answers the hashes of new blocks since the last poll", async () => {
  const { chain, call } = setUp();
  chain.seal();
  const id = await call("eth_newBlockFilter");
  assertEquals(await call("eth_getFilterChanges", id), []);
  const [first, second] = [chain.seal().hash, chain.seal().hash];
  assertEquals(await call("eth_getFilterChanges", id), [first, second]);
  chain.reorganise(1, [[], []]);
  assertEquals(await call("eth_getFilterChanges", id), chain.canonical.slice(-2).map(({ hash }) => hash));
});

Deno.test("eth_getFilterChanges answers matching logs, and those of abandoned blocks with removed set", async () => {
  const { chain, call } = setUp();
  chain.seal([LOG]);
  const id = await call("eth_newFilter", { address: ADDRESS });
  const sealed = chain.seal([LOG, { address: fixedHex(1n, 20), topics: [] }]).logs[0];
  assertEquals(await call("eth_getFilterChanges", id), [sealed?.json.decode()]);
  // Block 1 was there before the filter.
  chain.reorganise(2, [[LOG]]);
  assertEquals(await call("eth_getFilterChanges", id), [
    sealed?.removedJson.decode(),
    chain.head.logs[0]?.json.decode(),
  ]);
});

Deno.test("eth_newFilter bounds what it collects by a range, as geth does", async () => {
  const { chain, call } = setUp();
  const id = await call("eth_newFilter", { fromBlock: "0x2", toBlock: "0x3" });
  for (let sealed = 0; sealed < 4; sealed++) chain.seal([LOG]);
  const changes = await call("eth_getFilterChanges", id) as { blockNumber: string }[];
  assertEquals(changes.map(({ blockNumber }) => blockNumber), ["0x2", "0x3"]);
});

Deno.test("eth_newFilter leaves filters for other connections when one has made its share", async () => {
  const { service, call } = setUp({ filterLimits: { filters: 3, filtersPerConnection: 2 } });
  const other = new Client(service);
  await call("eth_newBlockFilter");
  const second = await call("eth_newFilter", {});
  assertEquals(await call("eth_newPendingTransactionFilter"), {
    code: -32005,
    message: "too many filters of this connection",
    data: { limit: 2, value: 3 },
  });
  assertEquals((await other.call("eth_newBlockFilter", [])).error, undefined);
  assertEquals(await call("eth_uninstallFilter", second), true);
  assertEquals(typeof await call("eth_newBlockFilter"), "string");
});

Deno.test("eth_newPendingTransactionFilter collects hashes, or whole transactions when asked to", async () => {
  const { chain, call } = setUp();
  const hashes = await call("eth_newPendingTransactionFilter");
  const whole = await call("eth_newPendingTransactionFilter", true);
  const hash = chain.pend();
  assertEquals(await call("eth_getFilterChanges", hashes), [hash]);
  assertEquals(await call("eth_getFilterChanges", whole), [{ hash, blockHash: null }]);
});

Deno.test("eth_getFilterLogs asks the chain for what the filter wants, and is for log filters only", async () => {
  const { call } = setUp();
  const id = await call("eth_newFilter", { address: ADDRESS, fromBlock: "0x1" });
  assertEquals(await call("eth_getFilterLogs", id), [{
    addresses: [ADDRESS],
    topics: [],
    fromBlock: { number: "0x1" },
  }]);
  assertEquals(await call("eth_getFilterLogs", await call("eth_newBlockFilter")), NOT_FOUND);
});

Deno.test("eth_uninstallFilter ends a filter, and answers false for one that is not there", async () => {
  const { call, service } = setUp();
  const id = await call("eth_newBlockFilter");
  assertEquals(await call("eth_uninstallFilter", id), true);
  assertEquals(await call("eth_uninstallFilter", id), false);
  assertEquals(await call("eth_getFilterChanges", id), NOT_FOUND);
  assertEquals(await call("eth_getFilterLogs", id), NOT_FOUND);
  assertEquals(service.feed.stats.heads, 0);
});

Deno.test("A filter is known to every connection", async () => {
  const { service, chain, call } = setUp();
  const id = await call("eth_newBlockFilter");
  const { hash } = chain.seal();
  const other = new Client(service);
  assertEquals((await other.call("eth_getFilterChanges", [id])).result, [hash]);
});

Deno.test("A filter lives five minutes from its last poll; asking for its logs does not count", async () => {
  let now = 0;
  const { chain, call, service } = setUp({ clock: () => now });
  const polled = await call("eth_newFilter", {});
  const forgotten = await call("eth_newFilter", {});
  now += FILTER_TIMEOUT_MS;
  assertEquals(await call("eth_getFilterChanges", polled), []);
  assertEquals((await call("eth_getFilterLogs", forgotten) as unknown[]).length, 1);
  now += 1;
  assertEquals(await call("eth_getFilterChanges", forgotten), NOT_FOUND);
  assertEquals(await call("eth_getFilterChanges", polled), []);
  // Nobody asks any more: the next event drops it.
  now += FILTER_TIMEOUT_MS + 1;
  chain.seal([LOG]);
  assertEquals([service.filters.size, service.feed.stats.logs], [0, 0]);
});

Deno.test("A filter that holds too much drops the oldest, says so once, and goes on", async () => {
  const { chain, call } = setUp({ maxHeldChanges: 3 });
  const id = await call("eth_newBlockFilter");
  const hashes = Array.from({ length: 5 }, () => chain.seal().hash);
  assertEquals(await call("eth_getFilterChanges", id), {
    code: -32005,
    message: "filter dropped its 2 oldest changes: poll more often",
    data: { limit: 3, value: 5 },
  });
  assertEquals(await call("eth_getFilterChanges", id), hashes.slice(2));
  const { hash } = chain.seal();
  assertEquals(await call("eth_getFilterChanges", id), [hash]);
});

Deno.test("Equal filters share one buffer: 200 over 5,000 blocks take no more than one", async () => {
  const one = CHANGE_BYTES + HASH_CHARACTERS;
  const { chain, call, service } = setUp({ filterLimits: { bytesPerConnection: 5_000 * one } });
  const ids = [];
  for (let made = 0; made < 200; made++) ids.push(await call("eth_newBlockFilter"));
  assertEquals(service.feed.stats.heads, 1);
  const hashes = Array.from({ length: 5_000 }, () => chain.seal().hash);
  for (const id of ids) assertEquals(await call("eth_getFilterChanges", id), hashes);
});

Deno.test("An equal filter made later is not told of what was there before it, nor that it is taken back", async () => {
  const { chain, call } = setUp();
  const first = await call("eth_newFilter", { address: ADDRESS });
  const early = chain.seal([LOG]).logs[0];
  const second = await call("eth_newFilter", { address: ADDRESS });
  const late = chain.seal([LOG]).logs[0];
  chain.reorganise(2, [[LOG]]);
  const replaced = chain.head.logs[0];
  assertEquals(await call("eth_getFilterChanges", first), [
    early?.json.decode(),
    late?.json.decode(),
    late?.removedJson.decode(),
    early?.removedJson.decode(),
    replaced?.json.decode(),
  ]);
  assertEquals(await call("eth_getFilterChanges", second), [
    late?.json.decode(),
    late?.removedJson.decode(),
    replaced?.json.decode(),
  ]);
  chain.reorganise(1, []);
  for (const id of [first, second]) {
    assertEquals(await call("eth_getFilterChanges", id), [replaced?.removedJson.decode()]);
  }
});

Deno.test("A connection that holds too much loses its own oldest changes, and another that shares them none", async () => {
  const { chain, service } = setUp({ filterLimits: { bytes: 8 * (CHANGE_BYTES + HASH_CHARACTERS) } });
  const [reader, sleeper] = [new Client(service), new Client(service)];
  const [read, asleep] = [(await reader.call("eth_newBlockFilter", [])).result, await newBlockFilter(sleeper)];
  const hashes: string[] = [];
  for (let block = 0; block < 6; block++) {
    hashes.push(chain.seal().hash);
    if (block % 2 === 0) continue;
    assertEquals((await reader.call("eth_getFilterChanges", [read])).result, hashes.slice(-2));
  }
  assertEquals((await sleeper.call("eth_getFilterChanges", [asleep])).error, {
    code: -32005,
    message: "filter dropped its 2 oldest changes: poll more often",
    data: { limit: 4, value: 6 },
  });
});

Deno.test("The filters of a connection end with it", async () => {
  const { chain, service } = setUp({ filterLimits: { filters: 2 } });
  const [client, other] = [new Client(service), new Client(service)];
  const id = await newBlockFilter(client);
  await client.call("eth_newFilter", [{ address: ADDRESS }]);
  client.close();
  await Promise.resolve();
  assertEquals(service.filters.size, 0);
  chain.seal([LOG]);
  assertEquals((await other.call("eth_getFilterChanges", [id])).error, NOT_FOUND);
  assertEquals([service.feed.stats.heads, service.feed.stats.logs], [0, 0]);
  await newBlockFilter(other);
});

async function newBlockFilter(client: Client): Promise<unknown> {
  return (await client.call("eth_newBlockFilter", [])).result;
}

Deno.test("What filters and subscriptions name takes memory of a budget, and gives it back", async () => {
  const topic = (first: number, count: number) =>
    Array.from({ length: count }, (_, index) => fixedHex(BigInt(first + index), 32));
  const value = 384;
  const { service } = setUp({ criteria: { perConnection: 1000 * value, total: 1500 * value } });
  const [client, other] = [new Client(service), new Client(service)];
  const id = await client.subscribe("logs", { topics: [topic(0, 300), topic(300, 300)] });
  const filter = (await client.call("eth_newFilter", [{ topics: [topic(0, 300)] }])).result;
  const refused = (on: string, limit: number, taken: number) => ({
    code: -32005,
    message: `too many bytes of addresses, topics and hashes${on}`,
    data: { limit: limit * value, value: taken * value },
  });
  const more = ["logs", { topics: [topic(0, 101)] }] as const;
  assertEquals((await client.call("eth_subscribe", more)).error, refused(" on this connection", 1000, 1001));
  assertEquals((await client.call("eth_newFilter", [more[1]])).error, refused(" on this connection", 1000, 1001));
  const receipts = ["transactionReceipts", { transactionHashes: topic(0, 101) }];
  assertEquals((await client.call("eth_subscribe", receipts)).error, refused(" on this connection", 1000, 1001));
  const hundreds = ["logs", { topics: [topic(0, 601)] }] as const;
  assertEquals((await other.call("eth_subscribe", hundreds)).error, refused("", 1500, 1501));
  await client.call("eth_uninstallFilter", [filter]);
  await client.call("eth_unsubscribe", [id]);
  await client.subscribe("logs", { topics: [topic(0, 1000)] });
  client.close();
  await Promise.resolve();
  await other.subscribe("logs", { topics: [topic(0, 1000)] });
});

Deno.test("Filters of a connection that hold too many bytes drop the oldest changes, and say so once", async () => {
  const { chain, call } = setUp({ filterLimits: { bytesPerConnection: 3 * (CHANGE_BYTES + HASH_CHARACTERS) } });
  const id = await call("eth_newBlockFilter");
  const hashes = Array.from({ length: 5 }, () => chain.seal().hash);
  assertEquals(await call("eth_getFilterChanges", id), {
    code: -32005,
    message: "filter dropped its 2 oldest changes: poll more often",
    data: { limit: 3, value: 5 },
  });
  assertEquals(await call("eth_getFilterChanges", id), hashes.slice(2));
});

Deno.test("Filters beyond the limit are refused until one is uninstalled", async () => {
  const { call } = setUp({ filterLimits: { filters: 2 } });
  const first = await call("eth_newBlockFilter");
  await call("eth_newFilter", {});
  const refusal = { code: -32005, message: "too many filters", data: { limit: 2, value: 3 } };
  assertEquals(await call("eth_newPendingTransactionFilter"), refusal);
  await call("eth_uninstallFilter", first);
  assertEquals(typeof await call("eth_newPendingTransactionFilter"), "string");
});

Deno.test("The filter methods refuse with geth's errors", async () => {
  const { call } = setUp();
  const many = Array.from({ length: 1001 }, (_, index) => fixedHex(BigInt(index), 20));
  const exceeded = { code: -32000, message: "exceed max addresses or topics per search position" };
  const both = "invalid argument 0: cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other";
  const invalid = (message: string) => ({ code: -32602, message });
  assertEquals(await call("eth_newFilter", { address: many }), exceeded);
  assertEquals(await call("eth_getLogs", { address: many }), exceeded);
  assertEquals(await call("eth_newFilter", { fromBlock: "pending" }), invalid("pending logs are not supported"));
  assertEquals(await call("eth_newFilter", { fromBlock: "safe" }), invalid("invalid block range params"));
  assertEquals(
    await call("eth_newFilter", { fromBlock: "0x2", toBlock: "0x1" }),
    invalid("invalid block range params"),
  );
  assertEquals(await call("eth_newFilter", { fromBlock: "0x2", blockHash: fixedHex(1n, 32) }), invalid(both));
  assertEquals(await call("eth_newFilter"), invalid("missing value for required argument 0"));
  assertEquals(
    await call("eth_getFilterChanges", 1),
    invalid("invalid argument 0: json: cannot unmarshal number into Go value of type rpc.ID"),
  );
});
