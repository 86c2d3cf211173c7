import { assert, assertEquals } from "@std/assert";
import { createPublicClient, type Hex, numberToHex, webSocket } from "../clients/viem.ts";
import { ServerProcess } from "./server_process.ts";
import { closeSocket } from "./viem_socket.ts";

const LOGS = 1000;
const LOGS_PER_CALL = 4;
const KILLS = 100;
const LOGS_PER_CONNECTION = LOGS / KILLS;

/** LOG0 of nothing, four times: PUSH1 0, PUSH1 0, LOG0 each. */
const RUNTIME = "60006000a0".repeat(LOGS_PER_CALL) + "00";
/** Returns the 0x15 bytes that follow its own twelve. */
const DEPLOYMENT: Hex = `0x6015600c60003960156000f3${RUNTIME}`;

interface Log {
  readonly blockHash: Hex;
  readonly blockNumber: Hex;
  readonly logIndex: Hex;
}

/** viem shares one socket among clients of equal options, so those that are to differ get a keepalive of their own. */
function connect(url: string, keepAlive: { interval: number } | false = false) {
  return createPublicClient({ transport: webSocket(url, { reconnect: false, keepAlive, retryCount: 0 }) });
}

type Client = ReturnType<typeof connect>;

async function close(client: Client): Promise<void> {
  await closeSocket(await client.transport.getRpcClient());
}

/** Subscribes on a new connection and takes a few logs, after which nothing that still arrives counts. */
async function takeSome(url: string, { filter, most }: { filter: unknown; most: number }): Promise<Log[]> {
  const client = connect(url);
  const taken: Log[] = [];
  const enough = Promise.withResolvers<void>();
  const params = ["logs", filter] as unknown as ["newHeads"];
  await client.transport.subscribe({
    params,
    onData: ({ result }) => {
      if (taken.length === most) return;
      taken.push(result);
      if (taken.length === most) enough.resolve();
    },
    onError: enough.reject,
  });
  await enough.promise;
  await close(client);
  return taken;
}

Deno.test(`A viem client whose socket is killed ${KILLS} times finds each of ${LOGS} logs through resume`, async () => {
  await using server = await ServerProcess.start();
  const sender = connect(server.url, { interval: 60_000 });
  const request = sender.request as (call: { method: string; params: unknown[] }) => Promise<unknown>;
  const [from] = await request({ method: "eth_accounts", params: [] }) as Hex[];
  const deployed = await request({ method: "eth_sendTransaction", params: [{ from, data: DEPLOYMENT }] });
  const receipt = await request({ method: "eth_getTransactionReceipt", params: [deployed] });
  const { contractAddress: address } = receipt as { contractAddress: Hex };

  async function emit(): Promise<void> {
    for (let call = 0; call < LOGS / LOGS_PER_CALL; call++) {
      await request({ method: "eth_sendTransaction", params: [{ from, to: address }] });
    }
  }

  const emitted = emit();
  const found = new Set<string>();
  let last: Log | null = null;
  let kills = 0;
  for (; found.size < LOGS; kills++) {
    // The last connection may have been cut amid the logs of a block: naming it twice brings that block once more.
    const point = last === null ? { fromBlock: "0x0" } : { fromBlock: last.blockNumber, blockHash: last.blockHash };
    const seenOfBlock = last === null ? 0 : Number(last.logIndex) + 1;
    const most = Math.min(LOGS_PER_CONNECTION, LOGS - found.size) + seenOfBlock;
    const taken: Log[] = await takeSome(server.url, { filter: { address, ...point }, most });
    taken.forEach((log, position) => {
      const id = `${log.blockHash} ${log.logIndex}`;
      // What comes again is what was had of that one block, and nothing else.
      assertEquals(found.has(id), position < seenOfBlock, `log ${position} of connection ${kills}`);
      found.add(id);
    });
    last = taken.at(-1) ?? last;
  }
  await emitted;
  assert(kills >= KILLS, `${kills} connections`);

  const fromBlock = numberToHex(0);
  const logs = await request({ method: "eth_getLogs", params: [{ address, fromBlock }] }) as Log[];
  assertEquals(logs.length, LOGS);
  assertEquals(logs.every(({ blockHash, logIndex }) => found.has(`${blockHash} ${logIndex}`)), true);
  await close(sender);
});
