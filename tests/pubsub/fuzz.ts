// Runs random schedules until one fails: deno run tests/pubsub/fuzz.ts [count, default 100000] [first seed, default 0]
import { runSchedule } from "./schedule.ts";

const ABREAST = 100;
const [count = 100_000, first = 0] = Deno.args.map(Number);

for (let done = 0; done < count; done += ABREAST) {
  const size = Math.min(ABREAST, count - done);
  await Promise.all(Array.from({ length: size }, (_, offset) => runSchedule(first + done + offset)));
  if ((done + size) % 10_000 === 0) console.log(`${done + size} schedules`);
}
