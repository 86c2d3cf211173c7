// Random programs on geth and on this program: `deno task fuzz:evm [--seed N] [--count N] [--fork NAME,...]
// [--kinds KIND,...] [--show N] [--params]`. Prints the requests that were not answered alike, with --params whole, and ends
// with 1 if there are any.

import { parseArgs } from "@std/cli/parse-args";
import type { Fork } from "../../../src/evm/forks.ts";
import { FUZZED_FORKS } from "./forks.ts";
import { findTool } from "../../support/tools.ts";
import { chainOf, startGeth, startSallyport } from "./peers.ts";
import { KINDS } from "./questions.ts";
import { fuzz, type Mismatch } from "./run.ts";

const flags = parseArgs(Deno.args, { string: ["seed", "count", "fork", "kinds", "show"], boolean: ["params"] });

async function main(): Promise<number> {
  const program = findTool("geth");
  if (program === undefined) {
    console.error("geth is not installed: tests/setup.sh brings it where Go is");
    return 1;
  }
  const text = (name: string) => typeof flags[name] === "string" ? flags[name] as string : undefined;
  const firstSeed = Number(text("seed") ?? 0);
  const count = Number(text("count") ?? 1_000);
  const forks = (text("fork")?.split(",") ?? FUZZED_FORKS) as Fork[];
  const kinds = text("kinds")?.split(",") ?? KINDS;
  const mismatches = new Map<string, Mismatch[]>();
  let asked = 0;
  for (const fork of forks) {
    await using geth = await startGeth(program, chainOf(fork));
    await using own = await startSallyport(chainOf(fork));
    const began = performance.now();
    const requests = await fuzz({ geth, own }, {
      ...{ fork, firstSeed, count, kinds },
      onMismatch: (mismatch) => {
        const key = `${mismatch.question.method} ${classOf(mismatch.problem)}`;
        mismatches.set(key, [...mismatches.get(key) ?? [], mismatch]);
      },
    });
    asked += requests;
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${fork}: ${count} programs, ${requests} requests in ${seconds} s`);
  }
  const shown = Number(text("show") ?? 2);
  let total = 0;
  for (const [key, found] of [...mismatches].sort(([, one], [, other]) => other.length - one.length)) {
    total += found.length;
    console.log(`\n${found.length} x ${key}`);
    for (const { seed, fork, question, problem } of found.slice(0, shown)) {
      console.log(`  --fork ${fork} --seed ${seed} --count 1: ${problem}`);
      if (flags["params"] === true) console.log(`  ${JSON.stringify(question.params)}`);
    }
  }
  console.log(`\n${asked} requests compared, ${total} not answered alike`);
  return total === 0 ? 0 : 1;
}

/** A problem without its numbers, so that those of one kind are counted together. */
function classOf(problem: string): string {
  return problem.replace(/0x[0-9a-f]+/g, "0x").replace(/\d+/g, "N").slice(0, 160);
}

if (import.meta.main) Deno.exitCode = await main();
