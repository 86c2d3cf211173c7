import { Relay } from "../support/relay.ts";
import { openSubscribers } from "./fanout.ts";
import { load } from "./load.ts";
import { RawSocket, textFrame } from "./raw_socket.ts";
import type { Row } from "./report.ts";
import { startGeth, startSallyport, type Target } from "./targets.ts";
import { request } from "./wallet.ts";

const SUBSCRIBERS = 5_000;
const GAP_BLOCKS = 128;
const ACCOUNT = "0x71562b71999873db5b286df957af199ec94617f7";

/** Reads whose answers stay the same until the next block. */
const REPEATED: readonly (readonly [name: string, request: string])[] = [
  ["eth_getBalance at latest", request("eth_getBalance", ACCOUNT, "latest")],
  ["eth_getBlockByNumber (full) of latest", request("eth_getBlockByNumber", "latest", true)],
  ["eth_call at latest", request("eth_call", { to: ACCOUNT, input: "0x" }, "latest")],
];

/** The gateway beside the node that it stands before: added latency, cached reads, fan-out, and the filling of a gap. */
export async function gatewayRows(rounds: number, seconds: number): Promise<Row[]> {
  await using node = await startGeth() ?? await startSecond();
  using relay = new Relay(node.url);
  await using direct = await startGateway(node.url);
  await using cut = await startGateway(relay.url);
  // A block with something in it.
  await send(node, 1);
  const targets = [direct, node];
  return [
    ...await latencyRows(targets, { rounds, seconds }),
    ...await repeatedRows(targets, { rounds, seconds }),
    await fanoutRow(targets, { rounds, node }),
    await backfillRow(cut, { rounds, node, relay }),
  ];
}

function startGateway(url: string): Promise<Target> {
  return startSallyport(["--upstream", url, "--ws.max-connections", "10000"]);
}

/** Where geth is not installed, another Sallyport stands behind the gateway; the table says so. */
async function startSecond(): Promise<Target> {
  const target = await startSallyport(["--ws.max-connections", "10000"]);
  return { ...target, name: "another sallyport", [Symbol.asyncDispose]: () => target[Symbol.asyncDispose]() };
}

/** One question at a time, each another one, so that none is answered from the cache. */
async function latencyRows(
  targets: readonly Target[],
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<Row[]> {
  const row: Row = { name: "eth_getBalance, each of another account, one at a time: p50", unit: "ms", figures: {} };
  const added: Row = { name: "the same: added by the gateway", unit: "ms", figures: {} };
  let account = 0;
  const ask = () => request("eth_getBalance", `0x${(++account).toString(16).padStart(40, "0")}`, "latest");
  for (let round = 0; round < rounds; round++) {
    const medians: number[] = [];
    for (const { url, name } of targets) {
      const { p50 } = await load(url, ask, { connections: 1, depth: 1, seconds });
      (row.figures[name] ??= { values: [] }).values.push(p50);
      medians.push(p50);
    }
    (added.figures["sallyport"] ??= { values: [] }).values.push((medians[0] ?? NaN) - (medians[1] ?? NaN));
  }
  return [row, added];
}

async function repeatedRows(
  targets: readonly Target[],
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, question] of REPEATED) {
    const row: Row = { name: `${name}, the same again, 10 x 16`, unit: "1/s", figures: {} };
    for (let round = 0; round < rounds; round++) {
      for (const target of targets) {
        const { perSecond } = await load(target.url, question, { connections: 10, depth: 16, seconds });
        (row.figures[target.name] ??= { values: [] }).values.push(perSecond);
      }
    }
    rows.push(row);
  }
  return rows;
}

/** From the transaction to the last delivery of its block's header. */
async function fanoutRow(
  targets: readonly Target[],
  { rounds, node }: { rounds: number; node: Target },
): Promise<Row> {
  const row: Row = { name: `one head of the node to ${SUBSCRIBERS} subscribers`, unit: "ms", figures: {} };
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) {
      const sockets = await openSubscribers(target, SUBSCRIBERS);
      const sender = await Sender.open(node);
      const started = performance.now();
      const delivered = Promise.all(sockets.map((socket) => socket.take(1)));
      await sender.send();
      await delivered;
      (row.figures[target.name] ??= { values: [] }).values.push(performance.now() - started);
      for (const socket of [...sockets, sender]) socket.close();
    }
  }
  return row;
}

/** From the gateway's new connection to the last header of the blocks that it missed. */
async function backfillRow(
  gateway: Target,
  { rounds, node, relay }: { rounds: number; node: Target; relay: Relay },
): Promise<Row> {
  const row: Row = {
    name: `${GAP_BLOCKS} missed blocks, from the connection to the last header`,
    unit: "ms",
    figures: {},
  };
  for (let round = 0; round < rounds; round++) {
    relay.cut();
    await send(node, GAP_BLOCKS);
    const [subscriber] = await openSubscribers(gateway, 1);
    if (subscriber === undefined) throw new Error("no subscriber");
    relay.restore();
    await subscriber.take(GAP_BLOCKS);
    (row.figures["sallyport"] ??= { values: [] }).values.push(performance.now() - relay.connectedAt);
    subscriber.close();
  }
  return row;
}

/** Makes blocks at the node. */
async function send(node: Target, blocks: number): Promise<void> {
  const sender = await Sender.open(node);
  for (let block = 0; block < blocks; block++) await sender.send();
  sender.close();
}

/**
 * Makes a block of the node with each transaction. It is used for less than a minute: geth ends a connection whose pings
 * are not answered, and a raw socket answers none.
 */
class Sender {
  readonly #socket: RawSocket;
  readonly #send: Uint8Array<ArrayBuffer>;
  #height: number;

  private constructor(socket: RawSocket, { send, height }: { send: string; height: number }) {
    this.#socket = socket;
    this.#send = textFrame(send);
    this.#height = height;
  }

  static async open(node: Target): Promise<Sender> {
    const socket = await RawSocket.open(node.url);
    const call = async (method: string) => {
      await socket.write(textFrame(request(method)));
      return JSON.parse(await socket.text()).result;
    };
    const [from] = await call("eth_accounts");
    const height = Number(await call("eth_blockNumber"));
    return new Sender(socket, { send: request("eth_sendTransaction", { from, to: from, value: "0x1" }), height });
  }

  /** Resolves when the block is there. */
  async send(): Promise<void> {
    await this.#socket.write(this.#send);
    await this.#socket.take(1);
    this.#height += 1;
    for (let height = 0; height < this.#height;) {
      await this.#socket.write(textFrame(request("eth_blockNumber")));
      height = Number(JSON.parse(await this.#socket.text()).result);
    }
  }

  close(): void {
    this.#socket.close();
  }
}
