import { assertEquals } from "@std/assert";
import { RateLimitedWarnings } from "../../src/transport/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { serve } from "./fixture.ts";
import { RawClient } from "./raw_client.ts";

const SUMMARY_MS = 10_000;
const MESSAGE = "Rejected WebSocket connection";

function recorded() {
  const lines: Record<string, unknown>[] = [];
  const clock = new FakeClock();
  const warn = (_message: string, fields: Record<string, unknown> = {}) => void lines.push(fields);
  const warnings = new RateLimitedWarnings({ debug() {}, info() {}, error() {}, warn }, clock);
  return { lines, clock, warnings };
}

Deno.test("Rate-limited warnings log the first of each kind at once, and the number of the others every ten seconds", async () => {
  const { lines, clock, warnings } = recorded();
  for (let i = 0; i < 1000; i++) {
    warnings.warn({ message: MESSAGE, kind: "a", fields: { origin: "a", peer: `1.1.1.1:${i}` } });
    warnings.warn({ message: MESSAGE, kind: "b", fields: { origin: "b", peer: `2.2.2.2:${i}` } });
  }
  const first = [{ origin: "a", peer: "1.1.1.1:0" }, { origin: "b", peer: "2.2.2.2:0" }];
  assertEquals(lines, first);
  await clock.advance(SUMMARY_MS);
  assertEquals(lines, [...first, { origin: "a", again: 999 }, { origin: "b", again: 999 }]);
  await clock.advance(SUMMARY_MS);
  assertEquals([lines.length, clock.timers], [4, 0]);
  warnings.warn({ message: MESSAGE, kind: "a", fields: { origin: "a", peer: "3.3.3.3:1" } });
  assertEquals(lines.at(-1), { origin: "a", peer: "3.3.3.3:1" });
  warnings.close();
});

Deno.test("Rate-limited warnings keep a bounded number of kinds, and count the rest together", () => {
  const { lines, warnings } = recorded();
  for (let i = 0; i < 5000; i++) warnings.warn({ message: MESSAGE, kind: `${i}`, fields: { origin: i } });
  assertEquals(lines.length, 100);
  warnings.close();
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
