import { keccak256 } from "../clients/viem.ts";
import { ServerProcess } from "../e2e/server_process.ts";
import { RawSocket, textFrame } from "./raw_socket.ts";
import type { Row } from "./report.ts";
import { residentAtRest, residentBytes, startSallyport, type Target } from "./targets.ts";
import { request, Wallet } from "./wallet.ts";

const TRANSACTIONS_A_BLOCK = 10;
const TRANSFERS_A_ROUND = 300;
/** Transfers go to so many accounts in turn. */
const ACCOUNTS = 100_000;
const REPORT_EVERY_BLOCKS = 5_000;
const SAMPLE_EVERY_BLOCKS = 200;
/** Emits a log without data, whose topic is the input. */
const LOGGER_CODE = "0x60003560006000a100";
const LOGGER = `0x${"cc".repeat(20)}`;
const COMMON = keccak256("0x01");
const RARE = keccak256("0x02");
const NAMESPACES = ["--ws.api", "eth,net,web3,evm,anvil"];
const LOOKUPS = 20;
const MAX_PRICE = "0x174876e800";

/** A folder for a chain, removed in the end. */
class Folder implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "sallyport-bench-" });

  start(flags: readonly string[] = []): Promise<ServerProcess> {
    return ServerProcess.start({
      permissions: [`--allow-read=${this.path}`, `--allow-write=${this.path}`],
      flags: ["--verbosity", "3", ...NAMESPACES, "--datadir", this.path, ...flags],
    });
  }

  get bytes(): number {
    return [...Deno.readDirSync(this.path)].reduce(
      (sum, { name }) => sum + Deno.statSync(`${this.path}/${name}`).size,
      0,
    );
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** What a chain in a folder costs: sealing beside one in memory, and a long chain's start, memory, reads and rare logs. */
export async function diskRows(rounds: number, blocks: number): Promise<Row[]> {
  return [...await sealingRows(rounds), ...await longRows(rounds, blocks)];
}

async function sealingRows(rounds: number): Promise<Row[]> {
  using folder = new Folder();
  await using disk = await folder.start();
  await using memory = await startSallyport(NAMESPACES);
  const sealed: Row = { name: "transfers sealed one by one, beside a chain in memory", unit: "1/s", figures: {} };
  const pause: Row = { name: "longest wait of eth_chainId meanwhile", unit: "ms", figures: {} };
  const targets = [["sallyport", disk], ["memory", memory]] as const;
  const wallets = new Map(
    await Promise.all(targets.map(async ([name, { url }]) => [name, await Wallet.open(url)] as const)),
  );
  for (let round = 0; round <= rounds; round++) {
    for (const [name, { url }] of targets) {
      const wallet = wallets.get(name);
      if (wallet === undefined) continue;
      const raws = await Promise.all(Array.from({ length: TRANSFERS_A_ROUND }, () => wallet.signTransfer()));
      const [perSecond, longest] = await watched(url, () => wallet.mineEach(raws));
      // The first round warms the code up.
      if (round === 0) continue;
      (sealed.figures[name] ??= { values: [] }).values.push(perSecond);
      (pause.figures[name] ??= { values: [] }).values.push(longest);
    }
  }
  for (const wallet of wallets.values()) wallet.close();
  return [sealed, pause];
}

/** Runs `act` while another connection asks something small over and over; returns its result and the longest wait. */
async function watched<T>(url: string, act: () => Promise<T>): Promise<readonly [T, number]> {
  const socket = await RawSocket.open(url);
  let isDone = false;
  let longest = 0;
  const watching = (async () => {
    while (!isDone) {
      const asked = performance.now();
      await socket.write(textFrame(request("eth_chainId")));
      await socket.take(1);
      longest = Math.max(longest, performance.now() - asked);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  const result = await act();
  isDone = true;
  await watching;
  socket.close();
  return [result, longest];
}

async function longRows(rounds: number, blocks: number): Promise<Row[]> {
  using folder = new Folder();
  using empty = new Folder();
  const chain = `a chain of ${blocks} blocks of ${TRANSACTIONS_A_BLOCK} transactions, --gcmode full`;
  const rows: Row[] = [];
  const add = (name: string, unit: string, values: number[]) => {
    rows.push({ name: `${chain}: ${name}`, unit, figures: { sallyport: { values } } });
  };
  const begun = performance.now();
  const most = await seal(folder, blocks);
  add("blocks sealed", "1/s", [blocks / (performance.now() - begun) * 1000]);
  add("most memory while sealing", "MB", [most / 1e6]);
  add("file", "MB", [folder.bytes / 1e6]);
  (await empty.start())[Symbol.asyncDispose]();
  const start: Row = { name: `${chain}: start to first answer, beside an empty chain`, unit: "ms", figures: {} };
  rows.push(start);
  for (let round = 0; round <= rounds; round++) {
    for (const [name, from] of [["sallyport", folder], ["empty", empty]] as const) {
      const before = performance.now();
      await using server = await from.start(["--gcmode", "full"]);
      await ask(server, "eth_getBlockByNumber", "latest", false);
      if (round > 0) (start.figures[name] ??= { values: [] }).values.push(performance.now() - before);
    }
  }
  await using server = await folder.start(["--gcmode", "full"]);
  const whole = { fromBlock: "0x0", toBlock: "latest" };
  const lookups: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["a log that one block has", () => ask(server, "eth_getLogs", { ...whole, address: LOGGER, topics: [RARE] })],
    ["a log that no block has", () => ask(server, "eth_getLogs", { ...whole, address: `0x${"dd".repeat(20)}` })],
    ["a block by its number", () => {
      const number = Math.floor(Math.random() * blocks);
      return ask(server, "eth_getBlockByNumber", `0x${number.toString(16)}`, true);
    }],
    ["a balance", () => ask(server, "eth_getBalance", recipient(Math.floor(Math.random() * ACCOUNTS)), "latest")],
  ];
  for (const [name, look] of lookups) {
    const values: number[] = [];
    for (let round = 0; round < LOOKUPS; round++) {
      const asked = performance.now();
      await look();
      values.push(performance.now() - asked);
    }
    add(name, "ms", values);
  }
  add("memory after start and these reads", "MB", [await residentAtRest(server.pid) / 1e6]);
  return rows;
}

/** Seals the blocks in a chain of their own; returns the most memory that it took. */
async function seal(folder: Folder, blocks: number): Promise<number> {
  await using server = await folder.start(["--gcmode", "full"]);
  const socket = await RawSocket.open(server.url);
  const call = async (frame: string) => {
    await socket.write(textFrame(frame));
    const text = await socket.text();
    if (text.includes('"error"')) throw new Error(text);
  };
  const senders = Array.from({ length: TRANSACTIONS_A_BLOCK }, (_, index) => `0x${`b${index}`.padEnd(40, "0")}`);
  await call(request("evm_setAutomine", false));
  await call(request("anvil_autoImpersonateAccount", true));
  await call(request("anvil_setCode", LOGGER, LOGGER_CODE));
  for (const sender of senders) await call(request("anvil_setBalance", sender, `0x${(10n ** 30n).toString(16)}`));
  let most = 0;
  for (let block = 0; block < blocks; block++) {
    const topic = block === blocks >> 1 ? RARE : COMMON;
    const calls = senders.map((from, index) => {
      const fees = { maxFeePerGas: MAX_PRICE, maxPriorityFeePerGas: "0x1", nonce: `0x${block.toString(16)}` };
      const what = index === 0
        ? { to: LOGGER, data: topic, gas: "0xc350" }
        : { to: recipient((block * TRANSACTIONS_A_BLOCK + index) % ACCOUNTS), value: "0x1", gas: "0x5208" };
      return request("eth_sendTransaction", { from, ...fees, ...what });
    });
    await call(`[${calls.join()}]`);
    await call(request("evm_mine"));
    if (block % SAMPLE_EVERY_BLOCKS === 0) most = Math.max(most, await residentBytes(server.pid));
    if (block % REPORT_EVERY_BLOCKS === 0) console.error(`block ${block}, at most ${(most / 1e6).toFixed(0)} MB`);
  }
  socket.close();
  return most;
}

function recipient(index: number): string {
  return `0x${index.toString(16).padStart(40, "a")}`;
}

async function ask({ url }: Pick<Target, "url">, method: string, ...params: readonly unknown[]): Promise<unknown> {
  const socket = await RawSocket.open(url);
  await socket.write(textFrame(request(method, ...params)));
  const { result, error } = JSON.parse(await socket.text());
  socket.close();
  if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
  return result;
}
