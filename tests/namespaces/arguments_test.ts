import { assert, assertEquals } from "@std/assert";

import type { MethodRow } from "../../src/rpc/registry.ts";
import { TestClient } from "../support/test_client.ts";
import { sampleOf } from "../support/argument_samples.ts";
import { testTables } from "../support/tables.ts";

function client(): TestClient {
  return new TestClient(testTables());
}

/** Runs one check on every row, so that a failure names the method. */
async function forEachRow(check: (row: MethodRow, client: TestClient) => Promise<void>): Promise<void> {
  using caller = client();
  assert(caller.registry.methods.length > 40);
  for (const row of caller.registry.methods) await check(row, caller);
}

function goodArguments({ method }: MethodRow): unknown[] {
  return method.params.map(({ schema }) => sampleOf(schema).good);
}

Deno.test("Every method refuses one argument too many", async () => {
  await forEachRow(async (row, caller) => {
    const { error } = await caller.call(row.name, [...goodArguments(row), "0x0"]);
    const message = `too many arguments, want at most ${row.method.params.length}`;
    assertEquals(error, { code: -32602, message }, row.name);
  });
});

Deno.test("Every method names the first required argument that is missing", async () => {
  await forEachRow(async (row, caller) => {
    const args = goodArguments(row);
    for (const [position, { optional }] of row.method.params.entries()) {
      if (optional) continue;
      const { error } = await caller.call(row.name, args.slice(0, position));
      assertEquals(error, { code: -32602, message: `missing value for required argument ${position}` }, row.name);
    }
  });
});

Deno.test("Every method takes null for a missing argument unless null is a value there", async () => {
  await forEachRow(async (row, caller) => {
    const args = goodArguments(row);
    for (const [position, { optional, schema }] of row.method.params.entries()) {
      if (optional || accepts(schema, null)) continue;
      const { error } = await caller.call(row.name, args.with(position, null));
      assertEquals(error, { code: -32602, message: `missing value for required argument ${position}` }, row.name);
    }
  });
});

Deno.test("Every method refuses a wrong value in every place, with geth's text", async () => {
  await forEachRow(async (row, caller) => {
    const args = goodArguments(row);
    for (const [position, { name, schema }] of row.method.params.entries()) {
      const { bad } = sampleOf(schema);
      assert(bad.length > 0 || Object.keys(schema.json).length === 0, `${row.name} takes anything for ${name}`);
      for (const [value, text] of bad) {
        const { error } = await caller.call(row.name, args.with(position, value));
        assertEquals(error, { code: -32602, message: `invalid argument ${position}: ${text}` }, `${row.name} ${name}`);
      }
    }
  });
});

Deno.test("Every kind of subscription refuses one argument too many and wrong values", async () => {
  using caller = client();
  assert(caller.registry.subscriptions.length >= 5);
  for (const { namespace, kind, params } of caller.registry.subscriptions) {
    const args = [kind, ...params.slice(1).map(({ schema }) => sampleOf(schema).good)];
    const surplus = await caller.call(`${namespace}_subscribe`, [...args, "0x0"]);
    const message = `too many arguments, want at most ${params.length}`;
    assertEquals(surplus.error, { code: -32602, message }, kind);
    for (const [position, { schema }] of params.entries()) {
      for (const [value, text] of position === 0 ? [] : sampleOf(schema).bad) {
        const { error } = await caller.call(`${namespace}_subscribe`, args.with(position, value));
        assertEquals(error, { code: -32602, message: `invalid argument ${position}: ${text}` }, kind);
      }
    }
  }
});

Deno.test("Every method refuses arguments by name", async () => {
  using caller = client();
  for (const { name } of caller.registry.methods) {
    const { error } = await caller.call(name, { block: "latest" } as unknown as unknown[]);
    assertEquals(error, { code: -32602, message: "non-array args" }, name);
  }
});

Deno.test("Every method says in one sentence what it does", () => {
  using caller = client();
  for (const { name, method } of caller.registry.methods) {
    assert(/^[A-Z][^\n]*\.$/.test(method.summary), `${name}: ${method.summary}`);
    const names = method.params.map((parameter) => parameter.name);
    assertEquals(new Set(names).size, names.length, `${name} has two parameters of one name`);
  }
});

function accepts(schema: { read(value: unknown): unknown }, value: unknown): boolean {
  try {
    schema.read(value);
    return true;
  } catch {
    return false;
  }
}
