import { assert, assertEquals, assertRejects } from "@std/assert";
import { BlockRun } from "../../src/evm/block_run.ts";
import { applyMessage } from "../../src/evm/transition.ts";
import { RpcError } from "../../src/rpc/error.ts";
import { ALICE, callsOn, CONTRACT, env, machine, messageWith, transactionWith, worldWith } from "./fixture.ts";
import { Machine } from "../../src/evm/machine.ts";
import { RunAborted } from "../../src/concurrency/pacer.ts";
import { TimeSlices } from "../../src/concurrency/time_slices.ts";

/** Calls a precompiled contract with `size` bytes of memory, for ever; its output is dropped, so that the input stays. */
function flood(address: string, size: number, prologue = ""): string {
  const start = (prologue.length / 2).toString(16).padStart(4, "0");
  return `${prologue}5b5f5f61${size.toString(16).padStart(4, "0")}5f61${address}5afa5061${start}56`;
}

/** 1,024 bytes to the power of 32 bytes, modulo 1,024 bytes. */
const MODEXP_INPUT = `6104005f526020602052610400604052${`7f${"ff".repeat(32)}610460527f${"ff".repeat(32)}610480`}52`;
/** Hashes 64 KB, for ever: some 300 us for 12,000 gas. The loop begins at the fifth byte of the code. */
const HASHES_FROM_4 = "5b61ffff5f2050600456";
/** 33,554,432 rounds of BLAKE2b. */
const BLAKE_INPUT = "630200000060e01b5f52";

/** Runs, the gas that each may use, and the least number of slices of two looks at the clock. */
const FLOODS: readonly {
  readonly name: string;
  readonly code: string;
  readonly gas: bigint;
  readonly slices: number;
}[] = [
  { name: "a loop", code: "5b5f56", gas: 50_000_000n, slices: 150 },
  { name: "calls that nest without end", code: "5b5f5f5f5f5f305af1505f56", gas: 50_000_000n, slices: 140 },
  { name: "pairings", code: flood("0008", 384), gas: 3_000_000n, slices: 24 },
  {
    name: "modular exponentiations",
    code: flood("0005", 96 + 2 * 1024 + 32, MODEXP_INPUT),
    gas: 3_000_000n,
    slices: 5,
  },
  { name: "recoveries", code: flood("0001", 128), gas: 2_000_000n, slices: 480 },
  { name: "hashes of 4 MB", code: "5b623fffff5f20505f56", gas: 50_000_000n, slices: 300 },
  { name: "exponentiations", code: `5b7f${"ff".repeat(32)}60030a505f56`, gas: 10_000_000n, slices: 30 },
  { name: "copies of 512 KB", code: "5b6207ffff5f5f375f56", gas: 50_000_000n, slices: 130 },
];

/**
 * A machine whose clock moves on by a millisecond with each look at it and by nothing else, so that looks are counted: the
 * test says the same on a fast machine and on a slow one.
 */
function countedMachine(): { counted: Machine; slices: TimeSlices } {
  let looks = 0;
  const now = () => looks++;
  const clock = { now, setTimer: () => ({ cancel() {}, unref() {} }) };
  const slices = new TimeSlices({ now, sliceMs: 2 });
  return { counted: new Machine({ clock, slices }), slices };
}

for (const { name, code, gas, slices: least } of FLOODS) {
  Deno.test(`Run of ${name} looks at the clock often enough to pause after each slice`, async () => {
    const { counted, slices } = countedMachine();
    const message = messageWith({ gasLimit: gas, skipTransactionChecks: true });
    try {
      const { error } = await counted.run(worldWith(code), env, (execution) => applyMessage(execution, message));
      assertEquals(error?.message, "out of gas");
      assert(slices.count >= least, `${slices.count} slices`);
    } finally {
      counted.close();
    }
  });
}

Deno.test("Run ends at its deadline", async () => {
  let time = 0;
  const clock = { now: () => time, setTimer: () => ({ cancel() {}, unref() {} }) };
  const counted = new Machine({ clock, slices: new TimeSlices({ now: () => time += 1, sliceMs: 5 }) });
  const message = messageWith({ gasLimit: 10n ** 12n, gasPrice: 0n, gasFeeCap: 0n, gasTipCap: 0n, noBaseFee: true });
  const error = await assertRejects(
    () =>
      counted.run(
        worldWith("5b5f56"),
        env,
        (execution) => applyMessage(execution, { ...message, skipTransactionChecks: true }),
        { deadline: 50 },
      ),
    RunAborted,
  );
  assertEquals(error.message, "execution timed out");
  assert(time >= 50 && time < 60, `${time}`);
});

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
  const error = await assertRejects(
    () => callsOn(worldWith(flood("0009", 213, BLAKE_INPUT)), { timeoutMs: 100 }).call({ to: CONTRACT }),
    RpcError,
  );
  machine.close();
  assertEquals(error.message, "execution aborted (timeout = 100ms)");
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
