import { assert, assertEquals } from "@std/assert";
import { ServerProcess } from "../e2e/server_process.ts";

/** JUMPDEST, PUSH1 0, JUMP: runs until gas or time is out. */
const ENDLESS_LOOP = "0x5b600056";
const LOOP_ADDRESS = "0x00000000000000000000000000000000000000aa";

interface Client {
  readonly socket: WebSocket;
  readonly closed: Promise<CloseEvent>;
  answer(): Promise<string>;
}

async function connect(url: string): Promise<Client> {
  const socket = new WebSocket(url);
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket.onopen = resolve);
  return { socket, closed, answer: () => new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data)) };
}

function endlessCall(gas: string): string {
  const overrides = { [LOOP_ADDRESS]: { code: ENDLESS_LOOP } };
  return JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "eth_call",
    params: [{ to: LOOP_ADDRESS, gas }, "latest", overrides],
  });
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} closes every connection with 1001 and a reason, and exits 0`, async () => {
    const server = await ServerProcess.start();
    const clients = [await connect(server.url), await connect(server.url)];
    const code = await server.stop(signal);
    for (const { closed } of clients) {
      const event = await closed;
      assertEquals([event.code, event.reason], [1001, "server is shutting down"]);
    }
    assertEquals(code, 0);
    assert(server.printed.trimEnd().endsWith("Stopped"), server.printed);
  });
}

Deno.test("A signal lets a running call be answered before its connection is closed", async () => {
  const server = await ServerProcess.start();
  const client = await connect(server.url);
  const answer = client.answer();
  client.socket.send(endlessCall("0x989680"));
  // A second connection's answer shows that the call has been taken up.
  const witness = await connect(server.url);
  const served = witness.answer();
  witness.socket.send('{"jsonrpc":"2.0","id":1,"method":"rpc_modules"}');
  await served;
  const code = await server.stop();
  assertEquals(JSON.parse(await answer).error.message, "out of gas");
  assertEquals((await client.closed).code, 1001);
  await witness.closed;
  assertEquals(code, 0);
});

Deno.test("A second signal ends the process at once", async () => {
  const server = await ServerProcess.start({ flags: ["--rpc.gascap=0", "--rpc.evmtimeout=0"] });
  const client = await connect(server.url);
  client.socket.send(endlessCall("0xffffffffffff"));
  const witness = await connect(server.url);
  const served = witness.answer();
  witness.socket.send('{"jsonrpc":"2.0","id":1,"method":"rpc_modules"}');
  await served;
  const first = server.stop("SIGTERM");
  await server.waitForOutput(/Stopping/);
  assertEquals(await server.stop("SIGTERM"), 143);
  await first;
  await Promise.all([client.closed, witness.closed]);
});
