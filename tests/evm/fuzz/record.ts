// Records what geth answers to small random programs, for the test that runs without geth:
// `deno run -A tests/evm/fuzz/record.ts`. Writes geth_answers.json.

import type { Fork } from "../../../src/evm/forks.ts";
import { findTool } from "../../support/tools.ts";
import { type Answer, chainOf, startGeth } from "./peers.ts";
import { KINDS, type Question, questionOf } from "./questions.ts";
import { scenarioOf } from "./scenario.ts";

/** One question and what geth said. */
export interface RecordedAnswer {
  readonly fork: Fork;
  readonly question: Question;
  readonly answer: Answer;
}

const FORKS: readonly Fork[] = ["chainstart", "byzantium", "berlin", "cancun", "osaka"] as Fork[];
const FIRST_SEED = 50_000;
/** Longer ones are left out, so that the file stays small. */
const MAX_CHARACTERS = 2_500;
/** Shorter ones tell nothing: an empty trace, a call that did nothing. */
const MIN_CHARACTERS: Readonly<Record<string, number>> = {
  ...{ call: 80, estimate: 20, accessList: 60, fourByte: 30, noop: 10, preimage: 40 },
};
const MIN_TRACE_CHARACTERS = 200;

async function record(program: string, fork: Fork): Promise<RecordedAnswer[]> {
  await using geth = await startGeth(program, chainOf(fork));
  const recorded: RecordedAnswer[] = [];
  for (const [index, kind] of KINDS.entries()) {
    for (let seed = FIRST_SEED + index * 1_000;; seed++) {
      const question = questionOf(scenarioOf(seed, fork), kind);
      if (JSON.stringify(question).length > MAX_CHARACTERS) continue;
      const { jsonrpc: _version, id: _id, ...answer } = await geth.ask(question.method, question.params) as
        & Answer
        & { jsonrpc: string; id: number };
      const { length } = JSON.stringify(answer);
      if (length > MAX_CHARACTERS || length < (MIN_CHARACTERS[kind] ?? MIN_TRACE_CHARACTERS)) continue;
      recorded.push({ fork, question, answer: answer as Answer });
      break;
    }
  }
  return recorded;
}

if (import.meta.main) {
  const program = findTool("geth");
  if (program === undefined) throw new Error("geth is not installed");
  const recorded: RecordedAnswer[] = [];
  for (const fork of FORKS) recorded.push(...await record(program, fork));
  const lines = recorded.map((each) => JSON.stringify(each)).join(",\n");
  await Deno.writeTextFile(new URL("geth_answers.json", import.meta.url), `[\n${lines}\n]\n`);
}
