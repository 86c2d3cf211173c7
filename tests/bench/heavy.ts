import { LineSocket } from "../conformance/line_socket.ts";
import { load } from "./load.ts";
import type { Row } from "./report.ts";
import { startSallyport } from "./targets.ts";
import { request } from "./wallet.ts";

const TARGET = "0x00000000000000000000000000000000000c0de0";
const GAS = "0x2faf080";

/** Copies the calldata to memory and calls the precompile with it for ever. */
function precompileLoop(address: number): string {
  return `0x365f5f375b5f5f365f60${address.toString(16).padStart(2, "0")}5afa50600456`;
}

/** `count` pairs of the generators of bn254's two groups (EIP-197). */
function pairs(count: number): string {
  const pair = [
    "0000000000000000000000000000000000000000000000000000000000000001",
    "0000000000000000000000000000000000000000000000000000000000000002",
    "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2",
    "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed",
    "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b",
    "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa",
  ].join("");
  return `0x${pair.repeat(count)}`;
}

/** Modular exponentiation (EIP-198) of numbers of `bytes` bytes. */
function exponentiation(bytes: number): string {
  const word = bytes.toString(16).padStart(64, "0");
  return `0x${word.repeat(3)}${"fb".repeat(3 * bytes)}`;
}

/** Calls that use all the gas there is, each in its own way. */
const CALLS: Readonly<Record<string, { code: string; input?: string }>> = {
  "a loop": { code: "0x5b5f5f0150600056" },
  "hashing a megabyte": { code: "0x5b621000005f2050600056" },
  "pairings": { code: precompileLoop(8), input: pairs(300) },
  "exponentiations": { code: precompileLoop(5), input: exponentiation(1024) },
  "growing memory": { code: "0x5b5a5952600056" },
};

/** Latency of `eth_chainId` on one connection while another runs a call of 50,000,000 gas. */
export async function heavyRows(rounds: number): Promise<Row[]> {
  await using server = await startSallyport();
  const rows: Row[] = [];
  for (const [name, { code, input = "0x" }] of Object.entries(CALLS)) {
    const row: Row = { name: `eth_chainId during ${name}, p99`, unit: "ms", figures: { sallyport: { values: [] } } };
    const call = request("eth_call", { to: TARGET, gas: GAS, input }, "latest", { [TARGET]: { code } });
    for (let round = 0; round < rounds; round++) {
      const socket = await LineSocket.open(server.url);
      let running = true;
      const heavy = socket.exchange(call).finally(() => running = false);
      const latencies: number[] = [];
      while (running) {
        const { p99 } = await load(server.url, request("eth_chainId"), { connections: 1, depth: 1, seconds: 0.5 });
        latencies.push(p99);
      }
      await heavy;
      await socket.close();
      row.figures.sallyport?.values.push(Math.max(...latencies));
    }
    rows.push(row);
  }
  return rows;
}
