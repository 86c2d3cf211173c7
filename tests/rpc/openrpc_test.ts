import { assertEquals } from "@std/assert";
import { method, type NamespaceTable, optional, required, subscription } from "../../src/rpc/method.ts";
import { openRpcDocument } from "../../src/rpc/openrpc.ts";
import { createRegistry } from "../../src/rpc/registry.ts";
import { anything, boolean, integer, string } from "../../src/rpc/schema.ts";

const table: NamespaceTable = {
  namespace: "demo",
  methods: {
    demo_add: method({
      summary: "Adds.",
      params: [required("a", integer(), "The first."), optional("b", integer())],
      result: integer(),
      handler: ([a, b]) => a + (b ?? 0),
    }),
  },
  subscriptions: {
    ticks: subscription({ summary: "Ticks.", params: [], result: integer(), start: () => () => {} }),
    lines: subscription({
      summary: "Lines.",
      params: [required("prefix", string), optional("loud", boolean)],
      result: string,
      start: () => () => {},
    }),
    words: subscription({
      summary: "Words.",
      params: [optional("count", integer())],
      result: string,
      start: () => () => {},
    }),
  },
};

Deno.test("OpenRPC document describes every method of the registry", () => {
  const registry = createRegistry([table], { allow: ["demo"] });
  const document = openRpcDocument(registry, { title: "Demo", version: "1.2.3" });
  assertEquals([document.openrpc, document.info], ["1.3.2", { title: "Demo", version: "1.2.3" }]);
  assertEquals(document.methods.map(({ name }) => name), [
    "demo_add",
    "rpc_modules",
    "demo_subscribe",
    "demo_unsubscribe",
  ]);
  assertEquals(document.methods[0], {
    name: "demo_add",
    summary: "Adds.",
    tags: [{ name: "demo" }],
    paramStructure: "by-position",
    params: [
      { name: "a", summary: "The first.", required: true, schema: { type: "integer" } },
      { name: "b", required: false, schema: { type: "integer" } },
    ],
    result: { name: "result", required: true, schema: { type: "integer" } },
  });
});

Deno.test("OpenRPC document describes the kinds of subscription of a namespace", () => {
  const registry = createRegistry([table], { allow: ["demo"] });
  const subscribe = openRpcDocument(registry, { title: "Demo", version: "1" }).methods[2];
  assertEquals(subscribe?.params, [
    { name: "subscription", required: true, schema: { type: "string", enum: ["lines", "ticks", "words"] } },
    { name: "prefix_or_count", required: false, schema: { oneOf: [{ type: "string" }, { type: "integer" }] } },
    { name: "loud", required: false, schema: { oneOf: [{ type: "boolean" }] } },
  ]);
  assertEquals(subscribe?.["x-subscriptions"]?.[0], {
    name: "lines",
    summary: "Lines.",
    params: [
      { name: "prefix", required: true, schema: { type: "string" } },
      { name: "loud", required: false, schema: { type: "boolean" } },
    ],
    notification: { method: "demo_subscription", result: { type: "string" } },
  });
});

Deno.test("OpenRPC document says nothing of subscriptions where there are none", () => {
  const plain: NamespaceTable = {
    namespace: "plain",
    methods: { plain_x: method({ summary: "x", params: [], result: anything, handler: () => {} }) },
  };
  const document = openRpcDocument(createRegistry([plain], { allow: ["plain"] }), { title: "Plain", version: "1" });
  assertEquals(document.methods.map(({ name }) => name), ["plain_x", "rpc_modules"]);
});
