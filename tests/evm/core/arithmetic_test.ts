import { assertEquals } from "@std/assert";
import { randomBytes, seeded } from "../../chain/seeded.ts";
import { push, returned } from "./program.ts";

const SIZE = 1n << 256n;

function unsigned(value: bigint): bigint {
  return BigInt.asUintN(256, value);
}

function signed(value: bigint): bigint {
  return BigInt.asIntN(256, value);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let factor = base, left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = unsigned(result * factor);
    factor = unsigned(factor * factor);
  }
  return result;
}

function signExtended(size: bigint, value: bigint): bigint {
  return size > 30n ? value : unsigned(BigInt.asIntN(Number(size) * 8 + 8, value));
}

type Model = (a: bigint, b: bigint, c: bigint) => bigint;

/** Each instruction as big integers have it; `a` is the top of the stack. */
const MODELS: { readonly [op: string]: { readonly takes: number; readonly model: Model } } = {
  "01": { takes: 2, model: (a, b) => a + b },
  "02": { takes: 2, model: (a, b) => a * b },
  "03": { takes: 2, model: (a, b) => a - b },
  "04": { takes: 2, model: (a, b) => b === 0n ? 0n : a / b },
  "05": { takes: 2, model: (a, b) => b === 0n ? 0n : signed(a) / signed(b) },
  "06": { takes: 2, model: (a, b) => b === 0n ? 0n : a % b },
  "07": { takes: 2, model: (a, b) => b === 0n ? 0n : signed(a) % signed(b) },
  "08": { takes: 3, model: (a, b, c) => c === 0n ? 0n : (a + b) % c },
  "09": { takes: 3, model: (a, b, c) => c === 0n ? 0n : a * b % c },
  "0a": { takes: 2, model: power },
  "0b": { takes: 2, model: signExtended },
  "10": { takes: 2, model: (a, b) => a < b ? 1n : 0n },
  "11": { takes: 2, model: (a, b) => a > b ? 1n : 0n },
  "12": { takes: 2, model: (a, b) => signed(a) < signed(b) ? 1n : 0n },
  "13": { takes: 2, model: (a, b) => signed(a) > signed(b) ? 1n : 0n },
  "14": { takes: 2, model: (a, b) => a === b ? 1n : 0n },
  "15": { takes: 1, model: (a) => a === 0n ? 1n : 0n },
  "16": { takes: 2, model: (a, b) => a & b },
  "17": { takes: 2, model: (a, b) => a | b },
  "18": { takes: 2, model: (a, b) => a ^ b },
  "19": { takes: 1, model: (a) => ~a },
  "1a": { takes: 2, model: (a, b) => a > 31n ? 0n : b >> (248n - a * 8n) & 255n },
  "1b": { takes: 2, model: (a, b) => a > 255n ? 0n : b << a },
  "1c": { takes: 2, model: (a, b) => a > 255n ? 0n : b >> a },
  "1d": { takes: 2, model: (a, b) => signed(b) >> (a > 255n ? 255n : a) },
  "1e": { takes: 1, model: (a) => a === 0n ? 256n : 256n - BigInt(a.toString(2).length) },
};

/** Words that find edges: short and long ones, powers of two and their neighbours, negative ones. */
function wordOf(next: () => number): bigint {
  const random = BigInt(`0x0${randomBytes(1 + next() % 32, next).toHex()}`);
  switch (next() % 8) {
    case 0:
      return BigInt(next() % 300);
    case 1:
      return unsigned((1n << BigInt(next() % 256)) - BigInt(next() % 3));
    case 2:
      return unsigned(-random);
    case 3:
      return SIZE - 1n - BigInt(next() % 3);
    case 4:
      return random >> BigInt(next() % 256) << BigInt(next() % 128) & (SIZE - 1n);
    default:
      return random;
  }
}

const ROUNDS = 40;
const PER_PROGRAM = 50;

for (const [op, { takes, model }] of Object.entries(MODELS)) {
  Deno.test(`Instruction 0x${op} does what big integers do in ${ROUNDS * PER_PROGRAM} cases`, async () => {
    const next = seeded(Number(`0x${op}`));
    for (let round = 0; round < ROUNDS; round++) {
      const cases = Array.from({ length: PER_PROGRAM }, () => [wordOf(next), wordOf(next), wordOf(next)] as const);
      const code = cases.map((words, index) => {
        const pushes = words.slice(0, takes).reverse().map(push).join("");
        return `${pushes}${op}61${(index * 32).toString(16).padStart(4, "0")}52`;
      });
      const output = await returned(`${code.join("")}61${(PER_PROGRAM * 32).toString(16).padStart(4, "0")}5ff3`);
      cases.forEach(([a, b, c], index) => {
        const got = BigInt(`0x${output.subarray(index * 32, index * 32 + 32).toHex()}`);
        assertEquals(got, unsigned(model(a, b, c)), `${a} ${b} ${c}`);
      });
    }
  });
}
