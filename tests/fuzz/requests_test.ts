import { assertEquals } from "@std/assert";
import { fuzz } from "./main.ts";

const FRAMES = 2_000;

Deno.test(`The program answers ${FRAMES} mutated requests of every namespace, and no handler of it crashes`, async () => {
  const seed = Number(Deno.env.get("FUZZ_SEED") ?? "20261125");
  const { faults, crashes, exitCode } = await fuzz({ frames: FRAMES, seed, connections: 4, burst: 50 });
  assertEquals({ faults, crashes, exitCode }, { faults: [], crashes: [], exitCode: 0 });
});
