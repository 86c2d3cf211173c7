import { assert, assertEquals } from "@std/assert";
import { positional, readArguments } from "../../src/rpc/arguments.ts";
import { RpcError } from "../../src/rpc/error.ts";
import type { Method } from "../../src/rpc/method.ts";
import { isObject } from "../../src/rpc/schema.ts";
import { type Exchange, readIoCases } from "../conformance/io_case.ts";
import { testTables } from "../support/tables.ts";

const CASES = new URL("../../../shared/conformance/rpc-compat/tests", import.meta.url).pathname;

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function rows(): ReadonlyMap<string, Method> {
  return new Map(testTables().flatMap(({ methods }) => Object.entries(methods)));
}

/** Reads the arguments of a case; a failure must be the one that the case expects. */
function checkArguments(row: Method, { request, expected }: { request: { params?: unknown }; expected: unknown }) {
  try {
    readArguments(positional(request.params), row.params);
  } catch (error) {
    assert(error instanceof RpcError && isObject(expected) && isObject(expected.error), String(error));
    assertEquals([error.code, error.message], [expected.error.code, expected.error.message]);
  }
}

function check(row: Method, { request, expected }: Exchange): void {
  checkArguments(row, { request: JSON.parse(request), expected });
  if (isObject(expected) && expected.error === undefined) row.result.read(expected.result);
}

Deno.test({
  name: "Official cases have arguments that the rows read and results that fit the rows' schemas",
  ignore: !exists(CASES),
  async fn() {
    const methods = rows();
    let checked = 0;
    for (const { name, exchanges } of await readIoCases(CASES)) {
      for (const exchange of exchanges) {
        // A case may ask other methods as well, to see that nothing has changed.
        const row = methods.get(JSON.parse(exchange.request).method);
        if (row === undefined) continue;
        try {
          check(row, exchange);
        } catch (cause) {
          throw new Error(`${name}: ${cause instanceof Error ? cause.message : cause}`, { cause });
        }
        checked++;
      }
    }
    assert(checked > 50, `only ${checked} cases were checked`);
  },
});
