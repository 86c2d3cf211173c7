import { assertEquals } from "@std/assert";
import { LineLimit } from "../../src/app/line_limit.ts";
import type { LogLine } from "../../src/app/log_format.ts";
import { FakeClock } from "../support/fake_clock.ts";

function line(level: LogLine["level"], message: string): LogLine {
  return { level, time: new Date(0), category: "http", message, fields: {} };
}

function limited(): { written: LogLine[]; clock: FakeClock; limit: LineLimit } {
  const written: LogLine[] = [];
  const clock = new FakeClock();
  return { written, clock, limit: new LineLimit((line) => written.push(line), { clock }) };
}

Deno.test("Twenty warnings with one message are written in ten seconds, and the rest is one count", async () => {
  const { written, clock, limit } = limited();
  for (let i = 0; i < 20_000; i++) limit.pass(line("warn", "Rejected HTTP request"));
  assertEquals(written.length, 20);
  await clock.advance(10_000);
  assertEquals(written.length, 21);
  const { time: _, ...last } = written[20] ?? line("info", "");
  assertEquals(last, {
    level: "warn",
    category: "http",
    message: "More lines of a kind",
    fields: { like: "Rejected HTTP request", count: 19_980, seconds: 10 },
  });
  limit.pass(line("warn", "Rejected HTTP request"));
  assertEquals(written.length, 22);
  await clock.advance(10_000);
  assertEquals([written.length, clock.timers], [22, 0]);
});

Deno.test("Another message, and every line below a warning, passes beside a limited one", () => {
  const { written, limit } = limited();
  for (let i = 0; i < 21; i++) limit.pass(line("error", "RPC method handler crashed"));
  limit.pass(line("warn", "Message too large"));
  for (let i = 0; i < 30; i++) limit.pass(line("debug", "Served"));
  assertEquals(written.length, 20 + 1 + 30);
});
