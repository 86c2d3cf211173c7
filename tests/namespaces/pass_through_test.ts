import { assertEquals } from "@std/assert";
import { passThroughOf } from "../../src/namespaces/pass_through.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";

Deno.test("A node that answers by name is asked with the parameters as they came; another is not asked", async () => {
  const { signal } = new AbortController();
  const asked: unknown[] = [];
  const fallback = passThroughOf({
    passThrough(call) {
      asked.push(call);
      return Promise.resolve(new RawJson("7"));
    },
  });
  const params = new RawJson("[1.0]");
  const context = {
    signal,
    reached: true,
    connection: { id: 1, peer: "memory", principal: null, call: () => Promise.resolve(), onEnd: () => {} },
  };
  assertEquals(await fallback?.({ method: "trace_block", params, context }), new RawJson("7"));
  assertEquals(asked, [{ method: "trace_block", params, signal }]);
  assertEquals(passThroughOf({}), undefined);
});
