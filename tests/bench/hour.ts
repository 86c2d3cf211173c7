import { encodeFunctionData, type Hex } from "../clients/viem.ts";
import { TOKEN_ABI } from "../contracts/token.ts";
import { RawSocket, textFrame } from "./raw_socket.ts";
import type { Row } from "./report.ts";
import { residentAtRest, startSallyport } from "./targets.ts";
import { request, Wallet } from "./wallet.ts";

const BLOCKS_AN_HOUR = 3_600;
const HOURS = 4;
/** They fill the caches and are not counted. */
const WARM_HOURS = 2;
const LOGS_A_BLOCK = 20;
const SUBSCRIBERS = 25;
const KINDS = [["newHeads"], ["logs", {}], ["newPendingTransactions"]] as const;
/** What each subscriber is sent of a block. */
const EVENTS_A_BLOCK = 1 + LOGS_A_BLOCK + 1;

/**
 * What each hour of events adds to resident memory at rest: a block a second with one transaction and 20 logs, as fast
 * as it goes, to 25 clients that subscribe to heads, logs and pending transactions. Beside it the same chain with nobody
 * listening: what it adds is the blocks themselves, so that events that are kept would show as the difference. The first
 * hours fill the caches and are not counted.
 */
export async function hourRows(): Promise<Row[]> {
  const row: Row = { name: "memory that an hour of events adds", unit: "MB", figures: {} };
  for (const [name, subscribers] of [["sallyport", SUBSCRIBERS], ["alone", 0]] as const) {
    row.figures[name] = { values: await growth(subscribers) };
  }
  return [row];
}

async function growth(subscribers: number): Promise<number[]> {
  await using server = await startSallyport(["--gcmode", "full", "--ws.idle-timeout", "0"]);
  const wallet = await Wallet.open(server.url);
  const token = await wallet.deployToken();
  const sockets = await Promise.all(Array.from({ length: subscribers }, async () => {
    const socket = await RawSocket.open(server.url);
    for (const kind of KINDS) await socket.write(textFrame(request("eth_subscribe", ...kind)));
    await socket.take(KINDS.length);
    return socket;
  }));
  const added: number[] = [];
  let before = 0;
  for (let hour = 0; hour < HOURS; hour++) {
    await Promise.all([
      emit(wallet, token),
      ...sockets.map((socket) => socket.take(BLOCKS_AN_HOUR * EVENTS_A_BLOCK)),
    ]);
    const bytes = await residentAtRest(server.pid);
    console.error(`hour ${hour + 1}, ${subscribers} subscribers: ${(bytes / 1e6).toFixed(0)} MB`);
    if (hour >= WARM_HOURS) added.push((bytes - before) / 1e6);
    before = bytes;
  }
  for (const socket of [...sockets, wallet]) socket.close();
  return added;
}

async function emit(wallet: Wallet, token: Hex): Promise<void> {
  for (let block = 0; block < BLOCKS_AN_HOUR; block++) {
    const args = [BigInt(block * LOGS_A_BLOCK), BigInt(LOGS_A_BLOCK)] as const;
    const data = encodeFunctionData({ abi: TOKEN_ABI, functionName: "tick", args });
    await wallet.call("eth_sendRawTransaction", await wallet.sign({ to: token, data, gas: 200_000n }));
  }
}
