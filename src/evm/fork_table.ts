import * as layout from "./core/layout.ts";
import { type Fork, forkHasEip, forkRank, isSince, type Rules } from "./forks.ts";
import type { Instance } from "./instance.ts";
import { MAX_CODE_BYTES, MAX_INIT_CODE_BYTES } from "../primitives/limits.ts";

/** One opcode of a fork: its constant gas, the words that it takes and those that it leaves (geth's core/vm/jump_table.go). */
type OpRow = readonly [op: number, gas: number, takes: number, leaves: number];

interface ForkRow {
  /** Opcodes that are new, or cost something else. */
  readonly ops?: readonly OpRow[];
  /** Parameters that change, by their number in the core's table. */
  readonly rules?: { readonly [number: number]: number };
  /** Flags of the core that are on from here. */
  readonly flags?: number;
}

const STACK_WORDS = 1024;

/** PUSH1 to PUSH32, DUP1 to DUP16, SWAP1 to SWAP16. */
const NUMBERED: readonly OpRow[] = [
  ...Array.from({ length: 32 }, (_, n): OpRow => [0x60 + n, 3, 0, 1]),
  ...Array.from({ length: 16 }, (_, n): OpRow => [0x80 + n, 3, n + 1, n + 2]),
  ...Array.from({ length: 16 }, (_, n): OpRow => [0x90 + n, 3, n + 2, n + 2]),
];

// deno-fmt-ignore
const FRONTIER: readonly OpRow[] = [
  [0x00, 0, 0, 0], [0x01, 3, 2, 1], [0x02, 5, 2, 1], [0x03, 3, 2, 1], [0x04, 5, 2, 1], [0x05, 5, 2, 1], [0x06, 5, 2, 1],
  [0x07, 5, 2, 1], [0x08, 8, 3, 1], [0x09, 8, 3, 1], [0x0a, 0, 2, 1], [0x0b, 5, 2, 1],
  [0x10, 3, 2, 1], [0x11, 3, 2, 1], [0x12, 3, 2, 1], [0x13, 3, 2, 1], [0x14, 3, 2, 1], [0x15, 3, 1, 1], [0x16, 3, 2, 1],
  [0x17, 3, 2, 1], [0x18, 3, 2, 1], [0x19, 3, 1, 1], [0x1a, 3, 2, 1], [0x20, 30, 2, 1],
  [0x30, 2, 0, 1], [0x31, 20, 1, 1], [0x32, 2, 0, 1], [0x33, 2, 0, 1], [0x34, 2, 0, 1], [0x35, 3, 1, 1], [0x36, 2, 0, 1],
  [0x37, 3, 3, 0], [0x38, 2, 0, 1], [0x39, 3, 3, 0], [0x3a, 2, 0, 1], [0x3b, 20, 1, 1], [0x3c, 20, 4, 0],
  [0x40, 20, 1, 1], [0x41, 2, 0, 1], [0x42, 2, 0, 1], [0x43, 2, 0, 1], [0x44, 2, 0, 1], [0x45, 2, 0, 1],
  [0x50, 2, 1, 0], [0x51, 3, 1, 1], [0x52, 3, 2, 0], [0x53, 3, 2, 0], [0x54, 50, 1, 1], [0x55, 0, 2, 0], [0x56, 8, 1, 0],
  [0x57, 10, 2, 0], [0x58, 2, 0, 1], [0x59, 2, 0, 1], [0x5a, 2, 0, 1], [0x5b, 1, 0, 0],
  ...NUMBERED,
  [0xa0, 0, 2, 0], [0xa1, 0, 3, 0], [0xa2, 0, 4, 0], [0xa3, 0, 5, 0], [0xa4, 0, 6, 0],
  [0xf0, 32_000, 3, 1], [0xf1, 40, 7, 1], [0xf2, 40, 7, 1], [0xf3, 0, 2, 0], [0xff, 0, 1, 0],
];

/** The changes of the core by fork. A fork that is not listed changes nothing. */
const ROWS: { readonly [fork in Fork]?: ForkRow } = {
  chainstart: {
    ops: FRONTIER,
    rules: {
      [layout.RULE_SSTORE_SET]: 20_000,
      [layout.RULE_SSTORE_RESET]: 5_000,
      [layout.RULE_SSTORE_REFUND]: 15_000,
      [layout.RULE_SELFDESTRUCT_REFUND]: 24_000,
      [layout.RULE_EXP_BYTE]: 10,
    },
  },
  homestead: { ops: [[0xf4, 40, 6, 1]], flags: layout.FLAG_HOMESTEAD },
  tangerineWhistle: {
    ops: [
      ...([[0x31, 400, 1, 1], [0x3b, 700, 1, 1], [0x3c, 700, 4, 0], [0x54, 200, 1, 1]] as const),
      ...([[0xf1, 700, 7, 1], [0xf2, 700, 7, 1], [0xf4, 700, 6, 1]] as const),
    ],
    rules: { [layout.RULE_SELFDESTRUCT]: 5_000 },
    flags: layout.FLAG_EIP150,
  },
  spuriousDragon: {
    rules: { [layout.RULE_EXP_BYTE]: 50, [layout.RULE_MAX_CODE_BYTES]: MAX_CODE_BYTES },
    flags: layout.FLAG_EIP161,
  },
  byzantium: { ops: [[0x3d, 2, 0, 1], [0x3e, 3, 3, 0], [0xfa, 700, 6, 1], [0xfd, 0, 2, 0]] },
  constantinople: {
    ops: [[0x1b, 3, 2, 1], [0x1c, 3, 2, 1], [0x1d, 3, 2, 1], [0x3f, 400, 1, 1], [0xf5, 32_000, 4, 1]],
    rules: { [layout.RULE_SSTORE_NOOP]: 200 },
    flags: layout.FLAG_NET_SSTORE,
  },
  istanbul: {
    ops: [[0x31, 700, 1, 1], [0x3f, 700, 1, 1], [0x46, 2, 0, 1], [0x47, 5, 0, 1], [0x54, 800, 1, 1]],
    rules: { [layout.RULE_SSTORE_NOOP]: 800, [layout.RULE_SSTORE_SENTRY]: 2_300 },
    flags: layout.FLAG_NET_SSTORE,
  },
  berlin: {
    ops: [
      ...([[0x31, 100, 1, 1], [0x3b, 100, 1, 1], [0x3c, 100, 4, 0], [0x3f, 100, 1, 1], [0x54, 0, 1, 1]] as const),
      ...([[0xf1, 100, 7, 1], [0xf2, 100, 7, 1], [0xf4, 100, 6, 1], [0xfa, 100, 6, 1], [0xff, 5_000, 1, 0]] as const),
    ],
    rules: {
      [layout.RULE_COLD_ACCOUNT]: 2_600,
      [layout.RULE_WARM]: 100,
      [layout.RULE_COLD_SLOT]: 2_100,
      [layout.RULE_SSTORE_NOOP]: 100,
      [layout.RULE_SSTORE_RESET]: 2_900,
      [layout.RULE_SELFDESTRUCT]: 0,
    },
    flags: layout.FLAG_EIP2929,
  },
  london: {
    ops: [[0x48, 2, 0, 1]],
    rules: { [layout.RULE_SSTORE_REFUND]: 4_800, [layout.RULE_SELFDESTRUCT_REFUND]: 0 },
    flags: layout.FLAG_EIP3541,
  },
  shanghai: {
    ops: [[0x5f, 2, 0, 1]],
    rules: { [layout.RULE_MAX_INIT_CODE_BYTES]: MAX_INIT_CODE_BYTES, [layout.RULE_INIT_CODE_WORD]: 2 },
  },
  cancun: {
    ops: [[0x49, 3, 1, 1], [0x4a, 2, 0, 1], [0x5c, 100, 1, 1], [0x5d, 100, 2, 0], [0x5e, 3, 3, 0]],
    flags: layout.FLAG_EIP6780,
  },
  prague: { flags: layout.FLAG_EIP7702 },
  osaka: { ops: [[0x1e, 5, 1, 1]] },
};

/** The core's tables for one fork. */
interface Tables {
  readonly ops: Uint8Array;
  readonly rules: Uint8Array;
}

const tables = new Map<Fork, Tables>();

/** Gives a core the tables of a fork, and the limits on code where they are not EIP-170's. */
export function setFork(instance: Instance, { fork, maxCodeBytes }: Rules): void {
  let built = tables.get(fork);
  if (built === undefined) tables.set(fork, built = build(fork));
  instance.bytes.set(built.ops, layout.OPS);
  instance.bytes.set(built.rules, layout.RULES);
  if (maxCodeBytes === MAX_CODE_BYTES) return;
  if (forkHasEip(fork, 170)) setRule(instance, layout.RULE_MAX_CODE_BYTES, maxCodeBytes);
  if (forkHasEip(fork, 3860)) setRule(instance, layout.RULE_MAX_INIT_CODE_BYTES, 2 * maxCodeBytes);
}

function setRule(instance: Instance, number: number, value: number): void {
  const { buffer, byteOffset } = instance.bytes;
  new DataView(buffer, byteOffset).setUint32(layout.RULES + number * 4, value, true);
}

function build(fork: Fork): Tables {
  const ops = new DataView(new ArrayBuffer(256 * 8));
  const rules = new DataView(new ArrayBuffer(layout.RULE_COUNT * 4));
  for (let op = 0; op < 256; op++) setOp(ops, [op, layout.UNDEFINED_GAS, 0, 0]);
  let flags = 0;
  const names = (Object.keys(ROWS) as Fork[]).sort((a, b) => forkRank(a) - forkRank(b));
  for (const name of names) {
    if (!isSince(fork, name)) break;
    const row = ROWS[name];
    for (const op of row?.ops ?? []) setOp(ops, op);
    for (const [number, value] of Object.entries(row?.rules ?? {})) rules.setUint32(Number(number) * 4, value, true);
    flags |= row?.flags ?? 0;
  }
  // EIP-1716 takes back EIP-1283, which EIP-2200 brings again.
  if (isSince(fork, "petersburg") && !isSince(fork, "istanbul")) flags &= ~layout.FLAG_NET_SSTORE;
  rules.setUint32(layout.RULE_FLAGS * 4, flags, true);
  return { ops: new Uint8Array(ops.buffer), rules: new Uint8Array(rules.buffer) };
}

/** As the core has it: gas, the least stack in bytes, and how many bytes more it may be. */
function setOp(ops: DataView, [op, gas, takes, leaves]: OpRow): void {
  const most = STACK_WORDS + takes - leaves;
  ops.setUint32(op * 8, gas, true);
  ops.setUint16(op * 8 + 4, takes * layout.WORD_BYTES, true);
  ops.setUint16(op * 8 + 6, (most - takes) * layout.WORD_BYTES, true);
}
