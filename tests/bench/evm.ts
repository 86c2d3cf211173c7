import { encodeFunctionData, type Hex } from "../clients/viem.ts";
import { LineSocket } from "../conformance/line_socket.ts";
import { TOKEN_ABI } from "../contracts/token.ts";
import { load } from "./load.ts";
import { RawSocket, textFrame } from "./raw_socket.ts";
import type { Row } from "./report.ts";
import { residentBytes, startAnvil, startGeth, startSallyport, type Target } from "./targets.ts";
import { request, SENDER, Wallet } from "./wallet.ts";

const TARGET: Hex = "0x00000000000000000000000000000000000c0de0";
const CALLEE: Hex = "0x000000000000000000000000000000000000c0de";
const PROGRAM_GAS = 20_000_000;
const LONG_CALL_GAS = 50_000_000;
const TRANSACTIONS_A_ROUND = 200;
const FUNDS = 10n ** 21n;

/** Loops that use all the gas there is: each is jumpdest, something, and a jump back to 0. */
const PROGRAMS: Readonly<Record<string, Hex>> = {
  "jumps": "0x5b5f56",
  "keccak of 64 bytes": "0x5b60405f20505f56",
  "memory": "0x5b5f516001015f525f56",
  "warm SLOAD": "0x5b5f54505f56",
  "STATICCALL of the identity precompile": "0x5b5f5f60205f60045afa505f56",
  "STATICCALL of a contract": "0x5b5f5f5f5f61c0de5afa505f56",
};
/** Returns 1. */
const CALLEE_CODE: Hex = "0x60015f5260205ff3";

/** Rows by name, filled in as they are measured. */
class Rows {
  readonly #rows = new Map<string, Row>();

  add(of: { readonly name: string; readonly unit: string; readonly target: string }, value: number): void {
    let row = this.#rows.get(of.name);
    if (row === undefined) this.#rows.set(of.name, row = { name: of.name, unit: of.unit, figures: {} });
    (row.figures[of.target] ??= { values: [] }).values.push(value);
  }

  all(): Row[] {
    return [...this.#rows.values()];
  }
}

/** What execution costs, beside geth and anvil where they are installed. */
export async function evmRows(rounds: number, seconds: number): Promise<Row[]> {
  const rows = new Rows();
  await measureStarts(rows, rounds);
  await using sallyport = await startSallyport();
  await using geth = await startGeth();
  await using anvil = await startAnvil();
  const targets = [sallyport, geth, anvil].filter((target) => target !== null);
  const prepared = await Promise.all(targets.map(prepare));
  for (let round = 0; round < rounds; round++) {
    for (const { target, token } of prepared) {
      const add = (name: string, unit: string, value: number) => rows.add({ name, unit, target: target.name }, value);
      for (const [name, code] of Object.entries(PROGRAMS)) {
        add(name, "Mgas/s", await gasPerSecond(target.url, code) / 1e6);
      }
      for (const depth of [1, 32]) {
        const { perSecond } = await load(target.url, balanceOf(token), { connections: 1, depth, seconds });
        add(`eth_call of balanceOf, ${depth} in flight`, "1/s", perSecond);
      }
      const estimates = await load(target.url, estimate(token), { connections: 1, depth: 8, seconds });
      add("eth_estimateGas of a token transfer, 8 in flight", "1/s", estimates.perSecond);
      // A connection of its own: geth closes one that has not answered its pings meanwhile.
      const wallet = await Wallet.open(target.url);
      const transfers = await many(() => wallet.signTransfer());
      add("transfers sealed", "1/s", await wallet.mineEach(transfers));
      const tokens = await many(() => wallet.signTokenTransfer(token));
      add("ERC-20 transfers sealed", "1/s", await wallet.mineEach(tokens));
      wallet.close();
      add("eth_chainId beside a call of 50,000,000 gas, p99", "ms", await besideLongCall(target.url));
    }
  }
  return rows.all();
}

interface Prepared {
  readonly target: Target;
  readonly token: Hex;
}

/** Gives the account of the wallet ether where it has none, and deploys a token. */
async function prepare(target: Target): Promise<Prepared> {
  const wallet = await Wallet.open(target.url);
  if (await wallet.call("eth_getBalance", SENDER, "latest") === "0x0") {
    const [from] = await wallet.call("eth_accounts") as Hex[];
    const value = `0x${FUNDS.toString(16)}`;
    await wallet.mined(await wallet.call("eth_sendTransaction", { from, to: SENDER, value }));
  }
  const token = await wallet.deployToken();
  wallet.close();
  return { target, token };
}

async function measureStarts(rows: Rows, rounds: number): Promise<void> {
  const starts = { sallyport: () => startSallyport(), geth: startGeth, anvil: () => startAnvil() };
  // The first round warms the caches.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, start] of Object.entries(starts)) {
      const begun = performance.now();
      await using target = await start();
      if (target === null) continue;
      const socket = await RawSocket.open(target.url);
      await socket.write(textFrame(request("eth_chainId")));
      await socket.take(1);
      const elapsed = performance.now() - begun;
      socket.close();
      if (round === 0) continue;
      rows.add({ name: "start to first answer", unit: "ms", target: name }, elapsed);
      rows.add({ name: "memory at start", unit: "MB", target: name }, await residentBytes(target.pid) / 1e6);
    }
  }
}

/** Runs one program until its gas is gone; the first run warms what is kept by code. */
async function gasPerSecond(url: string, code: Hex): Promise<number> {
  const gas = `0x${PROGRAM_GAS.toString(16)}`;
  const overrides = { [TARGET]: { code }, [CALLEE]: { code: CALLEE_CODE } };
  const call = textFrame(request("eth_call", { to: TARGET, gas }, "latest", overrides));
  const socket = await RawSocket.open(url);
  let elapsed = 0;
  for (let run = 0; run < 2; run++) {
    const begun = performance.now();
    await socket.write(call);
    await socket.take(1);
    elapsed = performance.now() - begun;
  }
  socket.close();
  return PROGRAM_GAS / elapsed * 1000;
}

function balanceOf(token: Hex): string {
  const data = encodeFunctionData({ abi: TOKEN_ABI, functionName: "balanceOf", args: [SENDER] });
  return request("eth_call", { to: token, data }, "latest");
}

function estimate(token: Hex): string {
  const data = encodeFunctionData({ abi: TOKEN_ABI, functionName: "transfer", args: [TARGET, 1n] });
  return request("eth_estimateGas", { from: SENDER, to: token, data });
}

function many(sign: () => Promise<Hex>): Promise<Hex[]> {
  return Promise.all(Array.from({ length: TRANSACTIONS_A_ROUND }, sign));
}

/** Latency of `eth_chainId` on one connection while another one's call runs. */
async function besideLongCall(url: string): Promise<number> {
  const gas = `0x${LONG_CALL_GAS.toString(16)}`;
  const code = PROGRAMS["STATICCALL of a contract"];
  const overrides = { [TARGET]: { code }, [CALLEE]: { code: CALLEE_CODE } };
  const socket = await LineSocket.open(url);
  let running = true;
  const call = request("eth_call", { to: TARGET, gas }, "latest", overrides);
  const long = socket.exchange(call).finally(() => running = false);
  const latencies: number[] = [];
  while (running) {
    const { p99 } = await load(url, request("eth_chainId"), { connections: 1, depth: 1, seconds: 0.1 });
    latencies.push(p99);
  }
  await long;
  await socket.close();
  return Math.max(...latencies);
}
