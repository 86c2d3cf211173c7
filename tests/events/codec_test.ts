import { assertEquals, assertThrows } from "@std/assert";
import type { Hex } from "../../src/eth/types.ts";
import { type ChainEvent, decodeEvent, encodeEvent, EventCodecError } from "../../src/events/mod.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { Random } from "../support/random.ts";
import { randomEvent } from "./random_event.ts";

const HASH = `0x${"11".repeat(32)}` as const;
const PARENT = `0x${"22".repeat(32)}` as const;
const TOPIC = `0x${"33".repeat(32)}` as const;
const TRANSACTION = `0x${"44".repeat(32)}` as const;
const ADDRESS = `0x${"aa".repeat(20)}` as const;

const log = { address: ADDRESS, topics: [TOPIC], json: new RawJson('{"logIndex":"0x0","removed":false}') };
const block = {
  number: 258n,
  hash: HASH,
  parentHash: PARENT,
  header: new RawJson('{"number":"0x102"}'),
  logs: [log],
  receipts: [{ transactionHash: TRANSACTION, json: new RawJson('{"status":"0x1"}') }],
};

/** What other programs and older files hold: a change of these bytes needs a new version. */
const GOLDEN: Readonly<Record<string, ChainEvent>> = {
  block: { kind: "block", block },
  removed: { kind: "removed", block: { ...block, header: null, receipts: null } },
  bare: { kind: "block", block: { ...block, header: null, logs: null, receipts: null } },
  pending: { kind: "pending", transaction: { hash: TRANSACTION, json: new RawJson('{"nonce":"0x7"}') } },
  pending_hash: { kind: "pending", transaction: { hash: TRANSACTION, json: null } },
};

for (const [name, event] of Object.entries(GOLDEN)) {
  Deno.test(`Event "${name}" has the bytes of its golden file`, async () => {
    const url = new URL(`golden/${name}.hex`, import.meta.url);
    if (Deno.args.includes("--write")) await Deno.writeTextFile(url, `${encodeEvent(event).toHex()}\n`);
    const bytes = Uint8Array.fromHex((await Deno.readTextFile(url)).trim());
    assertEquals(encodeEvent(event), bytes);
    assertEquals(decodeEvent(bytes), event);
  });
}

Deno.test("Event survives encoding and decoding, whatever its parts: 2,000 random events", () => {
  const random = new Random(1);
  for (let run = 0; run < 2000; run++) {
    const event = randomEvent(random);
    assertEquals(decodeEvent(encodeEvent(event)), event);
  }
});

Deno.test("Event decoder refuses every truncation, and bytes behind the event, with one kind of error", () => {
  const random = new Random(2);
  for (let run = 0; run < 50; run++) {
    const bytes = encodeEvent(randomEvent(random));
    for (let length = 0; length < Math.min(bytes.length, 400); length++) {
      assertThrows(() => decodeEvent(bytes.subarray(0, length)), EventCodecError);
    }
    assertThrows(() => decodeEvent(new Uint8Array([...bytes, 0])), EventCodecError, "1 bytes follow the event");
  }
});

Deno.test("Event decoder reads any bytes as an event or refuses them with its own error: 20,000 damaged events", () => {
  const random = new Random(3);
  for (let run = 0; run < 20_000; run++) {
    const bytes = encodeEvent(randomEvent(random));
    for (let flips = random.below(4); flips >= 0; flips--) bytes[random.below(bytes.length)] = random.below(256);
    try {
      decodeEvent(bytes);
    } catch (error) {
      if (!(error instanceof EventCodecError)) throw error;
    }
  }
});

Deno.test("Event codec names what is wrong", () => {
  const bytes = encodeEvent({ kind: "block", block });
  const damaged = (at: number, value: number) => bytes.with(at, value);
  assertThrows(() => decodeEvent(damaged(0, 9)), EventCodecError, "version 9 is unknown: this program reads 1");
  assertThrows(() => decodeEvent(damaged(1, 3)), EventCodecError, "kind 3 is unknown");
  assertThrows(() => decodeEvent(damaged(74, 8)), EventCodecError, "parts 8 are unknown");
  assertThrows(
    () => decodeEvent(bytes.subarray(0, 20)),
    EventCodecError,
    "block hash is cut off: 32 bytes at 10, of 20",
  );
  const short = { ...block, hash: "0x11" as Hex };
  assertThrows(() => encodeEvent({ kind: "block", block: short }), EventCodecError, "0x11 does not have 32 bytes");
  const high = { ...block, number: 2n ** 64n };
  assertThrows(() => encodeEvent({ kind: "block", block: high }), EventCodecError, "does not fit into 64 bits");
});
