import { assertEquals } from "@std/assert";
import type { Fork } from "../../../src/evm/forks.ts";
import { difference } from "./compare.ts";
import recorded from "./geth_answers.json" with { type: "json" };
import { type Answer, chainOf, startSallyport } from "./peers.ts";
import type { RecordedAnswer } from "./record.ts";

const ANSWERS = recorded as unknown as readonly RecordedAnswer[];

for (const fork of new Set(ANSWERS.map((each) => each.fork as Fork))) {
  Deno.test(`calls, estimates, access lists and traces are answered as geth 1.17.10 answered them: ${fork}`, async () => {
    await using own = await startSallyport(chainOf(fork));
    const problems: string[] = [];
    for (const { question, answer } of ANSWERS.filter((each) => each.fork === fork)) {
      const ours: Answer = await own.ask(question.method, question.params);
      const problem = difference(answer, ours);
      if (problem !== undefined) problems.push(`${question.method} ${JSON.stringify(question.params)}: ${problem}`);
    }
    assertEquals(problems, []);
  });
}
