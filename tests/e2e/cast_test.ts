import { assertEquals, assertMatch } from "@std/assert";
import { TOKEN_BYTECODE } from "../contracts/token.ts";
import { toolTest } from "../support/tools.ts";
import { ServerProcess } from "./server_process.ts";

const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ALICE = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const BOB = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const STRANGER = "0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";
const WORD = (value: number) => value.toString(16).padStart(64, "0");

async function run(cast: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(cast, { args: [...args], env: { NO_COLOR: "1" } })
    .output();
  const text = new TextDecoder().decode(success ? stdout : stderr).trim();
  if (!success) throw new Error(`cast ${args.join(" ")}: ${text}`);
  return text;
}

toolTest("cast", {
  name: "cast reads, sends, deploys, calls, finds logs and controls the chain, over WebSocket",
  async fn(program) {
    await using server = await ServerProcess.start({ flags: ["--ws.api", "eth,net,web3,anvil,debug"] });
    // Options stand before what follows: all that comes after `--create` belongs to the creation.
    const cast = (command: string, ...args: string[]) => run(program, [command, "--rpc-url", server.url, ...args]);
    const receipt = async (...args: string[]) =>
      JSON.parse(await cast("send", "--private-key", KEY, "--json", ...args)) as Record<string, string>;

    assertEquals([await cast("chain-id"), await cast("block-number")], ["1337", "0"]);
    assertMatch(await cast("client"), /^anvil\/Sallyport\/v/);
    const sent = await receipt(BOB, "--value", "3ether");
    assertEquals([sent["status"], sent["type"]], ["0x1", "0x2"]);
    assertEquals(await cast("balance", BOB, "--ether"), "10003.000000000000000000");
    assertEquals(await cast("nonce", ALICE), "1");
    assertEquals(await cast("estimate", BOB, "--value", "1", "--from", ALICE), "21000");

    const { contractAddress: token = "" } = await receipt("--create", `${TOKEN_BYTECODE}${WORD(1000)}`);
    assertEquals(await cast("call", token, "balanceOf(address)(uint256)", ALICE), "1000");
    await receipt(token, "transfer(address,uint256)", BOB, "5");
    assertEquals(await cast("call", token, "balanceOf(address)(uint256)", BOB), "5");
    const logs = JSON.parse(await cast("logs", "--from-block", "0", "--address", token, "--json")) as unknown[];
    assertEquals(logs.length, 2);

    await cast("rpc", "anvil_setBalance", STRANGER, "0xde0b6b3a7640000");
    await cast("rpc", "anvil_impersonateAccount", STRANGER);
    const unlocked = ["--from", STRANGER, "--unlocked", "--json", ALICE, "--value", "1"];
    assertEquals((JSON.parse(await cast("send", ...unlocked)) as Record<string, string>)["status"], "0x1");
    const block = JSON.parse(await cast("block", "latest", "--json")) as { number: string; transactions: unknown[] };
    assertEquals([Number(block.number), block.transactions.length], [4, 1]);
  },
});
