import type { Row } from "./report.ts";
import { residentBytes, startSallyport } from "./targets.ts";
import { Wallet } from "./wallet.ts";

const BLOCKS = 10_000;
const TRANSACTIONS_A_BLOCK = 10;
const REPORT_EVERY_BLOCKS = 1_000;

/** Resident memory after many blocks, with the state of each kept and with the last 128. */
export async function memoryRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const mode of ["archive", "full"]) {
    await using server = await startSallyport(["--ws.api", "eth,net,web3,evm", "--gcmode", mode]);
    const wallet = await Wallet.open(server.url);
    await wallet.call("evm_setAutomine", false);
    for (let block = 1; block <= BLOCKS; block++) {
      const raws = await Promise.all(Array.from({ length: TRANSACTIONS_A_BLOCK }, (_, i) =>
        wallet.sign({
          to: `0x${(block * TRANSACTIONS_A_BLOCK + i).toString(16).padStart(40, "a")}`,
          value: 1n,
          gas: 21_000n,
        })));
      for (const raw of raws) await wallet.call("eth_sendRawTransaction", raw);
      await wallet.call("evm_mine");
      if (block % REPORT_EVERY_BLOCKS === 0) {
        console.error(`${mode}: block ${block}, ${(await residentBytes(server.pid) / 2 ** 20).toFixed(0)} MiB`);
      }
    }
    const bytes = await residentBytes(server.pid);
    wallet.close();
    rows.push({
      name: `memory after ${BLOCKS} blocks of ${TRANSACTIONS_A_BLOCK} transactions, --gcmode ${mode}`,
      unit: "MB",
      figures: { sallyport: { values: [bytes / 1e6] } },
    });
  }
  return rows;
}
