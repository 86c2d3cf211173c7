/**
 * Measures this server beside a bare one, and beside geth and anvil where they are installed, interleaved in one run:
 *
 *     deno task bench [--only requests,fanout,logs,start,chain,slow,heavy,access,gateway,evm,fork,disk,memory,hour] [--rounds 3] [--seconds 2] [--blocks 10000] [--json]
 */
import { parseArgs } from "@std/cli/parse-args";
import { chainRows } from "./chain.ts";
import { diskRows } from "./disk.ts";
import { evmRows } from "./evm.ts";
import { fanoutRows } from "./fanout.ts";
import { forkRows } from "./fork.ts";
import { gatewayRows } from "./gateway.ts";
import { handshakeRows } from "./handshakes.ts";
import { heavyRows } from "./heavy.ts";
import { hourRows } from "./hour.ts";
import { limitedRows } from "./limited.ts";
import { logRows } from "./logs.ts";
import { memoryRows } from "./memory.ts";
import { type Row, table } from "./report.ts";
import { requestRows } from "./requests.ts";
import { slowRows } from "./slow.ts";
import { startRows } from "./start.ts";

const args = parseArgs(Deno.args, { string: ["only", "rounds", "seconds", "blocks"], boolean: ["json"] });
const rounds = Number(args.rounds ?? 3);
const seconds = Number(args.seconds ?? 2);
/** The length of the chain of the disk suite. */
const blocks = Number(args.blocks ?? 10_000);
const suites: Record<string, () => Promise<Row[]>> = {
  requests: () => requestRows(rounds, seconds),
  fanout: () => fanoutRows(rounds),
  logs: () => logRows(rounds),
  start: () => startRows(rounds),
  chain: () => chainRows(rounds, seconds),
  slow: () => slowRows(rounds),
  heavy: () => heavyRows(rounds),
  access: async () => [...await handshakeRows(rounds), ...await limitedRows(rounds, seconds)],
  gateway: () => gatewayRows(rounds, seconds),
  evm: () => evmRows(rounds, seconds),
  fork: () => forkRows(rounds),
  disk: () => diskRows(rounds, blocks),
  memory: () => memoryRows(),
  hour: () => hourRows(),
};
/** What runs only when it is named, because it takes minutes. */
const LONG = ["disk", "memory", "hour"];
const quick = Object.keys(suites).filter((name) => !LONG.includes(name));
const wanted = args.only === undefined ? quick : String(args.only).split(",");
const rows: Row[] = [];
for (const name of wanted) {
  const suite = suites[name];
  if (suite === undefined) {
    console.error(`no suite ${name}; there are ${Object.keys(suites).join(", ")}`);
    Deno.exit(2);
  }
  rows.push(...await suite());
}
if (args.json) console.log(JSON.stringify(rows, null, 2));
else {
  const { os, arch } = Deno.build;
  console.log(`Deno ${Deno.version.deno}, ${os} ${arch}, ${navigator.hardwareConcurrency} cores, ${rounds} rounds\n`);
  console.log(table(rows));
}
