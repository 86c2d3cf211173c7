import { assertEquals } from "@std/assert";
import { buildWorker, committedWorker } from "./build.ts";

Deno.test("The worker that is committed is the one that its sources make, and imports nothing by name", async () => {
  const text = await committedWorker();
  assertEquals(text === await buildWorker(), true, "run `deno task worker`");
  assertEquals(text.match(/\bimport\s*(?:["'{*]|\w+\s+from\b)|\bimport\(\s*["'`]/g), null);
  assertEquals(text.match(/\brequire\(\s*["'`]/g), null);
});
