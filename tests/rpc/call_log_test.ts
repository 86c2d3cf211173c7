import { assertEquals, assertMatch } from "@std/assert";
import { CallLog } from "../../src/rpc/call_log.ts";
import { callOf, ToyConnection } from "../wire/toy_connection.ts";

function target() {
  const lines: unknown[] = [];
  return {
    lines,
    log: {
      debug: (message: string, fields?: unknown) => lines.push(["debug", message, fields]),
      info: (message: string, fields?: unknown) => lines.push(["info", message, fields]),
    },
  };
}

/** The level, text and method of a line; its time differs from run to run. */
function shown(lines: readonly unknown[]): unknown[] {
  return (lines as [string, string, { method: string; ok: boolean; ms: string }][]).map(([level, message, fields]) => {
    assertMatch(fields.ms, /^\d+\.\d{3}$/);
    return [level, message, fields.method, fields.ok];
  });
}

Deno.test("CallLog writes nothing while it is off", () => {
  const { log, lines } = target();
  const calls = new CallLog(log, { enabled: false });
  const connection = new ToyConnection({ layers: [calls.layer] });
  connection.say(callOf("test_noArgsRets"));
  calls.enable(true);
  calls.enable(false);
  connection.say(callOf("test_noArgsRets"));
  assertEquals(lines, []);
});

Deno.test("CallLog writes what the verbosity asks for as detail, and what a client asks for as information", () => {
  const { log, lines } = target();
  const calls = new CallLog(log, { enabled: true });
  const connection = new ToyConnection({ layers: [calls.layer] });
  connection.say(callOf("test_noArgsRets"));
  calls.enable(true);
  connection.say(callOf("test_panic"));
  assertEquals(shown(lines), [
    ["debug", "Served", "test_noArgsRets", true],
    ["info", "Served", "test_panic", false],
  ]);
});
