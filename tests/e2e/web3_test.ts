import { assertEquals, assertRejects } from "@std/assert";
import { type EventLog, Web3, WebSocketProvider } from "../clients/web3.ts";
import { TOKEN_ABI, TOKEN_BYTECODE } from "../contracts/token.ts";
import { collect } from "./collect.ts";
import { ServerProcess } from "./server_process.ts";

Deno.test("web3.js deploys a contract from a node account, and hears heads and logs", async () => {
  await using server = await ServerProcess.start();
  const provider = new WebSocketProvider(server.url, {}, { autoReconnect: false });
  const web3 = new Web3(provider);
  try {
    const [developer = "", , bob = ""] = await web3.eth.getAccounts();
    assertEquals(developer, "0x71562b71999873DB5b286dF957af199Ec94617F7");
    assertEquals(await web3.eth.getChainId(), 1337n);

    const heads = collect<bigint>();
    const newHeads = await web3.eth.subscribe("newHeads");
    newHeads.on("data", (head) => heads.push(BigInt(head.number ?? -1)));

    const contract = new web3.eth.Contract(TOKEN_ABI);
    const token = await contract.deploy({ data: TOKEN_BYTECODE, arguments: [1000n] }).send({ from: developer });
    assertEquals(await token.methods.balanceOf(developer).call(), 1000n);

    const transfers = collect<EventLog>();
    const events = token.events.Transfer();
    await new Promise((resolve) => events.on("connected", resolve));
    events.on("data", transfers.push);
    const receipt = await token.methods.transfer(bob, 42n).send({ from: developer });
    assertEquals(receipt.status, 1n);
    assertEquals((await transfers.take(1))[0]?.returnValues.value, 42n);
    assertEquals(await heads.take(2), [1n, 2n]);

    const failed = await assertRejects(() => token.methods.fail("no luck").call(), Error);
    assertEquals((failed.cause as Error).message, "execution reverted: no luck");
    const batch = new web3.BatchRequest();
    const numbers = [1, 2].map((id) => batch.add({ id, jsonrpc: "2.0", method: "eth_blockNumber", params: [] }));
    await batch.execute();
    assertEquals(await Promise.all(numbers), ["0x2", "0x2"]);
    await newHeads.unsubscribe();
    await events.unsubscribe();
  } finally {
    const closed = new Promise((resolve) => provider.on("disconnect", resolve));
    provider.disconnect();
    await closed;
  }
});
