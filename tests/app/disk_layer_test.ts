import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { diskLayer } from "../../src/app/disk_layer.ts";
import type { Logger } from "../../src/app/log.ts";
import { JournalError } from "../../src/chain/mod.ts";
import { type Invoke, RpcError } from "../../src/rpc/mod.ts";
import { unreachable } from "../support/unreachable.ts";

Deno.test("A call that fails because the chain on disk cannot be read says so, and the log names the file once", async () => {
  const lines: unknown[] = [];
  const log = { ...unreachable<Logger>("log"), error: (...line: unknown[]) => lines.push(line) } as Logger;
  const layer = diskLayer("DIR", log);
  const run = (invoke: () => unknown) => layer(invoke as Invoke)(unreachable("call"), unreachable("context"));
  const malformed = Object.assign(new Error("database disk image is malformed"), { code: "ERR_SQLITE_ERROR" });
  const message = "the chain on disk cannot be read: database disk image is malformed";
  const now = assertThrows(() =>
    run(() => {
      throw malformed;
    }), RpcError);
  assertEquals([now.code, now.message], [-32000, message]);
  const later = await assertRejects(async () => await run(() => Promise.reject(malformed)), RpcError);
  assertEquals([later.code, later.message], [-32000, message]);
  assertEquals(lines, [[
    "The chain on disk cannot be read",
    { file: "DIR", reason: "database disk image is malformed" },
  ]]);
  await assertRejects(async () => await run(() => Promise.reject(new JournalError("gone"))), RpcError, "gone");
  assertEquals(await run(() => Promise.resolve(1)), 1);
  await assertRejects(async () => await run(() => Promise.reject(new TypeError("other"))), TypeError, "other");
});
