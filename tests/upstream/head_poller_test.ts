import { assertEquals } from "@std/assert";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { retryAfterMs, UpstreamFailure } from "../../src/upstream/failure.ts";
import { HeadPoller } from "../../src/upstream/head_poller.ts";
import { FakeClock } from "../support/fake_clock.ts";

function pollerOf(read: () => unknown) {
  const clock = new FakeClock();
  const polls: number[] = [];
  const failures: unknown[] = [];
  const poller = new HeadPoller({
    read() {
      polls.push(clock.now());
      const answer = read();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(RawJson.of(answer));
    },
    clock,
  });
  poller.start(() => {}, (error) => failures.push(error));
  return { clock, poller, polls, failures };
}

Deno.test("HeadPoller polls eight times a block, between 200 ms and 3 s", async () => {
  let block = 0;
  const { clock, poller } = pollerOf(() => block);
  assertEquals(poller.intervalMs, 1_500);
  for (let i = 0; i < 40; i++) {
    block += 1;
    await clock.advance(poller.intervalMs);
  }
  assertEquals(poller.intervalMs, 200, "each poll finds a new block");
  for (let i = 0; i < 60; i++) {
    block += 1;
    await clock.advance(12_000);
  }
  assertEquals(Math.abs(poller.intervalMs - 1_500) < 100, true, "a block every 12 s");
  poller.stop();
  assertEquals(clock.timers, 0);
});

Deno.test("HeadPoller keeps an upstream that is busy, and asks it again when it says so", async () => {
  let answer: unknown = new UpstreamFailure("busy", "status 429", { retryAfterMs: 7_000 });
  const { clock, polls, failures } = pollerOf(() => answer);
  await clock.advance(8_499);
  assertEquals(polls, [1_500]);
  await clock.advance(1);
  assertEquals([polls, failures], [[1_500, 8_500], []]);
  answer = new UpstreamFailure("closed", "the connection failed");
  await clock.advance(7_000);
  assertEquals(failures, [answer]);
  assertEquals(clock.timers, 0, "a connection that failed is not polled");
});

Deno.test("retryAfterMs reads seconds and dates, and cuts an absurd wait", () => {
  assertEquals(retryAfterMs("3", 0), 3_000);
  assertEquals(retryAfterMs("Thu, 01 Jan 1970 00:00:05 GMT", 1_000), 4_000);
  assertEquals(retryAfterMs("1e9", 0), 3_600_000);
  for (const header of [null, undefined, "soon", "-1"]) assertEquals(retryAfterMs(header, 0), undefined);
});
