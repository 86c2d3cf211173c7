import { assertEquals, assertRejects } from "@std/assert";
import { type Call, closeSocket, openSocket } from "../accounts/socket.ts";
import { networkHelpers } from "../clients/hardhat_network_helpers.ts";
import { ServerProcess } from "./server_process.ts";

const ALICE = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const STRANGER = `0x${"a1".repeat(20)}`;
const WORD = `0x${"0".repeat(62)}2a`;

async function withHelpers(
  flags: readonly string[],
  use: (
    helpers: Awaited<ReturnType<typeof networkHelpers>>,
    call: (...words: Parameters<Call>) => Promise<unknown>,
  ) => Promise<void>,
): Promise<void> {
  await using server = await ServerProcess.start({ flags });
  const { socket, call } = await openSocket(server.url, []);
  const ask = async (...words: Parameters<Call>) => {
    const { result, error } = await call(...words);
    if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code });
    return result;
  };
  try {
    await use(await networkHelpers(({ method, params = [] }) => ask(method, ...params)), ask);
  } finally {
    await closeSocket(socket);
  }
}

Deno.test("Hardhat's network helpers work, each of them, on a chain with the hardhat namespace", async () => {
  await withHelpers(["--ws.api", "eth,net,web3,evm,hardhat"], async (helpers, call) => {
    const { time } = helpers;
    await helpers.mine(3, { interval: 10 });
    await helpers.mineUpTo(5);
    assertEquals(await time.latestBlock(), 5);
    const before = await time.latest();
    assertEquals(await time.increase(1000) >= before + 1000, true);
    await time.increaseTo(before + 5000);
    assertEquals(await time.latest(), before + 5000);
    await time.setNextBlockTimestamp(before + 6000);
    await helpers.setBlockGasLimit(20_000_000);
    await helpers.setCoinbase(STRANGER);
    await helpers.setNextBlockBaseFeePerGas(7);
    await helpers.setPrevRandao(42);
    await helpers.mine();
    const block = await call("eth_getBlockByNumber", "latest", false) as Record<string, string>;
    assertEquals(
      [block.timestamp, block.gasLimit, block.miner, block.baseFeePerGas, block.mixHash],
      [`0x${(before + 6000).toString(16)}`, "0x1312d00", STRANGER, "0x7", WORD],
    );

    await helpers.setBalance(STRANGER, 10n ** 18n);
    await helpers.setCode(STRANGER, "0x00");
    await helpers.setNonce(STRANGER, 9);
    await helpers.setStorageAt(STRANGER, 3, 42);
    assertEquals(await call("eth_getBalance", STRANGER, "latest"), "0xde0b6b3a7640000");
    assertEquals(await call("eth_getCode", STRANGER, "latest"), "0x00");
    assertEquals(await call("eth_getTransactionCount", STRANGER, "latest"), "0x9");
    assertEquals(await helpers.getStorageAt(STRANGER, 3), WORD);

    const deploy = async () => {
      await helpers.setBalance(STRANGER, 5);
      return "deployed";
    };
    assertEquals(await helpers.loadFixture(deploy), "deployed");
    await helpers.setBalance(STRANGER, 10n ** 18n);
    assertEquals(await helpers.loadFixture(deploy), "deployed");
    assertEquals(await call("eth_getBalance", STRANGER, "latest"), "0x5");
    const snapshot = await helpers.takeSnapshot();
    await helpers.setBalance(STRANGER, 10n ** 18n);
    await snapshot.restore();
    assertEquals(await call("eth_getBalance", STRANGER, "latest"), "0x5");

    await helpers.setBalance(STRANGER, 10n ** 18n);
    await helpers.impersonateAccount(STRANGER);
    const mined = await call("eth_sendTransaction", { from: STRANGER, to: ALICE, value: "0x1" });
    await assertRejects(() => helpers.dropTransaction(String(mined)), Error, "it's already mined");
    await helpers.stopImpersonatingAccount(STRANGER);
    await assertRejects(() => call("eth_sendTransaction", { from: STRANGER, to: ALICE }), Error, "unknown account");

    await call("evm_setAutomine", false);
    const waiting = await call("eth_sendTransaction", { from: ALICE, to: STRANGER, value: "0x1" });
    assertEquals(await helpers.dropTransaction(String(waiting)), true);
    assertEquals(await helpers.dropTransaction(String(waiting)), false);
  });
});

Deno.test("Hardhat's network helpers refuse a chain that a test may not control, or that goes by another name", async () => {
  for (const flags of [["--ws.api", "eth,web3,evm"], ["--ws.api", "web3,hardhat", "--rpc.clientversion", "Geth/v1"]]) {
    await withHelpers(flags, async (helpers) => {
      await assertRejects(() => helpers.mine(), Error, "can only be used with");
    });
  }
});
