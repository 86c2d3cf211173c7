import { assertEquals } from "@std/assert";
import { PAGES, pageUrl, withSections } from "./readme.ts";

for (const file of Object.keys(PAGES)) {
  Deno.test(`${file} shows the rows as they are (deno task docs writes them)`, async () => {
    const text = await Deno.readTextFile(pageUrl(file));
    assertEquals(text, withSections(file, text));
  });
}
