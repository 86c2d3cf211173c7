/**
 * Sends mutated requests to the program, with every namespace on, and reports what must not happen: crashes, calls without
 * an answer, `-32603`, closed connections, memory that does not come back, and stretches in which nobody is answered.
 *
 *     deno task fuzz [--frames 300000] [--seed 1] [--connections 4] [--burst 50] [--seeds DIR] [--only METHOD]
 *
 * DIR is a folder of the official cases, as for `deno task conformance`: its requests are mutated too, on its chain. Stalls
 * are measured from outside: on a machine that does other work they mean little. With one connection and a burst of 1, each
 * stall is shown with the request that caused it. Exits 1 when something was found.
 */
import { parseArgs } from "@std/cli/parse-args";
import { ServerProcess } from "../e2e/server_process.ts";
import { Random } from "../support/random.ts";
import { Mutation } from "./mutation.ts";
import { readSeeds, type Seed } from "./seeds.ts";
import { type Stall, StallProbe } from "./stall_probe.ts";
import { type Fault, Storm } from "./storm.ts";

const NAMESPACES = "eth,net,web3,txpool,debug,evm,anvil,hardhat,testing,personal,miner";
const WARM_UP_PART = 0.1;
const STALL_MS = 50;
const MAX_SHOWN = 20;
const ALLOWED_GROWTH = 1.1;

export interface FuzzOptions {
  readonly frames: number;
  readonly seed: number;
  readonly connections: number;
  /** Requests that are sent at a time. */
  readonly burst: number;
  /** A folder of official cases. */
  readonly folder?: string | undefined;
  /** Only requests of this method are mutated. */
  readonly only?: string | undefined;
}

export interface FuzzReport {
  readonly faults: readonly Fault[];
  readonly stalls: readonly Stall[];
  /** Resident bytes after a part of the frames, and at the end, each on a chain that was reset. */
  readonly memory: { readonly before: number; readonly after: number };
  readonly exitCode: number;
  readonly crashes: readonly string[];
}

/** Runs the fuzzer against a process of its own. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { frames, seed, connections, burst, folder, only } = options;
  const seeds = (await readSeeds(folder)).filter(({ method }) => only === undefined || method === only);
  await using server = await startServer(folder);
  const storms = Array.from({ length: connections }, (_, i) => {
    const random = new Random(seed + i);
    return new Storm(server.url, { random, burst, mutation: new Mutation(random, seeds) });
  });
  const probe = new StallProbe(server.url, { longerThanMs: STALL_MS, request: () => storms[0]?.latest ?? "" });
  const run = (count: number) => Promise.all(storms.map((storm) => storm.run(Math.ceil(count / connections))));
  await run(frames * WARM_UP_PART);
  const before = await settledBytes(server, storms[0]);
  await run(frames * (1 - WARM_UP_PART));
  const after = await settledBytes(server, storms[0]);
  probe.stop();
  for (const storm of storms) storm.close();
  const exitCode = await server.stop();
  return {
    faults: storms.flatMap((storm) => storm.faults),
    stalls: probe.stalls,
    memory: { before, after },
    exitCode,
    crashes: crashesIn(server.printed),
  };
}

/** The resident memory once the chain is as at the start and the runtime has had a moment to collect. */
async function settledBytes(server: ServerProcess, storm: Storm | undefined): Promise<number> {
  await storm?.ask({ method: "anvil_reset", params: [] } satisfies Seed);
  let least = Infinity;
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    least = Math.min(least, server.residentBytes());
  }
  return least;
}

function startServer(folder: string | undefined): Promise<ServerProcess> {
  const flags = ["--ws.api", NAMESPACES];
  if (folder === undefined) return ServerProcess.start({ flags });
  const [genesis, chain] = [`${folder}/genesis.json`, `${folder}/chain.rlp`];
  return ServerProcess.start({
    permissions: [`--allow-read=${genesis},${chain}`],
    flags: [...flags, "--genesis", genesis, "--import", chain],
  });
}

/** The log lines of handlers that crashed, with the cause; each kind once. */
function crashesIn(printed: string): string[] {
  const lines = printed.split("\n").filter((line) => line.includes("crashed"));
  return [...new Set(lines.map((line) => line.slice(0, 600)))];
}

function print(report: FuzzReport): void {
  const byKind = Map.groupBy(report.faults, ({ kind }) => kind);
  for (const [kind, faults] of byKind) {
    console.log(`\n${faults.length} ${kind}`);
    for (const { request, answer } of faults.slice(0, MAX_SHOWN)) console.log(`  ${request}\n    ${answer}`);
  }
  for (const line of report.crashes.slice(0, MAX_SHOWN)) console.log(`  ${line}`);
  const { stalls, memory } = report;
  console.log(`\n${stalls.length} stalls over ${STALL_MS} ms`);
  for (
    const { milliseconds, request } of stalls.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, MAX_SHOWN)
  ) {
    console.log(`  ${Math.round(milliseconds)} ms: ${request.slice(0, 400)}`);
  }
  console.log(
    `memory: ${Math.round(memory.before / 2 ** 20)} MiB, at the end ${Math.round(memory.after / 2 ** 20)} MiB`,
  );
  console.log(`exit code ${report.exitCode}`);
}

async function main(): Promise<number> {
  const args = parseArgs(Deno.args, { string: ["frames", "seed", "connections", "burst", "seeds", "only"] });
  const report = await fuzz({
    frames: Number(args.frames ?? 300_000),
    seed: Number(args.seed ?? 1),
    connections: Number(args.connections ?? 4),
    burst: Number(args.burst ?? 50),
    folder: args.seeds === undefined ? undefined : String(args.seeds),
    only: args.only === undefined ? undefined : String(args.only),
  });
  print(report);
  const { faults, stalls, memory, exitCode } = report;
  const isClean = faults.length === 0 && stalls.length === 0 && exitCode === 0;
  return isClean && memory.after <= memory.before * ALLOWED_GROWTH ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
