import { assertEquals } from "@std/assert";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { AnswerCache } from "../../src/upstream/answer_cache.ts";
import { Finality } from "../../src/upstream/finality.ts";
import { readHeader } from "../../src/upstream/head.ts";
import { SentNonces } from "../../src/upstream/sent_nonces.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { BlockTree, headerJson } from "./block_tree.ts";

Deno.test("SentNonces counts what was sent without a gap, and forgets it after two minutes", async () => {
  const clock = new FakeClock();
  const sent = new SentNonces(clock);
  for (const nonce of [5n, 6n, 8n]) sent.note("0xaa", nonce);
  assertEquals([4n, 5n, 6n, 7n, 8n].map((answered) => sent.next("0xaa", answered)), [4n, 7n, 7n, 7n, 9n]);
  assertEquals(sent.next("0xbb", 5n), 5n);
  await clock.advance(120_000);
  assertEquals(sent.next("0xaa", 5n), 5n);
});

Deno.test("Finality never goes back", () => {
  const tree = new BlockTree(1);
  const one = tree.child(tree.genesis, 0);
  const two = tree.child(one, 0);
  const header = (block: typeof one) => readHeader(RawJson.of(headerJson(block, true)));
  const finality = new Finality();
  assertEquals(finality.finalizedNumber, -1n);
  assertEquals(finality.advance("finalized", header(two)).number, 2n);
  assertEquals(finality.advance("finalized", header(one)).hash, two.hash);
  assertEquals(finality.advance("safe", header(one)).number, 1n);
  assertEquals(finality.finalizedNumber, 2n);
});

Deno.test("AnswerCache joins equal questions, keeps what may be kept, and drops the oldest", async () => {
  const cache = new AnswerCache(10_000);
  let asked = 0;
  const ask = (text: string) => () => {
    asked += 1;
    return Promise.resolve(new RawJson(text));
  };
  const [one, other] = await Promise.all([cache.get("a", ask("1"), () => true), cache.get("a", ask("2"), () => true)]);
  assertEquals([one?.text, other?.text, asked], ["1", "1", 1]);
  assertEquals((await cache.get("a", ask("3"), () => true)).text, "1");
  assertEquals((await cache.get("null", ask("null"), ({ text }) => text !== "null")).text, "null");
  assertEquals((await cache.get("null", ask("4"), () => false)).text, "4");
  assertEquals(cache.stats.hits, 1);
  for (let i = 0; i < 100; i++) await cache.get(`k${i}`, ask("x".repeat(500)), () => true);
  assertEquals(cache.stats.bytes <= 10_000, true);
  assertEquals((await cache.get("a", ask("5"), () => true)).text, "5");
});

Deno.test("AnswerCache forgets a question that failed", async () => {
  const cache = new AnswerCache(10_000);
  const failed = await Promise.resolve(cache.get("a", () => Promise.reject(new Error("no")), () => true)).catch(() =>
    "no"
  );
  assertEquals(failed, "no");
  assertEquals((await cache.get("a", () => Promise.resolve(new RawJson("1")), () => true)).text, "1");
});
