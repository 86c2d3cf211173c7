import { assertEquals, assertThrows } from "@std/assert";
import { method, type NamespaceTable, optional, required } from "../../src/rpc/method.ts";
import type { Rights } from "../../src/rpc/principal.ts";
import { createRegistry } from "../../src/rpc/registry.ts";
import { anything, string } from "../../src/rpc/schema.ts";
import { toyTables } from "../wire/toy_service.ts";
import { callOf, ToyConnection } from "../wire/toy_connection.ts";

const row = method({ summary: "Does nothing.", params: [], result: anything, handler: () => {} });

function table(namespace: string, ...names: string[]): NamespaceTable {
  return { namespace, methods: Object.fromEntries(names.map((name) => [name, row])) };
}

Deno.test("Registry serves the namespaces that are allowed, and rpc always", () => {
  const tables = [table("b", "b_x"), table("a", "a_y", "a_x"), table("c", "c_x")];
  const registry = createRegistry(tables, { allow: ["a", "b", "unknown"] });
  assertEquals(registry.namespaces, ["a", "b", "rpc"]);
  assertEquals(registry.methods.map(({ name }) => name), ["a_x", "a_y", "b_x", "rpc_modules"]);
  assertEquals(registry.method("a_x"), row);
  assertEquals(registry.method("c_x"), undefined);
  assertEquals(createRegistry(tables, { allow: [] }).namespaces, ["rpc"]);
});

Deno.test("Registry joins several tables of one namespace", () => {
  const registry = createRegistry([table("a", "a_x"), table("a", "a_y")], { allow: ["a"] });
  assertEquals(registry.methods.map(({ name }) => name), ["a_x", "a_y", "rpc_modules"]);
});

Deno.test("Registry serves a table that requires another namespace only where that one is served", () => {
  const tables = [table("a", "a_x"), { ...table("a", "a_y"), requiresOneOf: ["b", "c"] }];
  const served = (...allow: string[]) => createRegistry(tables, { allow }).methods.map(({ name }) => name);
  assertEquals(served("a"), ["a_x", "rpc_modules"]);
  assertEquals(served("a", "c"), ["a_x", "a_y", "rpc_modules"]);
  assertEquals(served("b", "c"), ["rpc_modules"]);
});

Deno.test("Registry refuses two rows with one name", () => {
  const create = (...tables: NamespaceTable[]) => () => createRegistry(tables, { allow: ["a", "rpc"] });
  assertThrows(create(table("a", "a_x"), table("a", "a_x")), Error, "method a_x is defined twice");
  assertThrows(create(table("rpc", "rpc_modules")), Error, "method rpc_modules is defined twice");
  const kinds = toyTables().map((toy) => ({ ...toy, methods: {} }));
  assertThrows(
    () => createRegistry([...kinds, ...kinds], { allow: ["nftest"] }),
    Error,
    "subscription nftest_someSubscription is defined twice",
  );
});

Deno.test("Registry refuses a row in the wrong table, even of a namespace that is off", () => {
  const create = (...tables: NamespaceTable[]) => () => createRegistry(tables, { allow: [] });
  assertThrows(create(table("a", "b_x")), Error, "method b_x is outside its namespace a");
  assertThrows(create(table("a", "ax")), Error, "method ax is outside its namespace a");
  assertThrows(create(table("a", "a_subscribe")), Error, "method a_subscribe has an ending that belongs to");
  assertThrows(create(table("a_b", "a_b_x")), Error, '"a_b" cannot name a namespace');
});

Deno.test("Registry refuses a required parameter after an optional one", () => {
  const wrong = method({
    summary: "Cannot be called.",
    params: [optional("first", string), required("second", string)],
    result: anything,
    handler: () => {},
  });
  assertThrows(
    () => createRegistry([{ namespace: "a", methods: { a_x: wrong } }], { allow: ["a"] }),
    Error,
    "a_x: required parameter second follows an optional one",
  );
});

Deno.test("Registry lists subscription kinds with their name as first parameter", () => {
  const registry = createRegistry(toyTables(), { allow: ["nftest"] });
  assertEquals(
    registry.subscriptions.map(({ kind, params }) => [kind, params.map(({ name }) => name)]),
    [
      ["crashed", ["subscription"]],
      ["laterSubscription", ["subscription", "count"]],
      ["plain", ["subscription"]],
      ["refused", ["subscription"]],
      ["someSubscription", ["subscription", "count", "start"]],
    ],
  );
  assertEquals(registry.subscription("nftest", "plain")?.kind, "plain");
  assertEquals(registry.subscription("nftest", "toString"), undefined);
  assertEquals(registry.subscription("test", "plain"), undefined);
});

Deno.test("Registry serves discovery under both names when it is asked to", () => {
  const registry = createRegistry([], { allow: [], discover: ({ namespaces }) => ({ namespaces }) });
  const connection = new ToyConnection({ registry });
  for (const name of ["rpc.discover", "rpc_discover"]) {
    connection.say(callOf(name));
    assertEquals(connection.take(), ['{"jsonrpc":"2.0","id":1,"result":{"namespaces":["rpc"]}}']);
  }
  assertEquals(createRegistry([], { allow: [] }).method("rpc.discover"), undefined);
});

Deno.test("Methods without a row go to the fallback, in the namespaces that are on, as they were sent", async () => {
  const asked: unknown[] = [];
  const registry = createRegistry([table("a", "a_x")], {
    allow: ["a"],
    fallback: ({ method, params }) => {
      asked.push([method, params?.text]);
      return Promise.resolve("found");
    },
  });
  const connection = new ToyConnection({ registry });
  const found = '{"jsonrpc":"2.0","id":1,"result":"found"}';
  assertEquals(
    await connection.ask('{"jsonrpc":"2.0","id":1,"method":"a_z","params":{"n":12345678901234567890}}'),
    found,
  );
  assertEquals(await connection.ask(callOf("a_none")), found);
  assertEquals(asked, [["a_z", '{"n":12345678901234567890}'], ["a_none", undefined]]);
  for (const name of ["b_x", "plain", "_x"]) {
    connection.say(callOf(name));
    assertEquals(connection.take(), [
      `{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"the method ${name} does not exist/is not available"}}`,
    ]);
  }
});

Deno.test("Registry serves the part of the namespaces that rights cover, and nothing beside it", () => {
  const withKinds = toyTables().map((toy) => ({ ...toy, methods: {} }));
  const tables = [table("a", "a_x", "a_xy", "a_z"), table("b", "b_x"), { ...table("a", "a_b"), requiresOneOf: ["b"] }];
  const fallback = () => "passed on";
  const of = (rights: Rights) => {
    const registry = createRegistry([...tables, ...withKinds], { allow: ["a", "b", "nftest"], rights, fallback });
    return [
      registry.namespaces.join(),
      registry.methods.map(({ name }) => name).filter((name) => name !== "rpc_modules").join(),
      registry.subscription("nftest", "someSubscription") === undefined ? "" : "someSubscription",
      ["a_new", "a_xnew", "b_new", "c_new"].filter((name) => registry.fallback(name) !== undefined).join(),
    ];
  };
  assertEquals(of({}), ["a,b,nftest,rpc", "a_b,a_x,a_xy,a_z,b_x", "someSubscription", "a_new,a_xnew,b_new"]);
  assertEquals(of({ allow: ["a"] }), ["a,rpc", "a_x,a_xy,a_z", "", "a_new,a_xnew"]);
  assertEquals(of({ allow: ["a", "c"], deny: ["a_x*"] }), ["a,rpc", "a_z", "", "a_new"]);
  assertEquals(of({ allow: ["a_x", "b"] }), ["a,b,rpc", "a_x,b_x", "", "b_new"]);
  assertEquals(of({ allow: ["a_x*"] }), ["a,rpc", "a_x,a_xy", "", "a_xnew"]);
  assertEquals(of({ allow: ["*"], deny: ["a", "nftest_subscribe"] }), ["b,nftest,rpc", "b_x", "", "b_new"]);
  assertEquals(of({ deny: ["b"] }), ["a,nftest,rpc", "a_x,a_xy,a_z", "someSubscription", "a_new,a_xnew"]);
});
