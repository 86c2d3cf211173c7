import { assertEquals } from "@std/assert";
import { printable } from "../../src/text/printable.ts";

Deno.test("Printable ASCII stays as it is; everything else is escaped, unit by unit", () => {
  assertEquals(printable(' a"\\~'), ' a"\\~');
  assertEquals(printable("a\nb\x1b[31m\x7f"), "a\\u000ab\\u001b[31m\\u007f");
  assertEquals(printable("ä\u202e😀"), "\\u00e4\\u202e\\ud83d\\ude00");
});
