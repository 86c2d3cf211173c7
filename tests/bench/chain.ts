import { encodeFunctionData, type Hex } from "../clients/viem.ts";
import { TOKEN_ABI } from "../contracts/token.ts";
import { load } from "./load.ts";
import type { Row } from "./report.ts";
import { startAnvil, startSallyport, type Target } from "./targets.ts";
import { request, SENDER, Wallet } from "./wallet.ts";

const TRANSACTIONS_A_ROUND = 300;
const LOG_BLOCKS = 1_000;
const LOGS_A_BLOCK = 10;
const FULL_BLOCK_TRANSACTIONS = 100;

/** What the chain behind the door does, beside anvil: calls, sealing, logs, whole blocks. */
export async function chainRows(rounds: number, seconds: number): Promise<Row[]> {
  await using sallyport = await startSallyport(["--ws.api", "eth,net,web3,evm"]);
  await using anvil = await startAnvil();
  const targets = anvil === null ? [sallyport] : [sallyport, anvil];
  const rows = new Map<string, Row>();
  const add = (name: string, unit: string, target: Target, value: number) => {
    const row = rows.get(name) ?? { name, unit, figures: {} };
    rows.set(name, row);
    (row.figures[target.name] ??= { values: [] }).values.push(value);
  };
  const prepared = new Map<Target, { wallet: Wallet; token: Hex }>();
  for (const target of targets) {
    const wallet = await Wallet.open(target.url);
    prepared.set(target, { wallet, token: await wallet.deployToken() });
  }
  for (let round = 0; round < rounds; round++) {
    for (const [target, { wallet, token }] of prepared) {
      for (const depth of [1, 32]) {
        const { perSecond } = await load(target.url, balanceOf(token, SENDER), { connections: 1, depth, seconds });
        add(`eth_call balanceOf, ${depth} in flight`, "1/s", target, perSecond);
      }
      const distinct = await loadDistinct(target.url, token, seconds);
      add("eth_call balanceOf, 32 in flight, all different", "1/s", target, distinct);
      add("transfers sealed", "1/s", target, await wallet.mineEach(await many(() => wallet.signTransfer())));
      const tokens = await many(() => wallet.signTokenTransfer(token));
      add("ERC-20 transfers sealed", "1/s", target, await wallet.mineEach(tokens));
    }
  }
  for (const [target, { wallet, token }] of prepared) {
    const from = await emitLogs(wallet, token);
    const logs = request("eth_getLogs", { fromBlock: from, address: token });
    const block = request("eth_getBlockByNumber", await sealFullBlock(wallet), true);
    for (let round = 0; round < rounds; round++) {
      const shape = { connections: 1, depth: 1, seconds };
      add(
        `eth_getLogs, ${LOG_BLOCKS * LOGS_A_BLOCK} logs`,
        "1/s",
        target,
        (await load(target.url, logs, shape)).perSecond,
      );
      const { perSecond } = await load(target.url, block, { ...shape, depth: 8 });
      add(`eth_getBlockByNumber, ${FULL_BLOCK_TRANSACTIONS} transactions`, "1/s", target, perSecond);
    }
    wallet.close();
  }
  return [...rows.values()];
}

function balanceOf(token: Hex, owner: Hex): string {
  const data = encodeFunctionData({ abi: TOKEN_ABI, functionName: "balanceOf", args: [owner] });
  return request("eth_call", { to: token, data }, "latest");
}

/** Calls with a different argument each, so that no answer can be given twice. */
async function loadDistinct(url: string, token: Hex, seconds: number): Promise<number> {
  let serial = BigInt(Math.floor(Math.random() * 2 ** 40)) << 32n;
  const next = () => balanceOf(token, `0x${(serial++).toString(16).padStart(40, "0")}`);
  return (await load(url, next, { connections: 1, depth: 32, seconds })).perSecond;
}

function many(sign: () => Promise<Hex>): Promise<Hex[]> {
  return Promise.all(Array.from({ length: TRANSACTIONS_A_ROUND }, sign));
}

async function emitLogs(wallet: Wallet, token: Hex): Promise<Hex> {
  const from = BigInt(await wallet.call("eth_blockNumber") as Hex) + 1n;
  const raws: Hex[] = [];
  for (let block = 0; block < LOG_BLOCKS; block++) {
    const args = [BigInt(block * LOGS_A_BLOCK), BigInt(LOGS_A_BLOCK)] as const;
    raws.push(
      await wallet.sign({
        to: token,
        data: encodeFunctionData({ abi: TOKEN_ABI, functionName: "tick", args }),
        gas: 200_000n,
      }),
    );
  }
  await wallet.mineEach(raws);
  return `0x${from.toString(16)}`;
}

/** Seals one block of many transactions and returns its number. */
async function sealFullBlock(wallet: Wallet): Promise<Hex> {
  await wallet.call("evm_setAutomine", false);
  for (let i = 0; i < FULL_BLOCK_TRANSACTIONS; i++) {
    await wallet.call("eth_sendRawTransaction", await wallet.signTransfer());
  }
  await wallet.call("evm_mine");
  const block = await wallet.call("eth_getBlockByNumber", "latest", false) as { number: Hex; transactions: Hex[] };
  if (block.transactions.length !== FULL_BLOCK_TRANSACTIONS) throw new Error("the block is not full");
  // anvil seals an empty block when it goes back to automatic mining.
  await wallet.call("evm_setAutomine", true);
  return block.number;
}
