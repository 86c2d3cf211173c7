/**
 * Runs the official cases of the Ethereum JSON-RPC specification over WebSocket:
 *
 *     deno task conformance DIR [--url ws://...] [--only METHOD] [--datadir FOLDER]
 *
 * DIR holds `genesis.json`, `chain.rlp` and `tests/<method>/<case>.io`. Without `--url` this server is started on the
 * folder's chain; with it, the same cases are sent to any other server. With `--datadir` the chain is kept in FOLDER: the
 * server imports it, is killed, and answers from the folder. Exits 1 when a case differs.
 */
import { parseArgs } from "@std/cli/parse-args";
import { ServerProcess } from "../e2e/server_process.ts";
import { differences } from "./compare.ts";
import { type IoCase, readIoCases } from "./io_case.ts";
import { LineSocket } from "./line_socket.ts";

const MAX_SHOWN_DIFFERENCES = 5;
const NAMESPACES = "eth,net,web3,debug,txpool,testing";

interface Outcome {
  readonly test: IoCase;
  readonly found: readonly string[];
}

async function runCase(socket: LineSocket, test: IoCase): Promise<Outcome> {
  const found: string[] = [];
  for (const { request, expected } of test.exchanges) {
    const answer = JSON.parse(await socket.exchange(request));
    found.push(...differences(answer, expected, test));
  }
  return { test, found };
}

function report(outcomes: readonly Outcome[]): void {
  const methods = Map.groupBy(outcomes, ({ test }) => test.method);
  const width = Math.max(...[...methods.keys()].map((name) => name.length));
  for (const [method, group] of methods) {
    const passed = group.filter(({ found }) => found.length === 0).length;
    console.log(`${passed === group.length ? "ok  " : "FAIL"} ${method.padEnd(width)} ${passed}/${group.length}`);
    for (const { test, found } of group) {
      if (found.length === 0) continue;
      console.log(`     ${test.name}`);
      for (const line of found.slice(0, MAX_SHOWN_DIFFERENCES)) console.log(`       ${line}`);
      if (found.length > MAX_SHOWN_DIFFERENCES) console.log(`       and ${found.length - MAX_SHOWN_DIFFERENCES} more`);
    }
  }
}

async function main(): Promise<number> {
  const args = parseArgs(Deno.args, { string: ["url", "only", "datadir", "_"] });
  const folder = args._[0];
  if (typeof folder !== "string") {
    console.error("usage: deno task conformance DIR [--url ws://host:port] [--only METHOD] [--datadir FOLDER]");
    return 2;
  }
  const cases = (await readIoCases(`${folder}/tests`))
    .filter((test) => args.only === undefined || test.method === args.only);
  await using server = args.url === undefined ? await startServer(folder, args.datadir?.toString()) : null;
  const socket = await LineSocket.open(server?.url ?? String(args.url));
  const outcomes: Outcome[] = [];
  for (const test of cases) outcomes.push(await runCase(socket, test));
  await socket.close();
  report(outcomes);
  const failed = outcomes.filter(({ found }) => found.length > 0).length;
  console.log(`\n${outcomes.length - failed} of ${outcomes.length} cases passed`);
  return failed === 0 && outcomes.length > 0 ? 0 : 1;
}

async function startServer(folder: string, datadir: string | undefined): Promise<ServerProcess> {
  const [genesis, chain] = [`${folder}/genesis.json`, `${folder}/chain.rlp`];
  const flags = ["--genesis", genesis, "--import", chain, "--ws.api", NAMESPACES];
  const readable = `--allow-read=${genesis},${chain}`;
  if (datadir === undefined) return await ServerProcess.start({ permissions: [readable], flags });
  const options = {
    permissions: [`${readable},${datadir}`, `--allow-write=${datadir}`],
    flags: [...flags, "--datadir", datadir],
  };
  const importing = await ServerProcess.start(options);
  await importing.stop("SIGKILL");
  // The blocks that it has are not imported again.
  return await ServerProcess.start(options);
}

if (import.meta.main) Deno.exit(await main());
