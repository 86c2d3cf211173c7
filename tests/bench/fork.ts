import { RpcSocket } from "../e2e/rpc_socket.ts";
import { until } from "../support/until.ts";
import { UpstreamProxy } from "../support/upstream_proxy.ts";
import type { Row } from "./report.ts";
import { startAnvil, startGeth, startSallyport, type Target } from "./targets.ts";

/** What is added to each answer of the upstream. */
const DISTANCE_MS = 20;
const SLOTS = 100;
/** for (i = data[0]; i != 0; i--) sum += sload(data[32] + i); returns the sum. */
const SUMS = "5f355f5b81156019578160203501540190600190039060035" + "65b5f5260205ff3";

/** Forks of one node that is far away, beside anvil's: their start, what is not there yet, and what is. */
export async function forkRows(rounds: number): Promise<Row[]> {
  await using node = await startGeth() ?? await startSallyport();
  const contract = await deploy(node.url);
  await using proxy = new UpstreamProxy({ target: node.url, delayMs: DISTANCE_MS });
  const rows = new Map<string, Row>();
  for (let round = 0; round < rounds; round++) {
    for (
      const start of [
        () => startSallyport(["--fork.url", proxy.httpUrl]),
        () => startAnvil(["--fork-url", proxy.httpUrl, "--no-storage-caching"]),
      ]
    ) {
      proxy.reset();
      const begun = performance.now();
      await using target = await start();
      if (target === null) continue;
      const add = (name: string, unit: string, value: number) => {
        const row = rows.get(name) ?? { name, unit, figures: {} };
        rows.set(name, row);
        (row.figures[target.name] ??= { values: [] }).values.push(value);
      };
      add("start of a fork", "ms", performance.now() - begun);
      add("start of a fork, calls to the upstream", "calls", proxy.calls.length);
      await measure(target, { contract, proxy, add });
    }
  }
  return [...rows.values()];
}

async function measure(
  target: Target,
  { contract, proxy, add }: {
    readonly contract: string;
    readonly proxy: UpstreamProxy;
    readonly add: (name: string, unit: string, value: number) => void;
  },
): Promise<void> {
  await using client = await RpcSocket.open(target.url);
  const timed = async (name: string, method: string, ...params: unknown[]) => {
    proxy.reset();
    const begun = performance.now();
    const result = await client.call(method, ...params);
    if (typeof result !== "string") throw new Error(`${target.name}: ${JSON.stringify(result)}`);
    // anvil answers before the block is there.
    if (method === "eth_sendTransaction") {
      await until(async () => await client.call("eth_getTransactionReceipt", result) !== null);
    }
    add(name, "ms", performance.now() - begun);
  };
  const [from] = await client.call("eth_accounts") as string[];
  const request = (base: number) => ({ from, to: contract, data: `0x${word(SLOTS)}${word(base)}` });
  await timed(`eth_call, ${SLOTS} slots that are not there`, "eth_call", request(0), "latest");
  add(`eth_call, ${SLOTS} slots that are not there, requests`, "requests", proxy.requests);
  await timed(`eth_call, ${SLOTS} other slots of the same contract`, "eth_call", request(500), "latest");
  await timed(`eth_call, ${SLOTS} slots that are there`, "eth_call", request(0), "latest");
  await timed(`eth_estimateGas, ${SLOTS} slots that are not there`, "eth_estimateGas", request(1_000));
  const sent = { ...request(1_500), gas: "0x7a120" };
  await timed(`eth_sendTransaction, ${SLOTS} slots that are not there, mined`, "eth_sendTransaction", sent);
  await timed(`eth_sendTransaction, the next one, mined`, "eth_sendTransaction", { ...request(2_000), gas: "0x7a120" });
}

async function deploy(url: string): Promise<string> {
  await using client = await RpcSocket.open(url);
  const size = (SUMS.length / 2).toString(16).padStart(2, "0");
  const [from] = await client.call("eth_accounts") as string[];
  const input = `0x60${size}600c60003960${size}6000f3${SUMS}`;
  const hash = await client.call("eth_sendTransaction", { from, gas: "0x186a0", input });
  let contract: unknown;
  await until(async () => {
    const receipt = await client.call("eth_getTransactionReceipt", hash) as { contractAddress?: unknown } | null;
    contract = receipt?.contractAddress;
    return typeof contract === "string";
  });
  return String(contract);
}

function word(value: number): string {
  return value.toString(16).padStart(64, "0");
}
