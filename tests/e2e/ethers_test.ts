import { ethersScenario } from "./ethers_scenario.ts";
import { ServerProcess } from "./server_process.ts";

Deno.test("ethers deploys a contract, sends transactions, and hears blocks and events", async () => {
  await using server = await ServerProcess.start();
  await ethersScenario(server.url);
});
