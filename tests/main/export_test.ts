import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { privateKeyToAccount } from "../clients/viem_accounts.ts";
import { RpcSocket } from "../e2e/rpc_socket.ts";
import { ServerProcess } from "../e2e/server_process.ts";
import { genesisOf } from "../evm/fuzz/genesis.ts";
import { toolTest } from "../support/tools.ts";
import { runProgram } from "./run_program.ts";

/** The first account of the mnemonic that test chains share. */
const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const account = privateKeyToAccount(KEY);
const CHAIN_ID = 4242;

const GENESIS = (() => {
  const genesis = JSON.parse(genesisOf("prague"));
  genesis.config.chainId = CHAIN_ID;
  genesis.alloc[account.address.slice(2)] = { balance: "0x56bc75e2d63100000000" };
  return JSON.stringify(genesis);
})();

/** Paths in a folder of their own, removed when the test ends. */
class Files implements Disposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "sallyport-" });
  readonly permissions = [`--allow-read=${this.folder}`, `--allow-write=${this.folder}`];

  path(name: string): string {
    return `${this.folder}/${name}`;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

/** Seals blocks of a transfer, a contract with its code, and nothing, into a chain on disk. Returns the head's hash. */
async function sealSome(server: ServerProcess): Promise<unknown> {
  await using socket = await RpcSocket.open(server.url);
  const requests = [
    { to: `0x${"12".repeat(20)}`, value: 5n, gas: 21_000n },
    // Deploys code that logs 32 bytes.
    { data: "0x6005600c60003960056000f360206000a000", gas: 200_000n },
    { to: account.address, data: `0x${"ab".repeat(300)}`, gas: 60_000n },
  ] as const;
  const fees = {
    maxFeePerGas: 10n ** 11n,
    maxPriorityFeePerGas: 10n ** 9n,
    type: "eip1559",
    chainId: CHAIN_ID,
  } as const;
  for (const [nonce, request] of requests.entries()) {
    await socket.call("eth_sendRawTransaction", await account.signTransaction({ ...fees, ...request, nonce }));
    await socket.call("evm_mine");
  }
  await socket.call("evm_mine");
  return (await socket.call("eth_getBlockByNumber", "latest", false) as { hash: unknown }).hash;
}

toolTest("geth", {
  name: "a chain of --datadir that --export wrote is imported by geth, which exports the same bytes, and by --import",
  async fn(geth) {
    using files = new Files();
    const { permissions } = files;
    await Deno.writeTextFile(files.path("genesis.json"), GENESIS);
    const flags = ["--genesis", files.path("genesis.json"), "--ws.api", "eth,evm"];
    const stored = ["--datadir", files.path("chain"), ...flags];
    let head: unknown;
    {
      await using server = await ServerProcess.start({ permissions, flags: stored });
      head = await sealSome(server);
    }
    {
      await using server = await ServerProcess.start({
        permissions,
        flags: [...stored, "--export", files.path("blocks.rlp")],
      });
      // The permission for the file is given back with that for the folder.
      assertMatch(server.printed, /Sandbox closed +.*kept=nothing/);
    }
    const exported = await Deno.readFile(files.path("blocks.rlp"));
    const run = async (...args: readonly string[]) => {
      const command = new Deno.Command(geth, { args: ["--datadir", files.path("geth"), ...args], stdin: "null" });
      const { code, stderr } = await command.output();
      assertEquals(code, 0, new TextDecoder().decode(stderr));
    };
    await run("init", files.path("genesis.json"));
    await run("import", files.path("blocks.rlp"));
    await run("export", files.path("geth.rlp"));
    assertEquals((await Deno.readFile(files.path("geth.rlp"))).toHex(), exported.toHex());
    await using server = await ServerProcess.start({
      permissions,
      flags: [...flags, "--import", files.path("blocks.rlp"), "--export", files.path("again.rlp")],
    });
    await using socket = await RpcSocket.open(server.url);
    assertEquals((await socket.call("eth_getBlockByNumber", "latest", false) as { hash: unknown }).hash, head);
    assertEquals((await Deno.readFile(files.path("again.rlp"))).toHex(), exported.toHex());
  },
});

Deno.test("--export says what is missing, and what no other node could read", async () => {
  using files = new Files();
  const { permissions } = files;
  const stored = ["--datadir", files.path("chain"), "--ws.api", "eth,evm,anvil"];
  const refusal = async (flags: readonly string[], granted: readonly string[] = permissions) => {
    const { code, stderr } = await runProgram(["--ws", "--ws.port", "0", ...flags], {
      permissions: ["--allow-net", ...granted],
    });
    assert(code !== 0);
    return stderr;
  };
  const path = files.path("blocks.rlp");
  assertStringIncludes(await refusal(["--export", path]), "--export writes the chain of --datadir or --import");
  assertStringIncludes(await refusal([...stored, "--export", `${path}.gz`]), "leave .gz out");
  assertStringIncludes(
    await refusal([...stored, "--export", "/elsewhere/blocks"]),
    '--export: writing "/elsewhere/blocks" is not permitted: add --allow-write=/elsewhere/blocks',
  );
  assertStringIncludes(await refusal([...stored, "--export", files.path("no/blocks")]), "there is no such folder");
  {
    await using server = await ServerProcess.start({ permissions, flags: stored });
    await using socket = await RpcSocket.open(server.url);
    const from = `0x${"77".repeat(20)}`;
    await socket.call("anvil_setBalance", from, "0xde0b6b3a7640000");
    await socket.call("anvil_impersonateAccount", from);
    await socket.call("eth_sendTransaction", { from, to: from });
    assertEquals(await socket.call("eth_blockNumber"), "0x1");
  }
  assertStringIncludes(await refusal([...stored, "--export", path]), "of an impersonated account and has no signature");
  {
    await using server = await ServerProcess.start({ permissions, flags: stored });
    await using socket = await RpcSocket.open(server.url);
    await socket.call("anvil_rollback", 1);
    await socket.call("anvil_mine", "0x3e8");
  }
  assertStringIncludes(
    await refusal([...stored, "--export", path]),
    "blocks 2 to 999 were mined together by one call",
  );
});
