import { assertEquals, assertThrows } from "@std/assert";
import { type Schema, ValueError } from "../../../src/rpc/schema.ts";

/** Asserts the exact text with which a schema refuses each value. */
export function assertRefuses(schema: Schema<unknown>, cases: readonly (readonly [value: unknown, text: string])[]) {
  for (const [value, text] of cases) {
    const error = assertThrows(() => schema.read(value), ValueError);
    assertEquals(error.message, text, `reading ${Deno.inspect(value)}`);
  }
}

/** Asserts what a schema reads from each value. */
export function assertReads<T>(schema: Schema<T>, cases: readonly (readonly [value: unknown, read: T])[]) {
  for (const [value, read] of cases) assertEquals(schema.read(value), read, `reading ${Deno.inspect(value)}`);
}
