/**
 * The sections of README.md that are made from rows. `deno task docs` writes them; `readme_test.ts` fails when they differ.
 */
import { policyTable } from "../src/accounts/mod.ts";
import { flagTable } from "../src/cli/mod.ts";
import { createRegistry } from "../src/rpc/mod.ts";
import { testTables } from "./support/tables.ts";
import { methodTable } from "./readme_methods.ts";

export const README = new URL("../README.md", import.meta.url);

/** What stands between `<!-- name -->` and `<!-- /name -->`, by name. */
const SECTIONS: Readonly<Record<string, () => string>> = {
  flags: flagTable,
  unlock: policyTable,
  methods() {
    const tables = testTables();
    return methodTable(createRegistry(tables, { allow: tables.map(({ namespace }) => namespace) }));
  },
};

/** The formatter would fill every cell up to the width of the widest one. */
const [FORMAT_OFF, FORMAT_ON] = ["<!-- deno-fmt-ignore-start -->", "<!-- deno-fmt-ignore-end -->"];

/** Returns the text with every generated section made anew. Throws when a section has no place. */
export function withSections(readme: string): string {
  let text = readme;
  for (const [name, make] of Object.entries(SECTIONS)) {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [text.indexOf(open), text.indexOf(close)];
    if (start < 0 || end < start) throw new Error(`README.md has no place for ${open} ... ${close}`);
    const body = ["", FORMAT_OFF, "", make(), "", FORMAT_ON, ""].join("\n");
    text = text.slice(0, start + open.length) + body + text.slice(end);
  }
  return text;
}

if (import.meta.main) {
  await Deno.writeTextFile(README, withSections(await Deno.readTextFile(README)));
}
