import { assertEquals } from "@std/assert";
import { applyMessage } from "../../src/evm/transition.ts";
import { randomBytes, seeded } from "../chain/seeded.ts";
import { ALICE, bytes, CONTRACT, env, machine, messageWith, worldWith } from "./fixture.ts";

/** Runs a program with or without a tracer that looks at every instruction, and tells all that can be seen of it. */
async function outcome(code: Uint8Array, { traced, gas, data }: { traced: boolean; gas: bigint; data: Uint8Array }) {
  const world = worldWith("").withCode(CONTRACT, code);
  return await machine.run(world, env, async (execution) => {
    if (traced) execution.trace({ onStep() {}, onEnter() {}, onExit() {}, onLog() {} });
    const result = await applyMessage(execution, messageWith({ gasLimit: gas, data, value: 5n }));
    return {
      gasUsed: result.gasUsed,
      maxUsedGas: result.maxUsedGas,
      error: result.error,
      returned: result.returnData.toHex(),
      logs: result.logs.map((log) => [log.address, log.topics, log.data.toHex()]),
      root: execution.state.flush().root(),
    };
  });
}

/** Instructions that a random program is made of; jumps, calls and creations are made on purpose below. */
const PLAIN = [
  ...Array.from({ length: 12 }, (_, index) => index),
  ...Array.from({ length: 15 }, (_, index) => 0x10 + index),
  ...[0x20, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x40, 0x41],
  ...[0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x58, 0x59, 0x5a],
  ...[0x5b, 0x5c, 0x5d, 0x5e, 0x5f, 0x80, 0x81, 0x84, 0x90, 0x91, 0x93, 0xa0, 0xa1, 0xa2, 0xf1, 0xf0, 0xfa, 0xf4],
];

/** Values that find edges: zero, one, sizes, signs, all bits. */
const EDGES = ["00", "01", "02", "1f", "20", "21", "40", "ff", "0100", "7f", "80", "8000", "ffff"];

function program(next: () => number): Uint8Array {
  let code = "";
  const pick = <T>(items: readonly T[]): T => items[next() % items.length] as T;
  const push = (value: string) => {
    code += (0x5f + value.length / 2).toString(16) + value;
  };
  for (let i = 0; i < 12; i++) {
    if (next() % 4 === 0) push(randomBytes(32, next).toHex());
    else if (next() % 6 === 0) push("ff".repeat(32));
    else push(pick(EDGES));
  }
  for (let i = 0; i < 60; i++) {
    if (next() % 5 < 2) push(pick(EDGES));
    const op = pick(PLAIN);
    // STOP ends a program too early to be interesting.
    if (op !== 0) code += op.toString(16).padStart(2, "0");
    if (next() % 15 === 0) code += "5b";
  }
  return bytes(`${code}60406000${next() % 3 === 0 ? "fd" : "f3"}`);
}

Deno.test("A run that is traced does what one does that is not, in 600 random programs", async () => {
  const next = seeded(1);
  for (let round = 0; round < 600; round++) {
    const code = program(next);
    const data = randomBytes(next() % 80, next);
    const gas = round % 3 === 0 ? 25_000n + BigInt(next() % 40_000) : 400_000n;
    const [plain, traced] = [
      await outcome(code, { traced: false, gas, data }),
      await outcome(code, { traced: true, gas, data }),
    ];
    assertEquals(plain, traced, `program ${round}: ${code.toHex()}, gas ${gas}, data ${data.toHex()}`);
  }
  // Random calls reach precompiled contracts that run in the worker.
  machine.close();
});

/** Programs for what random ones hardly reach. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "a loop that counts to 100": "60005b60010180606410600256" + "00",
  "a jump into the data of a PUSH": "600456605b00",
  "a jump beyond the code": "61ffff56",
  "a jump to a word that is no index": `7f${"ff".repeat(32)}56`,
  "PUSH32 at the end of the code": "7f01",
  "a stack of 1024 and one more": `${"5f".repeat(1024)}80`,
  "a slot set, cleared and set again": "600160005560006000556002600055600160005500",
  "a slot written twice in the same call": "6001600055600260005560016000555a60005260206000f3",
  "memory at the edge of a word": "6001601f526020601f20600052604060003e",
  "return data out of bounds": "6001600060003e",
  "memory that costs more than there is": "63ffffffff51",
  "memory that no machine has": `7f${"ff".repeat(32)}51`,
  "MCOPY over itself":
    "7f0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20600052601f600160035e60606000f3",
  "a call of itself with value to the third depth": "60006000600060006001305af1600052602060003e00",
  "a creation that returns code": "6005600c60003960056000600af0600052602060006000f36001600155",
  "a selfdestruct": "73000000000000000000000000000000000000bbbbff",
  "transient storage through a call": "600160005d60005c60005260206000f3",
  "memory that a call paid for and did not write": "6160005f5f5f5f6012619000f15060205f615fe037615fe0515f5260205ff3",
  "gas that is left": "5a60005260206000f3",
  "a hash of a kilobyte": "61040060002060005260206000f3",
};

for (const [name, code] of Object.entries(PROGRAMS)) {
  Deno.test(`A run that is traced does what one does that is not, with ${name}`, async () => {
    for (const gas of [400_000n, 60_000n, 30_000n, 23_400n]) {
      const input = { gas, data: bytes("0102030405") };
      assertEquals(
        await outcome(bytes(code), { traced: false, ...input }),
        await outcome(bytes(code), { traced: true, ...input }),
        `gas ${gas}`,
      );
    }
  });
}

Deno.test("A run ends with geth's words", async () => {
  const text = async (code: string, gas = 100_000n) =>
    await machine.run(worldWith(code), env, async (execution) => {
      const result = await applyMessage(execution, messageWith({ gasLimit: gas }));
      return result.error?.message;
    });
  assertEquals(await text("fe"), "invalid opcode: INVALID");
  assertEquals(await text("0c"), "invalid opcode: opcode 0xc not defined");
  assertEquals(await text("6001" + "01"), "stack underflow (1 <=> 2)");
  assertEquals(await text(`${"5f".repeat(1024)}5f`), "stack limit reached 1024 (1023)");
  assertEquals(await text("600056"), "invalid jump destination");
  assertEquals(await text("5b600056", 30_000n), "out of gas");
  assertEquals(await text("6001600060003e"), "return data out of bounds");
  assertEquals(await text("5b60005460005500", 23_500n), "out of gas: not enough gas for reentrancy sentry");
  assertEquals(await text("60006000fd"), "execution reverted");
  assertEquals(await text(`7f${"ff".repeat(32)}51`), "gas uint64 overflow");
});

Deno.test("A run leaves gas exact when a call has more than a double holds", async () => {
  const gasLeft = await machine.run(worldWith("5a60005260206000f3"), env, async (execution) => {
    const result = await applyMessage(
      execution,
      messageWith({
        gasLimit: (1n << 63n) - 1n,
        gasPrice: 0n,
        gasFeeCap: 0n,
        gasTipCap: 0n,
        noBaseFee: true,
        skipTransactionChecks: true,
      }),
    );
    return BigInt(`0x${result.returnData.toHex()}`);
  });
  assertEquals(gasLeft, (1n << 63n) - 1n - 21_000n - 2n);
});

Deno.test("A run charges the sender for what it ran", async () => {
  const before = worldWith("6001600055");
  await machine.run(before, env, async (execution) => {
    const { gasUsed } = await applyMessage(execution, messageWith({}));
    assertEquals(gasUsed, 21_000n + 3n + 3n + 22_100n);
    const after = execution.state.flush();
    assertEquals(after.balance(ALICE), before.balance(ALICE) - gasUsed * 2_000_000_000n);
    assertEquals(after.storage(CONTRACT, `0x${"0".repeat(64)}`), `0x${"1".padStart(64, "0")}`);
  });
});
