import { assertEquals } from "@std/assert";
import { Client, createService } from "../pubsub/client.ts";
import { FakeChain } from "../pubsub/fake_chain.ts";
import { fixedHex } from "../../src/primitives/hex.ts";

const ADDRESS = fixedHex(0xaan, 20);
const OTHER = fixedHex(0xbbn, 20);
const TOPIC = fixedHex(0x11n, 32);
const ANOTHER = fixedHex(0x22n, 32);
const LOG = { address: ADDRESS, topics: [TOPIC] };

function setUp(): { chain: FakeChain; client: Client } {
  const chain = new FakeChain();
  return { chain, client: new Client(createService(chain)) };
}

/** `kind number[.log]` of each notification, with `-` before what is removed. */
function story(client: Client): string[] {
  return client.notified.map(({ result }) => {
    if (typeof result === "string") return "pending";
    if (Array.isArray(result)) return `receipts of ${result.length}`;
    const { number, blockNumber, logIndex, removed, blockHash } = result as Record<string, string | boolean>;
    if (number !== undefined) return `head ${Number(number)}`;
    if (blockHash === null) return "pending whole";
    return `${removed ? "-" : ""}log ${Number(blockNumber)}.${Number(logIndex)}`;
  });
}

Deno.test("eth_subscribe tells a block as header, logs by index, receipts, whatever was subscribed first", async () => {
  const { chain, client } = setUp();
  await client.subscribe("transactionReceipts");
  await client.subscribe("logs", {});
  await client.subscribe("newPendingTransactions");
  await client.subscribe("newHeads");
  chain.pend();
  chain.seal([LOG, LOG]);
  assertEquals(story(client), ["pending", "head 1", "log 1.0", "log 1.1", "receipts of 1"]);
});

Deno.test("eth_subscribe tells removals newest block first and last log first, then what replaces them", async () => {
  const { chain, client } = setUp();
  await client.subscribe("logs", {});
  await client.subscribe("newHeads");
  chain.seal([LOG, LOG]);
  chain.seal([LOG]);
  chain.reorganise(2, [[LOG], []]);
  assertEquals(story(client), [
    ...["head 1", "log 1.0", "log 1.1", "head 2", "log 2.0"],
    ...["-log 2.0", "-log 1.1", "-log 1.0", "head 1", "log 1.0", "head 2"],
  ]);
});

Deno.test("eth_subscribe sends a notification in geth's shape, after the answer", async () => {
  const { chain, client } = setUp();
  const answered = client.subscribe("newHeads");
  const { hash, parentHash } = chain.seal();
  await answered;
  assertEquals(client.frames, [
    '{"jsonrpc":"2.0","id":1,"result":"0x1"}',
    `{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"0x1","result":` +
    `{"number":"0x1","hash":"${hash}","parentHash":"${parentHash}"}}}`,
  ]);
});

Deno.test("eth_subscribe keeps the order of what happens before a batch of subscriptions is answered", async () => {
  const { chain, client } = setUp();
  // A heartbeat is answered later than the others, and with it the batch.
  const answered = client.batch([
    ["eth_subscribe", ["logs", {}]],
    ["eth_subscribe", ["newHeads"]],
    ["eth_subscribe", ["heartbeat"]],
  ]);
  for (let sealed = 0; sealed < 2; sealed++) chain.seal([LOG]);
  assertEquals(client.frames, []);
  await answered;
  assertEquals(story(client).slice(0, 4), ["head 1", "log 1.0", "head 2", "log 2.0"]);
  client.close();
  await undefined;
});

Deno.test("eth_subscribe sends no removal of a log that was sealed before the subscription", async () => {
  const { chain, client } = setUp();
  chain.seal([LOG]);
  await client.subscribe("logs", {});
  chain.reorganise(1, [[LOG]]);
  assertEquals(story(client), ["log 1.0"]);
  chain.reorganise(1, [[]]);
  assertEquals(story(client), ["log 1.0", "-log 1.0"]);
});

Deno.test("eth_subscribe sends each removal once, however often the chain reorganises", async () => {
  const { chain, client } = setUp();
  await client.subscribe("logs", {});
  chain.seal([LOG]);
  chain.reorganise(1, [[]]);
  chain.reorganise(1, [[]]);
  assertEquals(story(client), ["log 1.0", "-log 1.0"]);
});

Deno.test("eth_subscribe picks logs by address and by topics at each position", async () => {
  const { chain, client } = setUp();
  const names = new Map<string, string>();
  const filters = {
    all: {},
    null: null,
    address: { address: ADDRESS },
    addresses: { address: [ADDRESS, OTHER] },
    first: { topics: [TOPIC] },
    second: { topics: [null, TOPIC] },
    either: { topics: [[TOPIC, ANOTHER]] },
    both: { address: OTHER, topics: [[ANOTHER], TOPIC] },
    three: { topics: [null, null, null] },
  };
  for (const [name, filter] of Object.entries(filters)) names.set(await client.subscribe("logs", filter), name);
  chain.seal([
    { address: ADDRESS, topics: [] },
    { address: ADDRESS, topics: [TOPIC] },
    { address: OTHER, topics: [ANOTHER, TOPIC] },
  ]);
  const told: Record<string, number[]> = {};
  for (const { subscription, result } of client.notified) {
    (told[names.get(subscription) ?? ""] ??= []).push(Number((result as { logIndex: string }).logIndex));
  }
  assertEquals(told, {
    all: [0, 1, 2],
    null: [0, 1, 2],
    address: [0, 1],
    addresses: [0, 1, 2],
    first: [1],
    second: [2],
    either: [1, 2],
    both: [2],
  });
});

Deno.test("eth_subscribe with toBlock is geth's range of live logs and replays nothing", async () => {
  const { chain, client } = setUp();
  chain.seal([LOG]);
  // What go-ethereum's client sends for a subscription that names no block.
  const plain = await client.subscribe("logs", { fromBlock: "0x0", toBlock: "latest" });
  const range = await client.subscribe("logs", { fromBlock: "0x3", toBlock: "0x4" });
  for (let sealed = 0; sealed < 4; sealed++) chain.seal([LOG]);
  const blocks = (id: string) =>
    client.notified.filter(({ subscription }) => subscription === id).map(({ result }) =>
      Number((result as { blockNumber: string }).blockNumber)
    );
  assertEquals(blocks(plain), [2, 3, 4, 5]);
  assertEquals(blocks(range), [3, 4]);
});

Deno.test("eth_subscribe sends pending transactions as hashes, and whole when asked to", async () => {
  const { chain, client } = setUp();
  await client.subscribe("newPendingTransactions");
  await client.subscribe("newPendingTransactions", false);
  await client.subscribe("newPendingTransactions", true);
  const hash = chain.pend();
  assertEquals(client.notified.map(({ result }) => result), [hash, hash, { hash, blockHash: null }]);
});

Deno.test("eth_subscribe sends receipts of the wanted transactions, one list per block that has any", async () => {
  const { chain, client } = setUp();
  const all = await client.subscribe("transactionReceipts", { transactionHashes: [] });
  const first = chain.seal([LOG]).receipts.map(({ transactionHash }) => transactionHash);
  const some = await client.subscribe("transactionReceipts", { transactionHashes: first });
  chain.reorganise(1, []);
  chain.seal();
  chain.seal([LOG]);
  chain.seal([LOG], { transactionHash: first[0] });
  const told = client.notified.map(({ subscription, result }) => [subscription, (result as unknown[]).length]);
  assertEquals(told, [[all, 1], [all, 1], [all, 1], [some, 1]]);
});

Deno.test("eth_subscribe refuses with geth's errors", async () => {
  const { client } = setUp();
  const many = Array.from({ length: 1001 }, (_, index) => fixedHex(BigInt(index), 20));
  const hashes = Array.from({ length: 201 }, (_, index) => fixedHex(BigInt(index), 32));
  const cases: [unknown[], number, string][] = [
    [["logs"], -32602, "missing value for required argument 1"],
    [["newHeads", {}, {}], -32602, "too many arguments, want at most 2"],
    [["foo"], -32601, 'no "foo" subscription in eth namespace'],
    [["logs", { fromBlock: "pending" }], -32602, "pending logs are not supported"],
    [["logs", { toBlock: "pending" }], -32602, "pending logs are not supported"],
    [["logs", { fromBlock: "safe" }], -32602, "invalid block range params"],
    [["logs", { fromBlock: "finalized" }], -32602, "invalid block range params"],
    [["logs", { fromBlock: "latest", toBlock: "0x5" }], -32602, "invalid block range params"],
    [["logs", { fromBlock: "0x6", toBlock: "0x5" }], -32602, "invalid block range params"],
    [["logs", { topics: [null, null, null, null, null] }], -32602, "invalid argument 1: exceed max topics"],
    [["logs", { address: many }], -32000, "exceed max addresses or topics per search position"],
    [
      ["transactionReceipts", { transactionHashes: hashes }],
      -32000,
      "exceed max number of transaction hashes allowed per transactionReceipts subscription",
    ],
    [["heartbeat", 0], -32602, "invalid argument 1: json: cannot unmarshal number 0 into Go value of type int"],
  ];
  for (const [params, code, message] of cases) {
    assertEquals((await client.call("eth_subscribe", params)).error, { code, message }, JSON.stringify(params));
  }
});

Deno.test("eth_subscribe accepts the empty object that clients send with every kind", async () => {
  const { chain, client } = setUp();
  await client.subscribe("newHeads", {});
  await client.subscribe("syncing", {});
  await client.subscribe("newPendingTransactions", null);
  chain.seal();
  assertEquals(story(client), ["head 1"]);
});

Deno.test("eth_unsubscribe ends the notifications of one subscription and leaves the others", async () => {
  const { chain, client } = setUp();
  const first = await client.subscribe("newHeads");
  const second = await client.subscribe("newHeads");
  assertEquals((await client.call("eth_unsubscribe", [first])).result, true);
  chain.seal();
  assertEquals(client.notified.map(({ subscription }) => subscription), [second]);
});

Deno.test("A subscription ends with its connection", async () => {
  const chain = new FakeChain();
  const service = createService(chain);
  const client = new Client(service);
  for (const kind of ["newHeads", "newPendingTransactions", "transactionReceipts"]) await client.subscribe(kind);
  await client.subscribe("logs", { address: [ADDRESS, OTHER], topics: [[TOPIC, ANOTHER]] });
  await client.subscribe("heartbeat", 1);
  client.close();
  await undefined;
  const { heads, logs, receipts, pending, replaying } = service.feed.stats;
  assertEquals({ heads, logs, receipts, pending, replaying }, {
    heads: 0,
    logs: 0,
    receipts: 0,
    pending: 0,
    replaying: 0,
  });
});

Deno.test("heartbeat tells the head and the time at once, and again in its period", async () => {
  const { chain, client } = setUp();
  await client.subscribe("heartbeat", 1);
  const { hash } = chain.seal();
  const begun = Math.floor(Date.now() / 1000);
  await client.arrived(2);
  const [first, second] = client.notified.map(({ result }) => result as { number: string; hash: string; time: string });
  assertEquals(first?.number, "0x0");
  assertEquals([second?.number, second?.hash], ["0x1", hash]);
  assertEquals(Number(second?.time) - begun <= 2 && Number(second?.time) >= begun, true);
  client.close();
  await undefined;
});
