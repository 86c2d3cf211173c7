import { assert, assertEquals } from "@std/assert";
import { RpcError } from "../../src/rpc/error.ts";
import type { Layer } from "../../src/rpc/layer.ts";
import { callOf, ToyConnection } from "../wire/toy_connection.ts";

/** Writes down what passes through it. */
function noting(name: string, notes: string[]): Layer {
  return (next) => (call, context) => {
    notes.push(`${name} before ${call.method}`);
    const result = next(call, context);
    notes.push(`${name} after`);
    return result;
  };
}

Deno.test("Layers are around each call, the first outermost", () => {
  const notes: string[] = [];
  const connection = new ToyConnection({ layers: [noting("one", notes), noting("two", notes)] });
  connection.say(callOf("test_noArgsRets"));
  assertEquals(notes, ["one before test_noArgsRets", "two before test_noArgsRets", "two after", "one after"]);
  assertEquals(connection.take(), ['{"jsonrpc":"2.0","id":1,"result":null}']);
});

Deno.test("A layer sees calls that reach no handler, and each item of a batch", () => {
  const seen: [string, boolean][] = [];
  const layer: Layer = (next) => (call, context) => {
    try {
      return next(call, context);
    } finally {
      seen.push([call.method, context.reached]);
    }
  };
  const connection = new ToyConnection({ layers: [layer] });
  connection.say(callOf("test_unknown"));
  connection.say(callOf("test_echo"));
  connection.say(`[${callOf("test_noArgsRets")},${callOf("nftest_subscribe", { params: ["plain"] })}]`);
  assertEquals(seen, [
    ["test_unknown", false],
    ["test_echo", false],
    ["test_noArgsRets", true],
    ["nftest_subscribe", true],
  ]);
  connection.disconnect();
});

Deno.test("A layer may answer, or refuse, in place of the handler", () => {
  const layer: Layer = (next) => (call, context) => {
    if (call.method === "test_panic") return "not run";
    if (call.method === "test_echo") throw new RpcError(-32005, "not now", { data: { retryAfterMs: 5 } });
    return next(call, context);
  };
  const connection = new ToyConnection({ layers: [layer] });
  connection.say(callOf("test_panic"));
  connection.say(callOf("test_echo"));
  assertEquals(connection.take(), [
    '{"jsonrpc":"2.0","id":1,"result":"not run"}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"not now","data":{"retryAfterMs":5}}}',
  ]);
});

Deno.test("A layer is told who calls", () => {
  const names: (string | undefined)[] = [];
  const layer: Layer = (next) => (call, context) => {
    names.push(context.connection.principal?.name);
    return next(call, context);
  };
  new ToyConnection({ layers: [layer] }).say(callOf("test_noArgsRets"));
  new ToyConnection({ layers: [layer], principal: { name: "alice" } }).say(callOf("test_noArgsRets"));
  assertEquals(names, [undefined, "alice"]);
});

Deno.test("A call that answers at once still does so through layers", () => {
  const connection = new ToyConnection({ layers: [noting("one", [])] });
  connection.say(callOf("test_noArgsRets"));
  assert(connection.take().length === 1, "the answer needed a promise");
});
