import type { Fork } from "../../../src/evm/forks.ts";
import { difference } from "./compare.ts";
import type { Peer } from "./peers.ts";
import { edgesOf, type Question, questionOf, questionsOf } from "./questions.ts";
import { type Scenario, scenarioOf } from "./scenario.ts";

/** A request that was not answered alike. */
export interface Mismatch {
  readonly seed: number;
  readonly fork: Fork;
  readonly question: Question;
  readonly problem: string;
}

export interface FuzzOptions {
  readonly fork: Fork;
  readonly firstSeed: number;
  readonly count: number;
  /** Names of {@link KINDS}. */
  readonly kinds: readonly string[];
  readonly onMismatch: (mismatch: Mismatch) => void;
}

/** Two nodes on the same chain. */
export interface Pair {
  readonly geth: Peer;
  readonly own: Peer;
}

/** How many scenarios are asked at once. */
const ABREAST = 4;

/** Asks both nodes about scenarios of consecutive seeds, and answers how many requests were compared. */
export async function fuzz(pair: Pair, options: FuzzOptions): Promise<number> {
  let next = options.firstSeed;
  const end = options.firstSeed + options.count;
  let asked = 0;
  const worker = async () => {
    while (next < end) {
      const scenario = scenarioOf(next++, options.fork);
      const requests = await playScenario(pair, scenario, options);
      asked += requests;
    }
  };
  await Promise.all(Array.from({ length: ABREAST }, worker));
  return asked;
}

async function playScenario(pair: Pair, scenario: Scenario, options: FuzzOptions): Promise<number> {
  const compare = async (question: Question) => {
    const [geth, own] = await Promise.all(
      [pair.geth, pair.own].map((peer) => peer.ask(question.method, question.params)),
    );
    if (geth === undefined || own === undefined) throw new Error("a node did not answer");
    const problem = difference(geth, own);
    if (problem !== undefined) {
      options.onMismatch({ seed: scenario.seed, fork: scenario.fork, question, problem });
    }
    return geth;
  };
  const questions = questionsOf(scenario, options.kinds);
  for (const question of questions) await compare(question);
  if (!options.kinds.includes("steps")) return questions.length;
  const steps = await pair.geth.ask("debug_traceCall", questionOf(scenario, "steps").params);
  if (!("result" in steps)) return questions.length;
  const edges = edgesOf(scenario, steps.result);
  for (const edge of edges) await compare(questionOf(edge, "steps"));
  return questions.length + edges.length;
}
