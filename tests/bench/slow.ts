import { encodeFunctionData, type Hex } from "../clients/viem.ts";
import { TOKEN_ABI } from "../contracts/token.ts";
import { RawSocket, textFrame } from "./raw_socket.ts";
import type { Row } from "./report.ts";
import { quantile } from "./stats.ts";
import { startSallyport, type Target } from "./targets.ts";
import { request, Wallet } from "./wallet.ts";

const BLOCKS_A_ROUND = 150;
const LOGS_A_BLOCK = 50;

/** Latency of a block's logs to one subscriber, p99, beside another that never reads and alone. */
export async function slowRows(rounds: number): Promise<Row[]> {
  const row: Row = { name: "logs to a reader beside one that never reads, p99", unit: "ms", figures: {} };
  await using target = await startSallyport();
  const wallet = await Wallet.open(target.url);
  const token = await wallet.deployToken();
  const reader = await subscribe(target);
  // The first blocks pay for what is loaded and compiled late; they are not measured.
  await latency(wallet, { token, reader });
  for (let round = 0; round < rounds; round++) {
    const alone = await latency(wallet, { token, reader });
    const sleeper = await subscribe(target);
    const beside = await latency(wallet, { token, reader });
    sleeper.close();
    (row.figures.sallyport ??= { values: [] }).values.push(beside);
    (row.figures["alone"] ??= { values: [] }).values.push(alone);
  }
  for (const socket of [wallet, reader]) socket.close();
  return [row];
}

async function subscribe(target: Target): Promise<RawSocket> {
  const socket = await RawSocket.open(target.url);
  await socket.write(textFrame(request("eth_subscribe", "logs", {})));
  await socket.take(1);
  return socket;
}

/** Milliseconds from sending a transaction to the last of its logs, p99 of a round. */
async function latency(wallet: Wallet, { token, reader }: { token: Hex; reader: RawSocket }): Promise<number> {
  const data = encodeFunctionData({ abi: TOKEN_ABI, functionName: "tick", args: [0n, BigInt(LOGS_A_BLOCK)] });
  const latencies: number[] = [];
  for (let block = 0; block < BLOCKS_A_ROUND; block++) {
    const raw = await wallet.sign({ to: token, data, gas: 1_000_000n });
    const sent = performance.now();
    const delivered = reader.take(LOGS_A_BLOCK);
    await Promise.all([delivered, wallet.call("eth_sendRawTransaction", raw)]);
    latencies.push(performance.now() - sent);
  }
  return quantile(latencies, 0.99);
}
