import { assertEquals } from "@std/assert";
import { TOKEN_ABI, TOKEN_BYTECODE } from "../contracts/token.ts";
import { toolTest } from "../support/tools.ts";
import { ServerProcess } from "./server_process.ts";

toolTest("web3-python", {
  name: "web3.py reads, sends, deploys, calls, subscribes and finds logs over WebSocket",
  async fn(python) {
    await using server = await ServerProcess.start();
    const script = new URL("./web3_scenario.py", import.meta.url).pathname;
    const args = [script, server.url, JSON.stringify(TOKEN_ABI), TOKEN_BYTECODE];
    const { stdout, stderr } = await new Deno.Command(python, { args, stdin: "null" }).output();
    const decoder = new TextDecoder();
    assertEquals(
      decoder.decode(stdout).split("\n"),
      [
        "chain 1337 block 0",
        "sent 1 21000 10003",
        "moved 1 5",
        "head 3 log 5",
        "ended True",
        "ended True",
        "logs [1000, 5]",
        "reverted",
        "",
      ],
      decoder.decode(stderr),
    );
  },
});
