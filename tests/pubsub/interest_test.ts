import { assertEquals } from "@std/assert";
import { ALL_PARTS, type Interest, NO_PARTS } from "../../src/events/mod.ts";
import { Feed, LogMatcher, type Subscriber } from "../../src/pubsub/mod.ts";
import { FakeChain } from "./fake_chain.ts";

const ADDRESS = `0x${"aa".repeat(20)}` as const;
const LOG = { address: ADDRESS, topics: [] };
const quiet = { warn() {} };

function subscriber(kind: Subscriber["kind"], notify: () => void = () => {}): Subscriber {
  const matcher = new LogMatcher({ addresses: [], topics: [] });
  switch (kind) {
    case "heads":
      return { kind, headers: true, notify };
    case "logs":
      return { kind, matcher, fromBlock: null, toBlock: null, deliveredAbove: 0n, notify };
    case "receipts":
      return { kind, transactionHashes: null, notify };
    case "pending":
      return { kind, whole: true, notify };
  }
}

Deno.test("Source hears which parts are wanted, and hears it only when that changes", async () => {
  const chain = new FakeChain();
  const feed = new Feed(chain, { log: quiet });
  const stops = [];
  for (const kind of ["heads", "heads", "logs", "receipts", "pending"] as const) {
    stops.push(await feed.subscribe(subscriber(kind)));
  }
  stops.push(await feed.subscribe({ kind: "heads", headers: false, notify() {} }));
  for (const stop of stops) stop();
  const heads: Interest = { ...NO_PARTS, blocks: true, headers: true };
  const logs: Interest = { ...heads, logs: true };
  const receipts: Interest = { ...logs, receipts: true };
  assertEquals(chain.interests, [
    heads,
    logs,
    receipts,
    ALL_PARTS,
    { ...ALL_PARTS, headers: false },
    { ...receipts, headers: false, logs: false, pending: "whole" },
    { ...NO_PARTS, blocks: true, pending: "whole" },
    { ...NO_PARTS, blocks: true },
    NO_PARTS,
  ]);
});

Deno.test("Subscription to hashes of pending transactions does not ask for the transactions", async () => {
  const chain = new FakeChain();
  const feed = new Feed(chain, { log: quiet });
  await feed.subscribe({ kind: "pending", whole: false, notify() {} });
  assertEquals(chain.interests, [{ ...NO_PARTS, pending: "hashes" }]);
});

Deno.test("Subscription waits until a slow source has confirmed the part that it needs", async () => {
  const chain = new FakeChain({ confirm: 9 });
  const feed = new Feed(chain, { log: quiet });
  let notified = 0;
  const first = feed.subscribe(subscriber("logs", () => notified++));
  // The second asks for nothing new, but the first has not been confirmed.
  const second = feed.subscribe(subscriber("logs", () => notified++));
  chain.seal([LOG]);
  assertEquals(notified, 0);
  await Promise.all([first, second]);
  chain.seal([LOG]);
  assertEquals(notified, 2);
});

Deno.test("Subscription that the source refuses leaves nothing behind, and the next one asks again", async () => {
  const chain = new FakeChain();
  const want = chain.want.bind(chain);
  chain.want = () => Promise.reject(new Error("the upstream is gone"));
  const feed = new Feed(chain, { log: quiet });
  const failed = await Promise.resolve(feed.subscribe(subscriber("logs"))).catch((error) => error.message);
  assertEquals(failed, "the upstream is gone");
  chain.want = want;
  await feed.subscribe(subscriber("logs"));
  assertEquals(chain.interests, [{ ...NO_PARTS, logs: true }]);
  assertEquals(feed.stats.logs, 1);
});
