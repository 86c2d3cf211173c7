import { assert, assertEquals } from "@std/assert";
import { createServer, type EmbeddedServer, type ServerOptions } from "../../src/mod.ts";
import { testTables } from "../support/tables.ts";
import { call, keyFile } from "./fixture.ts";

const INFO = { remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 } } as const;

function client(server: EmbeddedServer, token?: string): (text: string) => Promise<string> {
  return async (text) => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const headers = { "content-type": "application/json", ...authorization };
    const response = await server.fetch(
      new Request("http://localhost/", { method: "POST", headers, body: text }),
      INFO,
    );
    return await response.text();
  };
}

/** Calls of every method there is, and of endings that the dispatcher serves by itself; none of them does any harm. */
function everyCall(): string[] {
  const tables = testTables();
  const names = tables.flatMap(({ namespace, methods }) => [
    ...Object.keys(methods),
    `${namespace}_nothing`,
    `${namespace}_unsubscribe`,
  ]);
  return [
    ...names.map((name) => call(name, ["0x", "0x", "0x", "0x", "0x", "0x"])),
    ...["rpc_modules", "rpc.discover", "rpc_discover", "rpc_nothing", "nothing"].map((name) => call(name)),
  ];
}

/** The name of the node is the same for everybody, and it depends on the flags. */
const EVERYTHING: ServerOptions = {
  ws: false,
  "rpc.clientversion": "node",
  "http.api": ["eth", "net", "web3", "debug", "txpool", "anvil", "evm", "hardhat"],
};

/** The rights of a key, and the flags of a server that has nothing else. */
const EQUIVALENTS: readonly [allow: readonly string[], api: readonly string[]][] = [
  [["eth", "net", "web3"], ["eth", "net", "web3"]],
  [["eth", "evm"], ["eth", "evm"]],
  [["web3", "personal"], ["web3"]],
];

Deno.test("A namespace that a key lacks answers as if it did not exist, byte for byte", async () => {
  const names = EQUIVALENTS.map(([allow]) => allow.join("-"));
  await using file = await keyFile(
    Object.fromEntries(EQUIVALENTS.map(([allow], index) => [names[index] ?? "", { allow }])),
  );
  for (const [index, [, api]] of EQUIVALENTS.entries()) {
    await using guarded = await createServer({ ...EVERYTHING, "auth.keys": file.path });
    await using open = await createServer({ ...EVERYTHING, "http.api": api });
    const [withKey, without] = [client(guarded, file.keys[names[index] ?? ""]), client(open)];
    for (const text of everyCall()) assertEquals(await withKey(text), await without(text), text);
  }
});

Deno.test("A method that a key lacks does not exist for it, and its namespace stays", async () => {
  await using file = await keyFile({
    few: { allow: ["eth_chainId", "net", "debug_trace*"], deny: ["net_version"] },
    no_subscriptions: { deny: ["eth_subscribe"] },
  });
  await using server = await createServer({ ...EVERYTHING, "auth.keys": file.path });
  const few = client(server, file.keys["few"]);
  const missing = (name: string) =>
    `{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"the method ${name} does not exist/is not available"}}\n`;
  assertEquals(await few(call("eth_chainId")), '{"jsonrpc":"2.0","id":1,"result":"0x539"}\n');
  for (const name of ["eth_blockNumber", "net_version", "web3_sha3", "debug_getRawBlock", "anvil_mine"]) {
    assertEquals(await few(call(name)), missing(name));
  }
  assert((await few(call("debug_traceTransaction"))).includes("-32602"));
  assertEquals(Object.keys(JSON.parse(await few(call("rpc_modules"))).result), ["debug", "eth", "net", "rpc"]);
  const listed = JSON.parse(await few(call("rpc.discover"))).result.methods.map(({ name }: { name: string }) => name);
  const others = listed.filter((name: string) => !/^(debug_trace\w+|rpc[._]\w+)$/.test(name));
  assertEquals(others, ["eth_chainId", "net_listening", "net_peerCount"]);
});
