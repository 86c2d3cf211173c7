/**
 * The sections of the README files that are made from rows. `deno task docs` writes them; `readme_test.ts` fails when they
 * differ.
 */
import { policyTable } from "../src/accounts/mod.ts";
import { flagTable } from "../src/cli/mod.ts";
import { createRegistry } from "../src/rpc/mod.ts";
import { testTables } from "./support/tables.ts";
import { methodTable } from "./readme_methods.ts";

function methods(): string {
  const tables = testTables();
  return methodTable(createRegistry(tables, { allow: tables.map(({ namespace }) => namespace) }));
}

/** For each file, what stands between `<!-- name -->` and `<!-- /name -->`, by name. */
export const PAGES: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  "src/cli/README.md": { flags: flagTable },
  "src/namespaces/README.md": { methods },
  "src/accounts/README.md": { unlock: policyTable },
};

/** The formatter would fill every cell up to the width of the widest one. */
const [FORMAT_OFF, FORMAT_ON] = ["<!-- deno-fmt-ignore-start -->", "<!-- deno-fmt-ignore-end -->"];

/** Returns the text of a file with every generated section made anew. Throws when a section has no place. */
export function withSections(file: string, text: string): string {
  for (const [name, make] of Object.entries(PAGES[file] ?? {})) {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [text.indexOf(open), text.indexOf(close)];
    if (start < 0 || end < start) throw new Error(`${file} has no place for ${open} ... ${close}`);
    const body = ["", FORMAT_OFF, "", make(), "", FORMAT_ON, ""].join("\n");
    text = text.slice(0, start + open.length) + body + text.slice(end);
  }
  return text;
}

export function pageUrl(file: string): URL {
  return new URL(`../${file}`, import.meta.url);
}

if (import.meta.main) {
  for (const file of Object.keys(PAGES)) {
    await Deno.writeTextFile(pageUrl(file), withSections(file, await Deno.readTextFile(pageUrl(file))));
  }
}
