import { toolTest } from "../support/tools.ts";
import { GethFleet } from "./geth_fleet.ts";
import { runSchedule } from "./geth_schedules.ts";

/** A few of the schedules that `geth_schedules.ts` runs by hand: with kills, stops, a strange node and deep reorganisations. */
const SEEDS = [2, 5, 10];

toolTest("geth", {
  name: `Before real geths, schedules ${
    SEEDS.join(", ")
  } of faults lose no block, double none, and every read is of the head`,
  async fn(program) {
    await using fleet = await GethFleet.start(program, 2);
    for (const seed of SEEDS) await runSchedule(fleet, seed);
  },
});
