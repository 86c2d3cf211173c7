import { assertEquals } from "@std/assert";
import { compareBlocks } from "./blocks.ts";
import { gethProgram, startGeth, startSallyport } from "./peers.ts";

/** The chain of the official RPC cases; the project does not contain it. */
const FOLDER = decodeURIComponent(new URL("../../../../shared/conformance/rpc-compat/", import.meta.url).pathname);
const program = gethProgram();

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

Deno.test({
  name: "every tracer shows every transaction of the official chain as geth does",
  ignore: program === undefined || !isThere(`${FOLDER}chain.rlp`),
  async fn() {
    if (program === undefined) return;
    const chain = { genesis: await Deno.readTextFile(`${FOLDER}genesis.json`), blocks: `${FOLDER}chain.rlp` };
    await using geth = await startGeth(program, chain);
    await using own = await startSallyport(chain);
    const { traces, mismatches } = await compareBlocks({ geth, own });
    console.log(`${traces} traces`);
    assertEquals(mismatches, []);
  },
});
