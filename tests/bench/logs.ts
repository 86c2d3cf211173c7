import { encodeFunctionData, type Hex } from "../clients/viem.ts";
import { TOKEN_ABI } from "../contracts/token.ts";
import { RawSocket, textFrame } from "./raw_socket.ts";
import type { Row } from "./report.ts";
import { startAnvil, startBare, startSallyport, type Target } from "./targets.ts";
import { request, Wallet } from "./wallet.ts";

const SUBSCRIPTIONS = 10_000;
const CONNECTIONS = 100;
const LOGS_A_BLOCK = 200;
const BLOCK_GAS = 2_000_000n;
/** About the size of a notification of one log. */
const LOG_BYTES = 700;
const SUBSCRIPTIONS_EACH = SUBSCRIPTIONS / CONNECTIONS;

/**
 * Milliseconds from sending a transaction to the last notification of its 200 logs, with 10,000 subscriptions on 100
 * connections. Each filter is another one and each log has 50 that want it, so that every subscription is told once.
 * Beside it a bare loop that sends as many messages, and the same block where nobody subscribes.
 */
export async function logRows(rounds: number): Promise<Row[]> {
  const row: Row = {
    name: `${LOGS_A_BLOCK} logs to ${SUBSCRIPTIONS} log subscriptions`,
    unit: "ms",
    figures: {},
  };
  const add = (name: string, values: readonly number[]) =>
    (row.figures[name] ??= { values: [] }).values.push(...values);
  for (const start of [() => startSallyport(["--ws.max-subscriptions", `${SUBSCRIPTIONS_EACH}`]), startAnvil]) {
    await using target = await start();
    if (target !== null) add(target.name, await blockToSubscribers(target, rounds));
    if (target?.name === "sallyport") add("alone", await blockToNobody(target, rounds));
  }
  await using bare = await startBare("true");
  add("bare", await bareLoop(bare, rounds));
  return [row];
}

async function blockToSubscribers(target: Target, rounds: number): Promise<number[]> {
  const wallet = await Wallet.open(target.url);
  const token = await wallet.deployToken();
  const sockets = await openAll(target);
  await Promise.all(sockets.map(async (socket, connection) => {
    for (let i = 0; i < SUBSCRIPTIONS_EACH; i++) {
      await socket.write(textFrame(subscribe(token, connection * SUBSCRIPTIONS_EACH + i)));
      await socket.take(1);
    }
  }));
  const times: number[] = [];
  // The first block pays for what is loaded late; it is not measured.
  for (let round = -1; round < rounds; round++) {
    const raw = await tick(wallet, token);
    const sent = performance.now();
    await Promise.all([
      wallet.call("eth_sendRawTransaction", raw),
      ...sockets.map((socket) => socket.take(SUBSCRIPTIONS_EACH)),
    ]);
    if (round >= 0) times.push(performance.now() - sent);
  }
  for (const socket of [...sockets, wallet]) socket.close();
  return times;
}

/** What the block itself takes: to the answer of the transaction. */
async function blockToNobody(target: Target, rounds: number): Promise<number[]> {
  const wallet = await Wallet.open(target.url);
  const token = await wallet.deployToken();
  const times: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const raw = await tick(wallet, token);
    const sent = performance.now();
    await wallet.call("eth_sendRawTransaction", raw);
    if (round >= 0) times.push(performance.now() - sent);
  }
  wallet.close();
  return times;
}

async function bareLoop(target: Target, rounds: number): Promise<number[]> {
  const trigger = await RawSocket.open(target.url);
  const sockets = await openAll(target);
  const fan = textFrame(`fan ${LOG_BYTES} ${SUBSCRIPTIONS_EACH}`);
  const times: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const sent = performance.now();
    await trigger.write(fan);
    await Promise.all([...sockets, trigger].map((socket) => socket.take(SUBSCRIPTIONS_EACH)));
    if (round >= 0) times.push(performance.now() - sent);
  }
  for (const socket of [...sockets, trigger]) socket.close();
  return times;
}

function openAll(target: Target): Promise<RawSocket[]> {
  return Promise.all(Array.from({ length: CONNECTIONS }, () => RawSocket.open(target.url)));
}

/** A filter that is like no other: one of the numbers that are emitted, and one that never is. */
function subscribe(token: Hex, serial: number): string {
  const numbers = [serial % LOGS_A_BLOCK, LOGS_A_BLOCK + serial];
  const topics = [null, numbers.map((number) => `0x${number.toString(16).padStart(64, "0")}`)];
  return request("eth_subscribe", "logs", { address: token, topics });
}

function tick(wallet: Wallet, token: Hex): Promise<Hex> {
  const data = encodeFunctionData({ abi: TOKEN_ABI, functionName: "tick", args: [0n, BigInt(LOGS_A_BLOCK)] });
  return wallet.sign({ to: token, data, gas: BLOCK_GAS });
}
