import { assertEquals } from "@std/assert";
import type { Address, Hash, LogCriteria } from "../../src/eth/types.ts";
import type { LogEvent } from "../../src/events/mod.ts";
import { LogMatcher } from "../../src/pubsub/criteria.ts";
import { LogSubscribers } from "../../src/pubsub/log_subscribers.ts";
import type { LogSubscriber } from "../../src/pubsub/subscriber.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { Random } from "../support/random.ts";
import { wants } from "./walk.ts";
import { fixedHex } from "../../src/primitives/hex.ts";

/** Counts how often it is asked. */
class CountingMatcher extends LogMatcher {
  static asked = 0;

  override matches(log: LogEvent): boolean {
    CountingMatcher.asked++;
    return super.matches(log);
  }
}

function reader(criteria: LogCriteria): LogSubscriber {
  const matcher = new CountingMatcher(criteria);
  return { kind: "logs", matcher, fromBlock: null, toBlock: null, deliveredAbove: -1n, notify: () => {} };
}

function log(address: Address, topics: readonly Hash[]): LogEvent {
  const json = RawJson.of({});
  return { address, topics, json };
}

function found(index: LogSubscribers, event: LogEvent): LogSubscriber[] {
  const readers: LogSubscriber[] = [];
  index.forEachMatch(event, (reader) => readers.push(reader));
  return readers;
}

Deno.test("LogSubscribers asks one of 10,000 readers of different addresses about a log", () => {
  const index = new LogSubscribers();
  const readers = Array.from(
    { length: 10_000 },
    (_, number) => reader({ addresses: [fixedHex(BigInt(number), 20)], topics: [] }),
  );
  for (const one of readers) index.add(one);
  CountingMatcher.asked = 0;
  assertEquals(found(index, log(fixedHex(4321n, 20), [])), readers.slice(4321, 4322));
  assertEquals(CountingMatcher.asked, 1);
});

Deno.test("LogSubscribers asks one of 10,000 readers of different first topics about a log", () => {
  const index = new LogSubscribers();
  const readers = Array.from(
    { length: 10_000 },
    (_, number) => reader({ addresses: [], topics: [[fixedHex(BigInt(number), 32)]] }),
  );
  for (const one of readers) index.add(one);
  CountingMatcher.asked = 0;
  assertEquals(found(index, log(fixedHex(1n, 20), [fixedHex(4321n, 32)])), readers.slice(4321, 4322));
  assertEquals(CountingMatcher.asked, 1);
});

Deno.test("LogSubscribers asks one of 10,000 wallets that watch one token for transfers to themselves", () => {
  const index = new LogSubscribers();
  const [token, transfer] = [fixedHex(1n, 20), fixedHex(2n, 32)];
  const readers = Array.from(
    { length: 10_000 },
    (_, number) => reader({ addresses: [token], topics: [[transfer], null, [fixedHex(BigInt(number), 32)]] }),
  );
  for (const one of readers) index.add(one);
  CountingMatcher.asked = 0;
  const event = log(token, [transfer, fixedHex(7n, 32), fixedHex(4321n, 32)]);
  assertEquals(found(index, event), readers.slice(4321, 4322));
  assertEquals(CountingMatcher.asked, 1);
});

Deno.test("LogSubscribers asks one of 10,000 readers that differ in the alternatives of a later topic", () => {
  const index = new LogSubscribers();
  const readers = Array.from(
    { length: 10_000 },
    (_, number) =>
      reader({ addresses: [], topics: [null, [fixedHex(BigInt(number), 32), fixedHex(BigInt(number + 20_000), 32)]] }),
  );
  for (const one of readers) index.add(one);
  CountingMatcher.asked = 0;
  const event = log(fixedHex(1n, 20), [fixedHex(7n, 32), fixedHex(24_321n, 32)]);
  assertEquals(found(index, event), readers.slice(4321, 4322));
  assertEquals(CountingMatcher.asked, 1);
});

Deno.test("LogSubscribers finds exactly the readers that a scan finds, once each, through additions and removals", () => {
  const random = new Random(5);
  const addresses = Array.from({ length: 5 }, (_, number) => fixedHex(BigInt(number), 20));
  const topics = Array.from({ length: 5 }, (_, number) => fixedHex(BigInt(number), 32));
  const some = <T>(from: readonly T[], most: number) =>
    Array.from({ length: random.below(most) }, () => random.pick(from));
  const index = new LogSubscribers();
  const live = new Map<LogSubscriber, LogCriteria>();
  for (let step = 0; step < 3000; step++) {
    if (live.size > 0 && random.chance(0.45)) {
      const one = random.pick([...live.keys()]);
      live.delete(one);
      assertEquals(index.delete(one), true);
      assertEquals(index.delete(one), false);
    } else {
      // Now and then more pairs of address and topic than are indexed one by one.
      const wide = random.chance(0.02) ? Array.from({ length: 600 }, (_, number) => fixedHex(BigInt(number), 20)) : [];
      const criteria = {
        addresses: [...some(addresses, 4), ...wide],
        topics: some([null, ...topics], 4).map((topic) => topic === null ? null : [topic, ...some(topics, 3)]),
      };
      const one = reader(criteria);
      live.set(one, criteria);
      index.add(one);
    }
    const event = log(random.pick(addresses), some(topics, 5));
    const expected = new Set([...live].filter(([, criteria]) => wants(criteria, event)).map(([one]) => one));
    const actual = found(index, event);
    assertEquals(actual.length, expected.size);
    assertEquals(actual.every((one) => expected.has(one)), true);
  }
  for (const one of live.keys()) index.delete(one);
  assertEquals(index.size, 0);
});
