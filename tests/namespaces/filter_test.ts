import { assert, assertEquals } from "@std/assert";
import { FILTER_TIMEOUT_MS } from "../../src/pubsub/filters.ts";
import { Client, createService, type ServiceOptions } from "../pubsub/client.ts";
import { FakeChain } from "../pubsub/fake_chain.ts";
import { fixedHex } from "../../src/primitives/hex.ts";

const ADDRESS = fixedHex(0xaan, 20);
const LOG = { address: ADDRESS, topics: [] };
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
  const { service, call } = setUp({ maxFilters: 3, maxFiltersPerConnection: 2 });
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

Deno.test("Filters that hold the same hash share its text: 200 of them over 5,000 blocks are a few megabytes", async () => {
  const { chain, call } = setUp();
  const ids = [];
  for (let made = 0; made < 200; made++) ids.push(await call("eth_newBlockFilter"));
  const before = Deno.memoryUsage().heapUsed;
  const hashes = Array.from({ length: 5_000 }, () => chain.seal().hash);
  // Each filter with text of its own would hold about 150 MB.
  assert(Deno.memoryUsage().heapUsed - before < 100_000_000);
  assertEquals(await call("eth_getFilterChanges", ids[0]), hashes);
});

Deno.test("Filters of a connection that hold too many bytes drop the oldest changes, and say so once", async () => {
  const { chain, call } = setUp({ maxHeldBytesPerConnection: 48 });
  const id = await call("eth_newBlockFilter");
  // 16 bytes for the place of a shared hash.
  const hashes = Array.from({ length: 5 }, () => chain.seal().hash);
  assertEquals(await call("eth_getFilterChanges", id), {
    code: -32005,
    message: "filter dropped its 2 oldest changes: poll more often",
    data: { limit: 3, value: 5 },
  });
  assertEquals(await call("eth_getFilterChanges", id), hashes.slice(2));
});

Deno.test("Filters beyond the limit are refused until one is uninstalled", async () => {
  const { call } = setUp({ maxFilters: 2 });
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
