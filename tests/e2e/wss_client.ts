/**
 * Runs a client's scenario against a URL of its argument, in a process of its own: the runtime takes the authorities that a
 * WebSocket trusts from `DENO_CERT` alone.
 */
import { ethersScenario } from "./ethers_scenario.ts";
import { viemScenario } from "./viem_scenario.ts";

const SCENARIOS: Readonly<Record<string, (url: string) => Promise<void>>> = {
  ethers: (url) => ethersScenario(url),
  async viem(url) {
    const steps = { step: async (_name: string, run: () => Promise<void>) => await run() };
    await viemScenario(steps as unknown as Deno.TestContext, url);
  },
};

const [client = "", url = ""] = Deno.args;
await SCENARIOS[client]?.(url);
console.log(`${client} is done`);
// Clients keep timers for connections that they have closed.
Deno.exit(0);
