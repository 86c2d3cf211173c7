import { RawSocket, textFrame } from "./raw_socket.ts";
import type { Row } from "./report.ts";
import { residentBytes, startAnvil, startBare, startSallyport, type Target } from "./targets.ts";

const SUBSCRIBER_COUNTS = [100, 1_000, 5_000] as const;
const OPENED_AT_ONCE = 50;
const SUBSCRIBE = textFrame('{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}');

/** Milliseconds from the first to the last delivery of one block's header, and memory per subscribed connection. */
export async function fanoutRows(rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of SUBSCRIBER_COUNTS) {
    const delivery: Row = { name: `one header to ${count} subscribers`, unit: "ms", figures: {} };
    const memory: Row = { name: `memory per connection at ${count}`, unit: "KiB", figures: {} };
    for (let round = 0; round < rounds; round++) {
      for (
        const start of [() => startSallyport(["--ws.max-connections", "10000"]), () => startBare("true"), startAnvil]
      ) {
        await using target = await start();
        if (target === null) continue;
        const measured = await fan(target, count);
        (delivery.figures[target.name] ??= { values: [] }).values.push(measured.deliveryMs);
        (memory.figures[target.name] ??= { values: [] }).values.push(measured.bytesPerConnection / 1024);
      }
    }
    rows.push(delivery, memory);
  }
  return rows;
}

async function fan(target: Target, count: number): Promise<{ deliveryMs: number; bytesPerConnection: number }> {
  const trigger = await RawSocket.open(target.url);
  // The first block pays for what is loaded late; it is not measured.
  const fire = await triggerOf(target, trigger);
  await fire();
  const before = await residentBytes(target.pid);
  const sockets = await openSubscribers(target, count);
  const bytesPerConnection = (await residentBytes(target.pid) - before) / count;
  let first = Infinity;
  let last = 0;
  const delivered = sockets.map(async (socket) => {
    await socket.take(1);
    const now = performance.now();
    first = Math.min(first, now);
    last = Math.max(last, now);
  });
  await fire();
  await Promise.all(delivered);
  for (const socket of [...sockets, trigger]) socket.close();
  return { deliveryMs: last - first, bytesPerConnection };
}

/** Opens connections, each with a subscription to the heads. */
export async function openSubscribers(target: Target, count: number): Promise<RawSocket[]> {
  const sockets: RawSocket[] = [];
  while (sockets.length < count) {
    const wanted = Math.min(OPENED_AT_ONCE, count - sockets.length);
    sockets.push(
      ...await Promise.all(Array.from({ length: wanted }, async () => {
        const socket = await RawSocket.open(target.url);
        await socket.write(SUBSCRIBE);
        await socket.take(1);
        return socket;
      })),
    );
  }
  return sockets;
}

/** What makes the server send one event, and waits until it has answered. */
async function triggerOf(target: Target, socket: RawSocket): Promise<() => Promise<void>> {
  const exchange = async (frame: Uint8Array) => {
    await socket.write(frame);
    return await socket.text();
  };
  if (target.name === "bare") {
    const fan = textFrame(`fan ${HEADER_BYTES}`);
    return async () => void await exchange(fan);
  }
  const accounts = JSON.parse(
    await exchange(textFrame('{"jsonrpc":"2.0","id":1,"method":"eth_accounts","params":[]}')),
  );
  const [from] = accounts.result;
  const transaction = {
    jsonrpc: "2.0",
    id: 2,
    method: "eth_sendTransaction",
    params: [{ from, to: from, value: "0x1" }],
  };
  const frame = textFrame(JSON.stringify(transaction));
  return async () => void await exchange(frame);
}

/** About the size of a newHeads notification. */
const HEADER_BYTES = 1_800;
