import { assert, assertEquals, assertRejects } from "@std/assert";
import { playScript } from "./script.ts";

const OWN_SCRIPTS = new URL("scripts/", import.meta.url);

/** geth's own scripts, where they have been laid beside the repository. */
const GETH_SCRIPTS = new URL("../../../shared/conformance/jsonrpc-wire/", import.meta.url);

for (const name of scriptsIn(OWN_SCRIPTS)) {
  Deno.test(`Dispatcher follows the wire script ${name}`, () => play(OWN_SCRIPTS, name));
}

for (const name of scriptsIn(GETH_SCRIPTS)) {
  Deno.test(`Dispatcher follows geth's wire script ${name}`, () =>
    play(GETH_SCRIPTS, name, { compareParseErrors: false }));
}

Deno.test("Wire script fails on a frame that is not the expected one", async () => {
  const source = '--> {"jsonrpc":"2.0","id":1,"method":"test_noArgsRets"}\n<-- {"jsonrpc":"2.0","id":2,"result":null}';
  await assertRejects(() => playScript("wrong", source), Error, "wrong:2");
});

Deno.test("Wire script fails on a frame that nobody expected", async () => {
  const source = '--> {"jsonrpc":"2.0","id":1,"method":"test_noArgsRets"}';
  await assertRejects(() => playScript("silent", source), Error, "nobody expected");
});

Deno.test("The project has wire scripts of its own", () => {
  const names = scriptsIn(OWN_SCRIPTS);
  assert(names.length >= 8);
  assertEquals(names.filter((name) => !name.endsWith(".txt")), []);
});

async function play(folder: URL, name: string, options: { compareParseErrors?: boolean } = {}): Promise<void> {
  await playScript(name, await Deno.readTextFile(new URL(name, folder)), options);
}

function scriptsIn(folder: URL): string[] {
  try {
    return [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
