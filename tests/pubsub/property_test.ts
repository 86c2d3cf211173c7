import { assertGreater } from "@std/assert";
import { runSchedule, type Tally } from "./schedule.ts";

const SCHEDULES = 2000;
/** Schedules that run beside each other, so that their timers share turns of the loop. */
const ABREAST = 100;

Deno.test(`Subscribers lose nothing, get nothing twice and in order, in ${SCHEDULES} random schedules`, async () => {
  const tallies: Tally[] = [];
  for (let first = 0; first < SCHEDULES; first += ABREAST) {
    tallies.push(...await Promise.all(Array.from({ length: ABREAST }, (_, offset) => runSchedule(first + offset))));
  }
  // The schedules test something: each of what they are about happened often.
  const least: Tally = {
    notifications: 100_000,
    removals: 10_000,
    resumes: 10_000,
    refusals: 100,
    reorganisations: 5_000,
  };
  for (const [what, count] of Object.entries(least)) {
    assertGreater(tallies.reduce((sum, tally) => sum + tally[what as keyof Tally], 0), count, what);
  }
});
