/**
 * The sections of the README files that are made from rows. `deno task docs` writes them; `readme_test.ts` fails when they
 * differ.
 */
import { policyTable } from "../src/accounts/mod.ts";
import { auditTable } from "../src/access/audited.ts";
import { LIMIT_NAMES } from "../src/access/connection_limits.ts";
import { LIMIT_MEMBERS, MEMBERS } from "../src/access/key_file.ts";
import { openPortTable } from "../src/access/open_ports.ts";
import { weightTable } from "../src/access/weights.ts";
import { flagTable } from "../src/cli/mod.ts";
import { createRegistry } from "../src/rpc/mod.ts";
import { testTables } from "./support/tables.ts";
import { methodTable } from "./readme_methods.ts";

function methods(): string {
  const tables = testTables();
  return methodTable(createRegistry(tables, { allow: tables.map(({ namespace }) => namespace) }));
}

/** Writes a table of names and what they mean. */
function glossary(heading: string, rows: Readonly<Record<string, string>>): () => string {
  const lines = Object.entries(rows).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);
  return () => [`| ${heading} | meaning |`, "| --- | --- |", ...lines].join("\n");
}

/** For each file, what stands between `<!-- name -->` and `<!-- /name -->`, by name. */
export const PAGES: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  "src/cli/README.md": { flags: flagTable },
  "src/namespaces/README.md": { methods },
  "src/accounts/README.md": { unlock: policyTable },
  "src/access/README.md": {
    members: glossary("member of an entry", MEMBERS),
    limits: glossary("member of `limits`", LIMIT_MEMBERS),
    "limit-names": glossary("`data.limit`", LIMIT_NAMES),
    audit: auditTable,
    weights: weightTable,
    ports: openPortTable,
  },
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
