import { assert, assertEquals, assertMatch } from "@std/assert";
import { RpcSocket } from "../e2e/rpc_socket.ts";
import { ServerProcess } from "../e2e/server_process.ts";
import { until } from "../support/until.ts";
import { runProgram } from "./run_program.ts";

const DEVELOPER = "0x71562b71999873db5b286df957af199ec94617f7";
const OTHER = "0x00000000000000000000000000000000000000aa";

/** A folder that is removed when the test ends. */
function temporaryFolder(): Disposable & { readonly path: string } {
  const path = Deno.makeTempDirSync({ prefix: "sallyport-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

function granted(...paths: readonly string[]): string[] {
  return [`--allow-read=${paths.join()}`, `--allow-write=${paths.join()}`];
}

function start(folder: string, flags: readonly string[] = []): Promise<ServerProcess> {
  return ServerProcess.start({
    permissions: granted(folder),
    flags: ["--ws.api", "eth,net,web3,anvil,evm", "--datadir", folder, ...flags],
  });
}

/** Sends a transaction, and resolves when it is sealed. */
function send(socket: RpcSocket): Promise<unknown> {
  return socket.call("eth_sendTransaction", { from: DEVELOPER, to: OTHER, value: "0x1" });
}

Deno.test("A killed process goes on with the same chain, and a subscriber resumes where it was", async () => {
  using folder = temporaryFolder();
  let seen: unknown, receipt: unknown, hash: unknown, filter: unknown;
  {
    const server = await start(folder.path);
    await using socket = await RpcSocket.open(server.url);
    filter = await socket.call("eth_newBlockFilter");
    await send(socket);
    const { number } = await socket.call("eth_getBlockByNumber", "latest", false) as { number: string };
    seen = (await socket.call("eth_getBlockByNumber", number, false) as { hash: string }).hash;
    for (let i = 0; i < 5; i++) hash = await send(socket);
    receipt = await socket.call("eth_getTransactionReceipt", hash);
    await server.stop("SIGKILL");
  }
  await using server = await start(folder.path);
  assertMatch(server.printed, new RegExp(`Embedded chain +.*head=6 .*datadir=${folder.path}`));
  await using socket = await RpcSocket.open(server.url);
  assertEquals(await socket.call("eth_getTransactionReceipt", hash), receipt);
  assertEquals(await socket.call("eth_getBalance", OTHER, "latest"), "0x6");
  const heads = await socket.subscribe("newHeads", { blockHash: seen });
  await send(socket);
  await until(() => heads.length >= 6);
  assertEquals(heads.map(({ number }) => number), ["0x2", "0x3", "0x4", "0x5", "0x6", "0x7"]);
  assertEquals(await socket.call("eth_getFilterChanges", filter), { code: -32000, message: "filter not found" });
});

Deno.test("A process that is told to stop leaves one file and its lock, and goes on from there", async () => {
  using folder = temporaryFolder();
  for (const expected of ["0x1", "0x2"]) {
    const server = await start(folder.path, ["--datadir.sync"]);
    {
      await using socket = await RpcSocket.open(server.url);
      await send(socket);
      assertEquals(await socket.call("eth_blockNumber"), expected);
    }
    assertEquals(await server.stop(), 0);
    assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), [
      "chain.sqlite",
      "chain.sqlite.lock",
    ]);
  }
});

Deno.test("With --datadir no permission for a file is left, and the chain is still written", async () => {
  using folder = temporaryFolder();
  await using server = await start(folder.path);
  const grants = `net,read=${folder.path},write=${folder.path}`;
  assertMatch(server.printed, new RegExp(`Sandbox closed +held="${grants}" dropped="${grants}" kept=nothing`));
  await using socket = await RpcSocket.open(server.url);
  const size = () => Deno.statSync(`${folder.path}/chain.sqlite`).size;
  const before = size();
  for (let i = 0; i < 5; i++) await send(socket);
  await until(() => size() > before);
});

Deno.test("A second process is refused in one line, and the first goes on", async () => {
  using folder = temporaryFolder();
  await using server = await start(folder.path);
  const { code, stderr } = await runProgram(["--ws", "--ws.port", "0", "--datadir", folder.path], {
    permissions: ["--allow-net", ...granted(folder.path)],
  });
  assertEquals(code, 1);
  assertEquals(
    stderr,
    `Fatal: --datadir: "${folder.path}" is in use by another process: stop it, or name another folder\n`,
  );
  await using socket = await RpcSocket.open(server.url);
  assertMatch(String(await send(socket)), /^0x\w{64}$/);
});

Deno.test("A folder that cannot be used is refused in one line", async () => {
  using folder = temporaryFolder();
  const refused = async (path: string, permissions: readonly string[]) => {
    const { code, stderr } = await runProgram(["--ws", "--ws.port", "0", "--datadir", path], {
      permissions: ["--allow-net", ...permissions],
    });
    assertEquals(code, 1);
    return stderr.replaceAll(folder.path, "DIR");
  };
  assertEquals(
    await refused(folder.path, []),
    'Fatal: --datadir: reading "DIR" is not permitted: add --allow-read=DIR\n',
  );
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  const file = `${folder.path}/file`;
  assertEquals(
    await refused(file, granted(file)),
    "Fatal: --datadir: \"DIR/file/chain.sqlite\" cannot be opened: File exists (os error 17): mkdir 'DIR/file'\n",
  );
});

Deno.test("A keystore may lie in the folder of the chain, when it is granted by its own name", async () => {
  using folder = temporaryFolder();
  const keys = `${folder.path}/keystore`;
  Deno.mkdirSync(keys);
  const flags = ["--datadir", folder.path, "--keystore", keys, "--ws.api", "eth,personal"];
  const { code, stderr } = await runProgram(["--ws", "--ws.port", "0", ...flags], {
    permissions: ["--allow-net", ...granted(folder.path)],
  });
  assertEquals([code, stderr], [
    1,
    `Fatal: --keystore: reading "${keys}" is not permitted: add --allow-read=${keys}\n`,
  ]);
  await using server = await ServerProcess.start({ permissions: granted(folder.path, keys), flags });
  await using socket = await RpcSocket.open(server.url);
  const address = await socket.call("personal_newAccount", "secret");
  assertMatch(String(address), /^0x\w{40}$/);
  assert([...Deno.readDirSync(keys)].length === 1);
  await send(socket);
  assertEquals(await socket.call("eth_blockNumber"), "0x1");
});
