import { assertEquals, assertThrows } from "@std/assert";
import { removedLog } from "../../src/events/mod.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";

const ADDRESS = `0x${"aa".repeat(20)}` as const;

function removed(text: string): string {
  return removedLog({ address: ADDRESS, topics: [], json: new RawJson(text) }).text;
}

Deno.test("Log of an abandoned block differs in its removed member alone, wherever that stands", () => {
  assertEquals(removed('{"logIndex":"0x0","removed":false}'), '{"logIndex":"0x0","removed":true}');
  assertEquals(removed('{"removed":false,"data":"0x"}'), '{"removed":true,"data":"0x"}');
});

Deno.test("Log without a removed member cannot be announced as removed", () => {
  assertThrows(() => removed('{"logIndex":"0x0"}'), Error, 'a log has no "removed":false');
});
