import { assertEquals } from "@std/assert";
import { oneAtATime, reloadAll } from "../../src/app/reload.ts";
import type { Logger } from "../../src/app/log.ts";

Deno.test("Each part is read again whatever becomes of the others, and a fault is one error line", async () => {
  const lines: unknown[] = [];
  const write = (level: string) => (message: string, fields: unknown) => void lines.push([level, message, fields]);
  const log = { info: write("info"), error: write("error") } as unknown as Logger;
  await reloadAll([
    { what: "--one", reload: () => Promise.reject(new Error("no such file")) },
    { what: "--two", reload: () => Promise.resolve("2 keys") },
  ], log);
  assertEquals(lines, [
    ["error", "Cannot use what was read again; everything stays as it was", { what: "--one", reason: "no such file" }],
    ["info", "Read again", { what: "--two", now: "2 keys" }],
  ]);
});

Deno.test("Signals that come while files are read again are made up for once, and never run side by side", async () => {
  const gates: (() => void)[] = [];
  const reload = oneAtATime(() => new Promise((resolve) => gates.push(resolve)));
  const first = reload();
  for (let signal = 0; signal < 3; signal++) reload();
  assertEquals(gates.length, 1);
  gates[0]?.();
  await Promise.resolve();
  await Promise.resolve();
  assertEquals(gates.length, 2);
  gates[1]?.();
  await first;
  assertEquals(gates.length, 2);
  reload();
  assertEquals(gates.length, 3);
});
