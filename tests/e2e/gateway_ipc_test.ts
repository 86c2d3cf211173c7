import { assertEquals, assertMatch } from "@std/assert";
import { freePort } from "../support/free_port.ts";
import { toolTest } from "../support/tools.ts";
import { until } from "../support/until.ts";
import { RpcSocket, type Told } from "./rpc_socket.ts";
import { Output, ServerProcess } from "./server_process.ts";

const NOBODY = `0x${"77".repeat(20)}`;

toolTest("geth", {
  name: "A gateway reaches geth by the path of its geth.ipc, with the permissions for that path",
  async fn(program) {
    const folder = await Deno.makeTempDir({ prefix: "sallyport_ipc_" });
    const path = `${folder}/geth.ipc`;
    const geth = new Deno.Command(program, {
      args: ["--dev", "--ipcpath", path, "--port", "0", "--authrpc.port", String(freePort())],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = new Output(geth);
    try {
      await output.waitFor(/IPC endpoint opened/, 60_000);
      await using gateway = await ServerProcess.start({
        flags: ["--upstream", path, "--ws.api", "eth,net"],
        permissions: [`--allow-read=${path}`, `--allow-write=${path}`],
      });
      assertMatch(gateway.printed, new RegExp(`Upstream +name=unix:${path} at=${path} state=ready`));
      await using client = await RpcSocket.open(gateway.url);
      const heads = await client.subscribe("newHeads");
      // geth's own accounts are not the gateway's, so the block is made over the socket itself.
      const connection = await Deno.connect({ transport: "unix", path });
      const send = (method: string, ...params: unknown[]) =>
        connection.write(new TextEncoder().encode(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method, params })}\n`));
      await send("eth_sendTransaction", {
        from: "0x71562b71999873db5b286df957af199ec94617f7",
        to: NOBODY,
        value: "0x1",
      });
      await until(() => heads.length === 1);
      connection.close();
      const latest = await client.call("eth_getBlockByNumber", "latest", false) as Told[number];
      assertEquals([latest["hash"], await client.call("eth_getBalance", NOBODY, "latest")], [
        heads[0]?.["hash"],
        "0x1",
      ]);
    } finally {
      geth.kill("SIGKILL");
      await geth.status;
      await output.ended;
      await Deno.remove(folder, { recursive: true });
    }
  },
});
