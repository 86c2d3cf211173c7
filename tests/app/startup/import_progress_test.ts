import { assertEquals } from "@std/assert";
import { progressLine } from "../../../src/app/startup/import_progress.ts";

Deno.test("progressLine draws how much of the file has been read", () => {
  const at = (bytes: number) => progressLine({ blocks: 7, number: 7n, bytes, totalBytes: 1000 });
  assertEquals(at(0), `Importing [${".".repeat(40)}]   0% block 7`);
  assertEquals(at(250), `Importing [${"#".repeat(10)}${".".repeat(30)}]  25% block 7`);
  assertEquals(at(999), `Importing [${"#".repeat(39)}.]  99% block 7`);
  assertEquals(at(1000), `Importing [${"#".repeat(40)}] 100% block 7`);
});

Deno.test("progressLine fits a terminal of 80 columns", () => {
  const line = progressLine({ blocks: 1, number: 999_999_999_999n, bytes: 1, totalBytes: 1 });
  assertEquals(line.length <= 80, true);
});
