import { assertEquals } from "@std/assert";
import { README, withSections } from "./readme.ts";

Deno.test("README.md shows the rows as they are (deno task docs writes them)", async () => {
  const text = await Deno.readTextFile(README);
  assertEquals(text, withSections(text));
});
