import type { Hex } from "../../src/eth/types.ts";
import type { ChainEvent } from "../../src/events/mod.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import type { Random } from "../support/random.ts";

/** Makes any event that the codec admits: every kind, any parts, texts with characters of one to four bytes. */
export function randomEvent(random: Random): ChainEvent {
  const kind = random.pick(["pending", "block", "removed"] as const);
  if (kind === "pending") return { kind, transaction: { hash: hex(random, 32), json: maybe(random, json) } };
  return {
    kind,
    block: {
      number: random.chance(0.1) ? 2n ** 64n - 1n : BigInt(random.below(2 ** 31)),
      hash: hex(random, 32),
      parentHash: hex(random, 32),
      header: maybe(random, json),
      logs: maybe(random, (random) =>
        list(random, () => ({
          address: hex(random, 20),
          topics: Array.from({ length: random.below(5) }, () => hex(random, 32)),
          json: json(random),
        }))),
      receipts: maybe(
        random,
        (random) => list(random, () => ({ transactionHash: hex(random, 32), json: json(random) })),
      ),
    },
  };
}

function maybe<T>(random: Random, make: (random: Random) => T): T | null {
  return random.chance(0.3) ? null : make(random);
}

function list<T>(random: Random, make: () => T): T[] {
  return Array.from({ length: random.below(6) }, make);
}

function hex(random: Random, size: number): Hex {
  return `0x${Uint8Array.from({ length: size }, () => random.below(256)).toHex()}`;
}

function json(random: Random): RawJson {
  const length = random.pick([0, 1, 17, 2000]);
  const text = Array.from({ length }, () => random.pick(["a", "0", "é", "€", "😀", '"', "\\"])).join("");
  return new RawJson(JSON.stringify({ text }));
}
