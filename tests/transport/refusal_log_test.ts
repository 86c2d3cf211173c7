import { assertEquals } from "@std/assert";
import { RefusalLog } from "../../src/transport/refusal_log.ts";
import { serve } from "./fixture.ts";
import { RawClient } from "./raw_client.ts";

const EVERY_MS = 20;

function recorded(everyMs?: number) {
  const lines: Record<string, unknown>[] = [];
  let written: (() => void) | undefined;
  const warn = (_message: string, fields: Record<string, unknown> = {}) => {
    lines.push(fields);
    written?.();
  };
  const log = new RefusalLog({ debug() {}, info() {}, error() {}, warn }, everyMs === undefined ? {} : { everyMs });
  /** A timer keeps the test alive where the log's own does not. */
  async function next(): Promise<void> {
    const keep = setTimeout(() => {}, 10_000);
    await new Promise<void>((resolve) => written = resolve);
    clearTimeout(keep);
  }
  return { lines, log, next };
}

Deno.test("RefusalLog tells of the first of each kind at once, and sums the others up", async () => {
  const { lines, log, next } = recorded(EVERY_MS);
  for (let i = 0; i < 1000; i++) {
    log.warn({ kind: "a", fields: { origin: "a", peer: `1.1.1.1:${i}` } });
    log.warn({ kind: "b", fields: { origin: "b", peer: `2.2.2.2:${i}` } });
  }
  const first = [{ origin: "a", peer: "1.1.1.1:0" }, { origin: "b", peer: "2.2.2.2:0" }];
  assertEquals(lines, first);
  await next();
  assertEquals(lines, [...first, { origin: "a", again: 999 }, { origin: "b", again: 999 }]);
  log.close();
});

Deno.test("RefusalLog keeps a bounded number of kinds, and counts the rest together", () => {
  const { lines, log } = recorded();
  for (let i = 0; i < 5000; i++) log.warn({ kind: `${i}`, fields: { origin: i } });
  assertEquals(lines.length, 100);
  log.close();
  assertEquals(lines.slice(100), [{ reason: "many different ones", again: 4900 }]);
});

Deno.test("Listener warns of a page that tries again and again once, and with the count when it stops", async () => {
  const server = await serve();
  for (let i = 0; i < 5; i++) await RawClient.ask(server.listener.port, { origin: "http://evil" });
  await RawClient.ask(server.listener.port, { origin: "http://other" });
  const origins = () => server.log.filter(({ level }) => level === "warn").map(({ fields }) => fields["origin"]);
  assertEquals(origins(), ["http://evil", "http://other"]);
  await server.listener.stop({ graceMs: 0 });
  assertEquals(origins(), ["http://evil", "http://other", "http://evil"]);
  assertEquals(server.log.at(-1)?.fields["again"], 4);
});
