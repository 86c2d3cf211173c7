import { assert, assertEquals } from "@std/assert";
import { WebSocketProvider } from "../clients/ethers.ts";
import { createPublicClient, webSocket } from "../clients/viem.ts";
import { ServerProcess } from "../e2e/server_process.ts";
import { closeSocket } from "../e2e/viem_socket.ts";
import { Client, type KeyFile, keyFile } from "./fixture.ts";

function inSeconds(seconds: number): string {
  return new Date(Date.now() + 1000 * seconds).toISOString();
}

function start(file: KeyFile): Promise<ServerProcess> {
  return ServerProcess.start({ flags: ["--auth.keys", file.path], permissions: [`--allow-read=${file.path}`] });
}

Deno.test("A connection is closed with 4401 when its key expires, and a new one is refused", async () => {
  await using file = await keyFile({ short: {} });
  await using server = await start(file);
  await file.rewrite({ short: { expires: inSeconds(6) } });
  Deno.kill(server.pid, "SIGHUP");
  await server.waitForOutput(/Read again/);
  const token = file.keys["short"];
  const client = await Client.connect(server.url, { token });
  const { code, reason } = await client.ended;
  assertEquals([code, reason], [4401, "the credential of short has expired"]);
  assert(client.texts.some((text) => text.includes('"method":"sallyport_expiring"')), client.texts.join("\n"));
  const refused = await Client.connect(server.url, { token }).catch(() => "refused");
  assertEquals(refused, "refused");
});

Deno.test("viem and ethers go on over the warning before the end of a key", async () => {
  await using file = await keyFile({ ending: { expires: inSeconds(50) } });
  await using server = await start(file);
  const url = `${server.url}/k/${file.keys["ending"]}`;

  const client = createPublicClient({ transport: webSocket(url) });
  assertEquals(await client.getChainId(), 1337);
  await closeSocket(await client.transport.getRpcClient());

  const provider = new WebSocketProvider(url);
  assertEquals((await provider.getNetwork()).chainId, 1337n);
  const socket = provider.websocket as WebSocket;
  const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
  await provider.destroy();
  await closed;
});
