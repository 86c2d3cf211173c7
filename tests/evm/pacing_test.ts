import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { BlockRun } from "../../src/evm/block_run.ts";
import { applyMessage } from "../../src/evm/transition.ts";
import { RpcError } from "../../src/rpc/error.ts";
import { ALICE, callsOn, CONTRACT, env, machine, messageWith, transactionWith, worldWith } from "./fixture.ts";
import { RunAborted } from "../../src/concurrency/pacer.ts";

/** Calls a precompiled contract with `size` bytes of memory, for ever. */
function flood(address: string, size: number, prologue = ""): string {
  const start = (prologue.length / 2).toString(16).padStart(4, "0");
  return `${prologue}5b60205f61${size.toString(16).padStart(4, "0")}5f61${address}5afa5061${start}56`;
}

/** 1,024 bytes to the power of 32 bytes, modulo 1,024 bytes. */
const MODEXP_INPUT = `6104005f526020602052610400604052${`7f${"ff".repeat(32)}610460527f${"ff".repeat(32)}610480`}52`;
/** Hashes 64 KB, for ever: some 300 us for 12,000 gas. The loop begins at the fifth byte of the code. */
const HASHES_FROM_4 = "5b61ffff5f2050600456";
/** 33,554,432 rounds of BLAKE2b. */
const BLAKE_INPUT = "630200000060e01b5f52";

const FLOODS: Readonly<Record<string, string>> = {
  "a 50,000,000 gas loop": "5b5f56",
  "calls that nest without end": "5b5f5f5f5f5f305af1505f56",
  "pairings": flood("0008", 384),
  "modular exponentiations": flood("0005", 96 + 2 * 1024 + 32, MODEXP_INPUT),
  "recoveries": flood("0001", 128),
  "hashes of 4 MB": "5b623fffff5f20505f56",
  "exponentiations": `5b7f${"ff".repeat(32)}60030a505f56`,
  "copies of 512 KB": "5b6207ffff5f5f375f56",
};

/**
 * How far apart the turns of the event loop may be. The aim is 15 ms; the limit leaves room for a machine that runs
 * other tests at the same time, and still is a tenth of what one blocked call takes.
 */
const MAX_GAP_MS = 400;
const TICK_MS = 5;

for (const [name, code] of Object.entries(FLOODS)) {
  Deno.test(`Call of ${name} lets timers fire and ends at its deadline`, async () => {
    let last = performance.now();
    let longest = 0;
    let ticks = 0;
    const timer = setInterval(() => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      ticks++;
    }, TICK_MS);
    const start = performance.now();
    try {
      const error = await assertRejects(
        () => callsOn(worldWith(code), { timeoutMs: 500 }).call({ to: CONTRACT }),
        RpcError,
      );
      assert(["execution aborted (timeout = 500ms)", "out of gas"].includes(error.message), error.message);
    } finally {
      clearInterval(timer);
      machine.close();
    }
    assertLess(performance.now() - start, 500 + MAX_GAP_MS);
    assertLess(longest, MAX_GAP_MS);
    // A call that was over sooner had fewer turns to give.
    assert(ticks >= Math.floor((performance.now() - start) / TICK_MS / 20), `${ticks} ticks`);
  });
}

Deno.test("Run that is cut off leaves its world as it was, and the machine usable", async () => {
  const world = worldWith(`60015f55${HASHES_FROM_4}`);
  const root = world.root();
  await assertRejects(
    () =>
      machine.run(world, env, (execution) => applyMessage(execution, messageWith({ gasLimit: 16_000_000n })), {
        deadline: performance.now() + 30,
      }),
    RunAborted,
  );
  assertEquals(world.root(), root);
  assertEquals(world.nonce(ALICE), 0n);
  assertEquals(
    await callsOn(worldWith("5a5f5260205ff3"), { gasCap: 30_000n }).call({ to: CONTRACT }),
    `0x${(8998).toString(16).padStart(64, "0")}`,
  );
});

Deno.test("Call ends when its caller is gone", async () => {
  const gone = new AbortController();
  const call = callsOn(worldWith("5b5f56"), { timeoutMs: 0, gasCap: 0n }).call({ to: CONTRACT }, {
    signal: gone.signal,
  });
  setTimeout(() => gone.abort(), 20);
  const error = await assertRejects(() => call, RpcError);
  assertEquals(error.message, "execution aborted");
});

Deno.test("Run that waited until its caller was gone, or its time over, does not begin", async () => {
  for (const limits of [{ signal: AbortSignal.abort() }, { deadline: performance.now() }]) {
    let begun = false;
    const run = machine.run(worldWith(""), env, () => {
      begun = true;
      return Promise.resolve();
    }, limits);
    await assertRejects(() => run, RunAborted);
    assertEquals(begun, false);
  }
});

Deno.test("Call ends at its deadline in the middle of a single step", async () => {
  const start = performance.now();
  const error = await assertRejects(
    () => callsOn(worldWith(flood("0009", 213, BLAKE_INPUT)), { timeoutMs: 100 }).call({ to: CONTRACT }),
    RpcError,
  );
  machine.close();
  assertEquals(error.message, "execution aborted (timeout = 100ms)");
  assertLess(performance.now() - start, 100 + MAX_GAP_MS);
});

Deno.test("Call during the run of a block neither sees nor disturbs it", async () => {
  const world = worldWith("60015f54015f55");
  const run = new BlockRun(machine, world, env);
  await run.begin();
  const reader = callsOn(worldWith("5f545f5260205ff3"));
  for (let nonce = 0n; nonce < 5n; nonce++) {
    const [outcome, answer] = await Promise.all([
      run.transaction(transactionWith({ nonce }), ALICE),
      reader.call({ to: CONTRACT }),
    ]);
    assertEquals(outcome.receipt.status, true);
    assertEquals(answer, `0x${"0".repeat(64)}`);
  }
  const { world: after } = await run.finish();
  assertEquals(after.storage(CONTRACT, `0x${"0".repeat(64)}`), `0x${"5".padStart(64, "0")}`);
  assertEquals(after.nonce(ALICE), 5n);
});

Deno.test("Call that takes more memory than an instance may have says so, and the machine is usable", async () => {
  const calls = callsOn(worldWith("5f634000000052"), { gasCap: 0n, timeoutMs: 0 });
  const error = await assertRejects(() => calls.call({ to: CONTRACT }), RpcError);
  assertEquals([error.code, error.message], [-32000, "execution takes more memory than 1 GiB"]);
  assertEquals(await callsOn(worldWith("60015f5260205ff3")).call({ to: CONTRACT }), `0x${"1".padStart(64, "0")}`);
});
