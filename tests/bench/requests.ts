import { load, type LoadOptions } from "./load.ts";
import { RawSocket, textFrame } from "./raw_socket.ts";
import type { Row } from "./report.ts";
import { startAnvil, startBare, startSallyport, type Target } from "./targets.ts";

const ACCOUNT = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
const BATCH_SIZE = 100;

const SHAPES = [
  { connections: 1, depth: 64 },
  { connections: 10, depth: 16 },
  { connections: 100, depth: 4 },
  { connections: 1, depth: 1 },
] as const;

function call(method: string, ...params: unknown[]): string {
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
}

const REQUESTS: readonly (readonly [string, string])[] = [
  ["eth_chainId", call("eth_chainId")],
  ["eth_blockNumber", call("eth_blockNumber")],
  ["eth_getBalance", call("eth_getBalance", ACCOUNT, "latest")],
  ["eth_getBlockByNumber (full)", call("eth_getBlockByNumber", "latest", true)],
  [`batch of ${BATCH_SIZE}`, `[${Array(BATCH_SIZE).fill(call("eth_chainId")).join(",")}]`],
];

/** Requests per second and latency, beside a bare server that answers a constant of the same size. */
export async function requestRows(rounds: number, seconds: number): Promise<Row[]> {
  await using sallyport = await startSallyport();
  await using anvil = await startAnvil();
  const rows: Row[] = [];
  for (const [name, request] of REQUESTS) {
    await using bare = await startBare(await resultOf(sallyport.url, request));
    const targets: Target[] = [sallyport, bare, ...(anvil === null ? [] : [anvil])];
    for (const shape of SHAPES) {
      const row: Row = { name: `${name}, ${shape.connections} x ${shape.depth}`, unit: "1/s", figures: {} };
      for (let round = 0; round < rounds; round++) {
        for (const target of targets) {
          const result = await load(target.url, request, { ...shape, seconds } satisfies LoadOptions);
          const figures = row.figures[target.name] ??= { values: [], p50: [], p99: [] };
          figures.values.push(result.perSecond);
          figures.p50?.push(result.p50);
          figures.p99?.push(result.p99);
        }
      }
      rows.push(row);
    }
  }
  return rows;
}

/** The result of one call (of the first, in a batch), as JSON: what the bare server then answers with. */
async function resultOf(url: string, request: string): Promise<string> {
  const socket = await RawSocket.open(url);
  await socket.write(textFrame(request));
  const answer = JSON.parse(await socket.text());
  socket.close();
  return JSON.stringify((Array.isArray(answer) ? answer[0] : answer).result);
}
