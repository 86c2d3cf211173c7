import { ServerProcess } from "./server_process.ts";
import { viemScenario } from "./viem_scenario.ts";

Deno.test("viem deploys a contract, calls it, and sees its events", async (t) => {
  await using server = await ServerProcess.start();
  await viemScenario(t, server.url);
});
