import { assertEquals } from "@std/assert";
import { compareBlocks } from "./blocks.ts";
import { toolTest } from "../../support/tools.ts";
import { startGeth, startSallyport } from "./peers.ts";

/** The chain of the official RPC cases; the project does not contain it. */
const FOLDER = decodeURIComponent(new URL("../../../../shared/conformance/rpc-compat/", import.meta.url).pathname);

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

toolTest("geth", {
  name: "every tracer shows every transaction of the official chain as geth does",
  async fn(program) {
    if (!isThere(`${FOLDER}chain.rlp`)) return;
    const chain = { genesis: await Deno.readTextFile(`${FOLDER}genesis.json`), blocks: `${FOLDER}chain.rlp` };
    await using geth = await startGeth(program, chain);
    await using own = await startSallyport(chain);
    const { traces, mismatches } = await compareBlocks({ geth, own });
    console.log(`${traces} traces`);
    assertEquals(mismatches, []);
  },
});
