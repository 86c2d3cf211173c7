import type { Row } from "./report.ts";
import { residentAtRest, residentBytes, startSallyport } from "./targets.ts";
import { Wallet } from "./wallet.ts";

const BLOCKS = 10_000;
const TRANSACTIONS_A_BLOCK = 10;
const SAMPLE_EVERY_BLOCKS = 100;
const REPORT_EVERY_BLOCKS = 1_000;

/** Each transfer to an account of its own is the most that 100,000 transfers can add to the state. */
const RUNS = [
  { mode: "archive", accounts: BLOCKS * TRANSACTIONS_A_BLOCK },
  { mode: "full", accounts: BLOCKS * TRANSACTIONS_A_BLOCK },
  { mode: "full", accounts: 1_000 },
] as const;

/**
 * Resident memory of many blocks, with the state of every block kept and with the last 128: the most while they are
 * sealed, and what is left when nothing happens any more.
 */
export async function memoryRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { mode, accounts } of RUNS) {
    await using server = await startSallyport(["--ws.api", "eth,net,web3,evm", "--gcmode", mode]);
    const wallet = await Wallet.open(server.url);
    await wallet.call("evm_setAutomine", false);
    let most = 0;
    for (let block = 1; block <= BLOCKS; block++) {
      const raws = await Promise.all(Array.from({ length: TRANSACTIONS_A_BLOCK }, (_, i) =>
        wallet.sign({
          to: `0x${((block * TRANSACTIONS_A_BLOCK + i) % accounts).toString(16).padStart(40, "a")}`,
          value: 1n,
          gas: 21_000n,
        })));
      for (const raw of raws) await wallet.call("eth_sendRawTransaction", raw);
      await wallet.call("evm_mine");
      if (block % SAMPLE_EVERY_BLOCKS === 0) most = Math.max(most, await residentBytes(server.pid));
      if (block % REPORT_EVERY_BLOCKS === 0) console.error(`${mode}: block ${block}, ${(most / 1e6).toFixed(0)} MB`);
    }
    const atRest = await residentAtRest(server.pid);
    wallet.close();
    const what = `memory of ${BLOCKS} blocks of ${TRANSACTIONS_A_BLOCK} transfers to ${accounts} accounts, ` +
      `--gcmode ${mode}`;
    for (const [when, bytes] of [["most while sealing", most], ["at rest", atRest]] as const) {
      rows.push({ name: `${what}, ${when}`, unit: "MB", figures: { sallyport: { values: [bytes / 1e6] } } });
    }
  }
  return rows;
}
