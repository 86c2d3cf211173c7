import { assertEquals, assertLess } from "@std/assert";
import type { Hash } from "../../src/eth/types.ts";
import { Client, createService, type Service } from "./client.ts";
import { FakeChain, type LogSpec } from "./fake_chain.ts";
import { fixedHex, quantity } from "../../src/primitives/hex.ts";

const LOG: LogSpec = { address: fixedHex(0xaan, 20), topics: [] };

interface World {
  readonly chain: FakeChain;
  readonly service: Service;
  readonly client: Client;
}

function setUp(blocks: readonly (readonly LogSpec[])[], options: { pageUnits?: number } = {}): World {
  const chain = new FakeChain();
  for (const logs of blocks) chain.seal(logs);
  const service = createService(chain, options);
  return { chain, service, client: new Client(service) };
}

/** `head 3` or `log 3.0`, with `-` before a removed log. */
function story(client: Client): string[] {
  return client.notified.map(({ result }) => {
    const { number, blockNumber, logIndex, removed } = result as Record<string, string | boolean>;
    if (number !== undefined) return `head ${Number(number)}`;
    return `${removed ? "-" : ""}log ${Number(blockNumber)}.${Number(logIndex)}`;
  });
}

function hashAt(chain: FakeChain, number: number): Hash {
  return chain.canonical[number]?.hash ?? "0x";
}

Deno.test("Resuming newHeads from a block replays from there and goes on live", async () => {
  const { chain, client } = setUp([[], [], []]);
  await client.subscribe("newHeads", { fromBlock: "0x2" });
  await client.arrived(2);
  chain.seal();
  await client.arrived(3);
  assertEquals(story(client), ["head 2", "head 3", "head 4"]);
});

Deno.test("Resuming from earliest begins with genesis, and from the next block with nothing", async () => {
  const { chain, client } = setUp([[]]);
  await client.subscribe("newHeads", { fromBlock: "earliest" });
  await client.arrived(2);
  const next = await client.subscribe("newHeads", { fromBlock: "0x2" });
  chain.seal();
  await client.arrived(4);
  assertEquals(story(client), ["head 0", "head 1", "head 2", "head 2"]);
  assertEquals(client.notified.filter(({ subscription }) => subscription === next).length, 1);
});

Deno.test("Resuming logs replays only what the filter wants", async () => {
  const other = { address: fixedHex(0xbbn, 20), topics: [] };
  const { client } = setUp([[LOG, other], [other], [other, LOG]]);
  await client.subscribe("logs", { address: LOG.address, fromBlock: "0x1" });
  await client.arrived(2);
  assertEquals(story(client), ["log 1.0", "log 3.1"]);
});

Deno.test("Resuming after a block of the chain tells what came after it", async () => {
  const { chain, client } = setUp([[LOG], [LOG], [LOG]]);
  await client.subscribe("logs", { blockHash: hashAt(chain, 1), fromBlock: "0x2" });
  await client.arrived(2);
  await client.subscribe("logs", { blockHash: hashAt(chain, 2) });
  await client.arrived(3);
  assertEquals(story(client), ["log 2.0", "log 3.0", "log 3.0"]);
});

Deno.test("Resuming after an abandoned block tells the removals of what was seen, then the new branch", async () => {
  const { chain, client } = setUp([[LOG], [LOG, LOG], [LOG], [LOG]]);
  const blockHash = hashAt(chain, 3);
  chain.reorganise(3, [[LOG], [], [LOG]]);
  const params = { blockHash, fromBlock: "0x4" };
  await client.batch([["eth_subscribe", ["logs", params]], ["eth_subscribe", ["newHeads", params]]]);
  await client.arrived(8);
  assertEquals(story(client), [
    ...["-log 3.0", "-log 2.1", "-log 2.0"],
    ...["head 2", "log 2.0", "head 3", "head 4", "log 4.0"],
  ]);
});

Deno.test("Subscriptions that resume together go back together, the newest block first", async () => {
  const { chain, client } = setUp([[LOG], [LOG], [LOG]]);
  const [second, third] = [hashAt(chain, 2), hashAt(chain, 3)];
  chain.reorganise(3, [[LOG]]);
  await client.batch([
    ["eth_subscribe", ["logs", { blockHash: second }]],
    ["eth_subscribe", ["logs", { blockHash: third }]],
  ]);
  await client.arrived(7);
  const told = story(client);
  assertEquals(told, ["-log 3.0", "-log 2.0", "-log 2.0", "-log 1.0", "-log 1.0", "log 1.0", "log 1.0"]);
});

Deno.test("Resuming at a block named twice tells that block once more: its client was cut off amid its logs", async () => {
  const { chain, client } = setUp([[LOG], [LOG, LOG], [LOG]]);
  const at = { blockHash: hashAt(chain, 2), fromBlock: "0x2" };
  await client.subscribe("logs", at);
  await client.arrived(3);
  assertEquals(story(client), ["log 2.0", "log 2.1", "log 3.0"]);
  chain.reorganise(2, [[LOG]]);
  client.notified.length = 0;
  await client.subscribe("logs", at);
  await client.arrived(3);
  assertEquals(story(client), ["-log 2.1", "-log 2.0", "log 2.0"]);
});

Deno.test("A resumed subscription gets later removals of what was seen before it", async () => {
  const { chain, client } = setUp([[LOG], [LOG]]);
  await client.subscribe("logs", { blockHash: hashAt(chain, 1), fromBlock: "0x2" });
  await client.arrived(1);
  chain.reorganise(2, [[], []]);
  assertEquals(story(client), ["log 2.0", "-log 2.0", "-log 1.0"]);
});

Deno.test("Logs from a block that is still to come begin there, and nothing below it is ever told", async () => {
  const { chain, client } = setUp([[LOG]]);
  await client.subscribe("logs", { fromBlock: "0x4" });
  for (let block = 2; block <= 5; block++) chain.seal([LOG]);
  await client.arrived(2);
  assertEquals(story(client), ["log 4.0", "log 5.0"]);
  chain.reorganise(4, [[LOG], [LOG], [LOG]]);
  await client.arrived(5);
  assertEquals(story(client).slice(2), ["-log 5.0", "-log 4.0", "log 4.0"]);
});

Deno.test("A client that names its first block gets no removal below it", async () => {
  const { chain, client } = setUp([[LOG], [LOG], [LOG], [LOG]]);
  const blockHash = hashAt(chain, 4);
  await client.subscribe("logs", { blockHash, firstBlock: "0x3" });
  chain.reorganise(4, [[LOG], [LOG]]);
  await client.arrived(4);
  assertEquals(story(client), ["-log 4.0", "-log 3.0", "log 1.0", "log 2.0"]);
  // What replaced the blocks below was delivered, so its removals are too.
  chain.reorganise(2, [[]]);
  await client.arrived(6);
  assertEquals(story(client).slice(4), ["-log 2.0", "-log 1.0"]);

  client.notified.length = 0;
  await client.subscribe("logs", { blockHash, firstBlock: "0x5" });
  await turns(3);
  assertEquals(story(client), []);
  const refused: [unknown, string][] = [
    [{ firstBlock: "0x3" }, "invalid argument 1: firstBlock is only for a subscription that goes on after blockHash"],
    [
      { blockHash, firstBlock: "0x6" },
      "firstBlock 0x6 is above blockHash, which is of block 0x4: it names the first block of which the client has logs",
    ],
  ];
  for (const [point, message] of refused) {
    assertEquals((await client.call("eth_subscribe", ["logs", point])).error, { code: -32602, message });
  }
});

Deno.test("A subscription from a block gets no removal of what came before that block", async () => {
  const { chain, client } = setUp([[LOG], [LOG]]);
  await client.subscribe("logs", { fromBlock: "0x2" });
  await client.arrived(1);
  chain.reorganise(2, [[LOG]]);
  assertEquals(story(client), ["log 2.0", "-log 2.0", "log 1.0"]);
});

Deno.test("Resuming refuses what history does not hold, with the oldest block that it does", async () => {
  const { chain, client } = setUp(Array.from({ length: 9 }, () => []));
  const [old, abandoned] = [hashAt(chain, 2), hashAt(chain, 8)];
  const lost = hashAt(chain, 7);
  chain.reorganise(3, [[], [], []]);
  chain.forget(lost);
  chain.prune(5n);
  const data = { oldestBlock: "0x5", headBlock: "0x9" };
  const unknown = fixedHex(0xffffn, 32);
  const cases: [unknown, string][] = [
    [{ fromBlock: "0x4" }, "cannot resume from block 0x4: the oldest block that can be resumed from is 0x5"],
    [{ blockHash: unknown }, `cannot resume after block ${unknown}: it is unknown, or older than what is kept`],
    [{ blockHash: old }, `cannot resume after block ${old}: it is unknown, or older than what is kept`],
    [
      { blockHash: abandoned },
      `cannot resume after block ${abandoned}: the oldest block that can be resumed from is 0x5`,
    ],
    [
      { blockHash: hashAt(chain, 6), fromBlock: "0x1" },
      "cannot resume from block 0x1: the oldest block that can be resumed from is 0x5",
    ],
  ];
  for (const kind of ["newHeads", "logs"]) {
    for (const [point, message] of cases) {
      assertEquals((await client.call("eth_subscribe", [kind, point])).error, { code: -32001, message, data });
    }
    await client.subscribe(kind, { fromBlock: "0x5" });
  }
  const { error } = await client.call("eth_subscribe", ["newHeads", { fromBlock: "0xb" }]);
  assertEquals(error, { code: -32001, message: "cannot resume from block 0xb: the head is block 0x9", data });
});

Deno.test("Resuming refuses a contradictory position", async () => {
  const { chain, client } = setUp([[], [], []]);
  const blockHash = hashAt(chain, 1);
  const both = "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other";
  const cases: [unknown[], string][] = [
    [
      ["newHeads", { blockHash, fromBlock: "0x3" }],
      "fromBlock 0x3 leaves a gap: blockHash is of block 0x1, so fromBlock can be at most 0x2",
    ],
    [
      ["newHeads", { blockHash, fromBlock: "latest" }],
      "fromBlock latest begins with the next block, so blockHash cannot be given with it",
    ],
    [["newHeads", { fromBlock: "safe" }], "invalid block range params"],
    [["newHeads", { fromBlock: "pending" }], "invalid block range params"],
    [["logs", { blockHash, toBlock: "latest" }], `invalid argument 1: ${both}`],
  ];
  for (const [params, message] of cases) {
    assertEquals((await client.call("eth_subscribe", params)).error, { code: -32602, message });
  }
});

Deno.test("A replay waits for a slow reader, holds one page for it, and misses nothing meanwhile", async () => {
  const logs = Array.from({ length: 100 }, () => LOG);
  const { chain, client, service } = setUp([logs, logs, logs], { pageUnits: 1000 });
  client.pause();
  client.call("eth_subscribe", ["logs", { fromBlock: "0x0" }]);
  await turns(5);
  // The answer, and logs of some 300 characters up to the first that fills the page.
  assertLess(client.queued, 7);
  chain.seal([LOG]);
  chain.reorganise(2, [[LOG], [LOG]]);
  client.resume();
  await client.until(() => service.feed.stats.replaying === 0 && client.notified.length > 0);
  const told = story(client);
  assertEquals(told.length, new Set(told).size);
  assertEquals(told.filter((line) => line.startsWith("-")).length, 0);
  assertEquals(told.slice(-2), ["log 3.0", "log 4.0"]);
  assertEquals(told.length, 202);
});

for (const end of ["eth_unsubscribe", "a disconnect"]) {
  Deno.test(`A replay is cancelled by ${end}`, async () => {
    const { client, service } = setUp([[LOG], [LOG], [LOG]], { pageUnits: 1 });
    const id = await client.subscribe("logs", { fromBlock: "0x1" });
    client.pause();
    await turns(3);
    if (end === "eth_unsubscribe") client.call("eth_unsubscribe", [id]);
    else client.close();
    client.resume();
    await turns(3);
    assertEquals(service.feed.stats.replaying, 0);
    assertEquals(service.feed.stats.logs, 0);
    assertLess(client.notified.length, 3);
  });
}

Deno.test("A slow reader whose history is given up meanwhile is disconnected, not skipped ahead", async () => {
  const { chain, client, service } = setUp(Array.from({ length: 20 }, () => [LOG]), { pageUnits: 1 });
  await client.subscribe("logs", { fromBlock: "0x1" });
  client.pause();
  await turns(3);
  chain.prune(15n);
  client.resume();
  await client.until(() => client.ended !== null);
  const reason = "the history that this subscription still needs is no longer kept";
  assertEquals(client.ended, { code: 4008, reason });
  assertEquals(service.warnings, ["Replay given up"]);
});

Deno.test("A replay whose source fails ends its connection", async () => {
  const { chain, client } = setUp([[LOG], [LOG]], { pageUnits: 1 });
  await client.subscribe("logs", { fromBlock: "0x1" });
  chain.blockEventAt = () => Promise.reject(new Error("gone"));
  await client.until(() => client.ended !== null);
  assertEquals(client.ended?.reason, "the history that this subscription still needs could not be read");
});

Deno.test("A long replay leaves the loop to others, and one connection's replay does not hold up another's", async () => {
  const { service, client } = setUp(Array.from({ length: 20_000 }, () => [LOG]));
  await client.subscribe("logs", { fromBlock: "0x0" });
  const other = new Client(service);
  await other.subscribe("newHeads", { fromBlock: quantity(19_999) });
  await other.arrived(2);
  assertLess(client.notified.length, 20_000);
  await client.arrived(20_000, { deadlineMs: 30_000 });
});

/** Lets timers run. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}
