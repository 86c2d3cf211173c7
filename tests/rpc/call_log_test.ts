import { assertEquals } from "@std/assert";
import { CallLog } from "../../src/rpc/call_log.ts";

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

const CALL = { method: "eth_chainId", milliseconds: 0.12345, ok: true };
const FIELDS = { method: "eth_chainId", ok: true, ms: "0.123" };

Deno.test("CallLog writes nothing and observes nothing while it is off", () => {
  const { log, lines } = target();
  const calls = new CallLog(log, { enabled: false });
  assertEquals(calls.observe, undefined);
  calls.enable(true);
  calls.enable(false);
  assertEquals([calls.observe, lines], [undefined, []]);
});

Deno.test("CallLog writes what the verbosity asks for as detail, and what a client asks for as information", () => {
  const { log, lines } = target();
  const calls = new CallLog(log, { enabled: true });
  calls.observe?.(CALL);
  calls.enable(true);
  calls.observe?.(CALL);
  assertEquals(lines, [["debug", "Served", FIELDS], ["info", "Served", FIELDS]]);
});
