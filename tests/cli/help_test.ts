import { assertEquals, assertStringIncludes } from "@std/assert";
import { FLAG_ROWS, flagTable, helpText } from "../../src/cli/mod.ts";

Deno.test("helpText shows every flag once, at most 100 columns wide", () => {
  const text = helpText("1.2.3");
  for (const [name] of FLAG_ROWS) {
    const lines = text.split("\n").filter((line) =>
      new RegExp(`^   --${name.replaceAll(".", "\\.")}(,| |$)`).test(line)
    );
    assertEquals(lines.length, 1, name);
  }
  const wide = text.split("\n").filter((line) => line.length > 100 && !line.includes("junk"));
  assertEquals(wide, []);
});

Deno.test("helpText shows defaults as they would be typed", () => {
  const text = helpText("1.2.3");
  assertStringIncludes(text, "VERSION:\n   1.2.3\n");
  assertStringIncludes(text, "Listening interface (default: localhost)");
  assertStringIncludes(text, "(default: eth,net,web3)");
  assertStringIncludes(text, "(default: 32MiB)");
  assertStringIncludes(text, "(default: 5s)");
});

Deno.test("flagTable has one well-formed row for each flag", () => {
  const rows = flagTable().split("\n").slice(2);
  assertEquals(rows.length, FLAG_ROWS.length);
  for (const row of rows) assertEquals(row.replaceAll("\\|", "").split("|").length, 5, row);
  assertStringIncludes(
    flagTable(),
    "| `--log.format terminal\\|logfmt\\|json` | `terminal` | Form of the log lines on stderr |",
  );
});
