import { assertEquals } from "@std/assert";
import vectors from "../evm/precompiles/own_vectors.json" with { type: "json" };
import { addressOf } from "../evm/precompiles/vectors.ts";
import { RpcSocket } from "../e2e/rpc_socket.ts";
import { ServerProcess } from "../e2e/server_process.ts";
import { viemScenario } from "../e2e/viem_scenario.ts";
import { bundleProgram } from "./bundle.ts";

const ZERO_BLOB = `0x${"00".repeat(131_072)}`;
const ZERO_BLOB_HASH = "0x010657f37554c781402a22917dee2f75def7ab966d7b770905398eba3c444014";

Deno.test("The bundle is one file that serves everything the program does", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    const program = `${folder}/sallyport.js`;
    await bundleProgram(program);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["sallyport.js"]);
    await using server = await ServerProcess.start({ program, cwd: folder });
    await viemScenario(t, server.url);
    await t.step("its worker has every precompiled contract, and proves blobs", async () => {
      await using socket = await RpcSocket.open(server.url);
      for (const { address, fork, input, output, fault } of vectors) {
        if (fork !== "osaka") continue;
        const answer = await socket.call("eth_call", { to: addressOf(address), input: `0x${input}` }, "latest");
        const outcome = typeof answer === "string" ? answer : (answer as { message: string }).message;
        assertEquals(outcome, fault ?? `0x${output}`, `0x${address.toString(16)}`);
      }
      const [from] = await socket.call("eth_accounts") as string[];
      const filled = await socket.call("eth_fillTransaction", { from, to: from, blobs: [ZERO_BLOB] });
      // The commitment to a polynomial of zeros is the point at infinity, so this is its hash (EIP-4844).
      assertEquals((filled as { tx: { blobVersionedHashes: string[] } }).tx.blobVersionedHashes, [ZERO_BLOB_HASH]);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
