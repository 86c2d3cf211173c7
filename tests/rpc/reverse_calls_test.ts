import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/rpc/error.ts";
import { MAX_REVERSE_CALLS } from "../../src/rpc/limits.ts";
import type { CallerConnection } from "../../src/rpc/method.ts";
import { callOf, ToyConnection } from "../wire/toy_connection.ts";

function reversing(): { connection: ToyConnection; caller: CallerConnection } {
  let caller: CallerConnection | undefined;
  const connection = new ToyConnection({
    controls: {
      onBlock: (call) => {
        caller = call.connection;
        return Promise.resolve();
      },
    },
  });
  connection.say('{"jsonrpc":"2.0","method":"test_block"}');
  if (caller === undefined) throw new Error("the handler did not run");
  return { connection, caller };
}

Deno.test("Reverse call is rejected when the connection ends, and so is every later one", async () => {
  const { connection, caller } = reversing();
  const waiting = caller.call("foo", []);
  connection.disconnect();
  await assertRejects(() => waiting, RpcError, "connection closed");
  await assertRejects(() => caller.call("foo", []), RpcError, "connection closed");
});

Deno.test("Reverse calls that wait are bounded", async () => {
  const { connection, caller } = reversing();
  const waiting = Array.from({ length: MAX_REVERSE_CALLS }, () => caller.call("foo", []));
  const error = await assertRejects(() => caller.call("foo", []), RpcError);
  assertEquals([error.code, error.data], [-32005, { limit: MAX_REVERSE_CALLS, value: MAX_REVERSE_CALLS + 1 }]);
  assertEquals(connection.take().length, MAX_REVERSE_CALLS);
  connection.say('{"jsonrpc":"2.0","id":7,"result":"seventh"}');
  assertEquals(await waiting[6], "seventh");
  const another = caller.call("foo", []);
  assertEquals(connection.take(), [`{"jsonrpc":"2.0","id":${MAX_REVERSE_CALLS + 1},"method":"foo","params":[]}`]);
  connection.disconnect();
  const outcomes = await Promise.allSettled([...waiting, another]);
  assertEquals(outcomes.filter(({ status }) => status === "rejected").length, MAX_REVERSE_CALLS);
});

Deno.test("Reverse call that cannot be encoded uses up no id", async () => {
  const { connection, caller } = reversing();
  const broken = {
    toJSON() {
      throw new Error("broken");
    },
  };
  await assertRejects(() => caller.call("foo", [broken]), Error, "broken");
  const waiting = caller.call("foo", []);
  connection.say('{"jsonrpc":"2.0","id":1,"result":true}');
  assertEquals(await waiting, true);
});

Deno.test("Reverse call does not crash the method that made it when the connection ends", async () => {
  const connection = new ToyConnection();
  connection.say(callOf("test_callMeBack", { params: ["foo", []] }));
  connection.disconnect();
  await connection.handler.drain();
  assertEquals(connection.log, []);
});
