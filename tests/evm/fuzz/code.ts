import type { Random } from "../../support/random.ts";
import { push } from "../assembly/assemble.ts";
import { type Opcode, opcode, OPCODES } from "../assembly/opcodes.ts";
import { anyAddress, anyLength, anyOffset, anyWord, precompile } from "./words.ts";

/** What a generated program may use. */
export interface CodeRules {
  readonly random: Random;
  /** Opcodes of the fork. */
  readonly known: readonly Opcode[];
  /** How many programs may still be nested as init code. */
  readonly nesting: number;
}

const MAX_STEPS = 24;
const MAX_INIT_CODE_STEPS = 6;
/** A call that gets more than this may loop through the whole budget of a scenario. */
const CALL_GAS = [
  0n,
  1n,
  100n,
  2_300n,
  2_301n,
  9_000n,
  30_000n,
  100_000n,
  1n << 32n,
  (1n << 64n) - 1n,
  (1n << 256n) - 1n,
];

/** Nothing, STOP, INVALID, and code that returns or reverts with a byte that may not begin deployed code (EIP-3541). */
const SHORT_INIT_CODES = [
  [],
  [0x00],
  [0xfe],
  [...push(0xefn), ...push(0n), opcode("mstore8"), ...push(1n), ...push(0n), opcode("return")],
  [...push(0xefn), ...push(0n), opcode("mstore8"), ...push(33n), ...push(0n), opcode("revert")],
];

/** A random program: pieces that make sense by themselves, an ending, and now and then nonsense. */
export function randomCode(rules: CodeRules, maxSteps = MAX_STEPS): number[] {
  const { random } = rules;
  const writer = new CodeWriter(rules);
  if (random.chance(0.03)) return Array.from({ length: random.below(60) }, () => random.below(256));
  const steps = 1 + random.below(maxSteps);
  for (let step = 0; step < steps; step++) writer.piece();
  writer.ending();
  return writer.code;
}

class CodeWriter {
  readonly code: number[] = [];
  readonly #rules: CodeRules;
  readonly #random: Random;
  /** Words that are on the stack if every opcode so far ran. */
  #depth = 0;

  constructor(rules: CodeRules) {
    this.#rules = rules;
    this.#random = rules.random;
  }

  piece(): void {
    const pieces: readonly [weight: number, write: () => void][] = [
      [24, () => this.#anyOpcode()],
      [10, () => this.#push(anyWord(this.#random))],
      [10, () => this.#storage()],
      [8, () => this.#memory()],
      [14, () => this.#call()],
      [5, () => this.#precompileCall()],
      [5, () => this.#create()],
      [4, () => this.#jump()],
      [2, () => this.#loop()],
      [5, () => this.#returnData()],
      [3, () => this.#log()],
      [1, () => this.#op("selfdestruct", [BigInt(anyAddress(this.#random))])],
      [1, () => this.#nonsense()],
    ];
    let at = this.#random.below(pieces.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, write] of pieces) {
      if ((at -= weight) < 0) return write();
    }
  }

  /** Shows what is on the stack and in memory, or stops some other way. */
  ending(): void {
    const random = this.#random;
    const kind = random.below(20);
    if (kind < 12) {
      if (this.#depth > 0 && random.chance(0.7)) this.#op("mstore", [0n]);
      this.#op(random.chance(0.8) ? "return" : "revert", [0n, BigInt(random.below(97))]);
    } else if (kind < 14) {
      this.#op(random.pick(["return", "revert"]), [anyOffset(random), anyLength(random)]);
    } else if (kind < 16) {
      this.#op("selfdestruct", [BigInt(anyAddress(random))]);
    } else if (kind < 18) {
      this.#op(random.pick(["stop", "invalid"]), []);
    }
  }

  #push(value: bigint): void {
    const width = this.#random.chance(0.05) ? 32 : 0;
    if (value === 0n && this.#knows("push0") && this.#random.chance(0.6)) this.code.push(opcode("push0"));
    else this.code.push(...push(value, width));
    this.#depth += 1;
  }

  /** Writes an opcode with these words on top, the last one deepest: `words[0]` is its first argument. */
  #op(name: string, words: readonly bigint[]): void {
    for (const word of [...words].reverse()) this.#push(word);
    const known = OPCODES.find((each) => each.name === name);
    this.code.push(opcode(name));
    if (known !== undefined) this.#depth += known.gives - known.takes;
    this.#depth = Math.max(0, this.#depth);
  }

  #knows(name: string): boolean {
    return this.#rules.known.some((each) => each.name === name);
  }

  #anyOpcode(): void {
    const random = this.#random;
    const chosen = random.chance(0.01) ? random.pick(OPCODES) : random.pick(this.#rules.known);
    // Halts now and then as well, but not in the middle of most programs.
    if (/^(stop|return|revert|invalid|selfdestruct|jump|jumpi)$/.test(chosen.name) && random.chance(0.9)) return;
    if (/^push[1-9]/.test(chosen.name)) {
      this.code.push(chosen.byte, ...Array.from({ length: chosen.byte - 0x5f }, () => random.below(256)));
      this.#depth += 1;
      return;
    }
    // An underflow now and then.
    const missing = random.chance(0.01) ? 0 : chosen.takes - this.#depth;
    if (missing > 0 || random.chance(0.6)) {
      for (let count = Math.min(chosen.takes, 7); count > 0; count--) this.#push(this.#operand(chosen, count));
      for (let more = chosen.takes - this.#depth; missing > 0 && more > 0; more--) this.#push(anyWord(random));
    }
    this.code.push(chosen.byte);
    this.#depth = Math.max(0, this.#depth + chosen.gives - chosen.takes);
  }

  #operand({ name }: Opcode, position: number): bigint {
    const random = this.#random;
    if (/copy|mload|mstore|keccak|log|create|calldataload/.test(name)) {
      return random.chance(0.5) ? anyOffset(random) : anyLength(random);
    }
    if (/call|ext|balance/.test(name)) return position < 3 ? BigInt(anyAddress(random)) : anyOffset(random);
    if (/load|store/.test(name)) return BigInt(random.below(4));
    if (name === "blockhash" || name === "blobhash") return BigInt(random.below(5));
    return anyWord(random);
  }

  #storage(): void {
    const random = this.#random;
    const slot = BigInt(random.below(3));
    const isTransient = this.#knows("tload") && random.chance(0.25);
    if (random.chance(0.7)) {
      this.#op(isTransient ? "tstore" : "sstore", [
        slot,
        random.chance(0.9) ? BigInt(random.below(3)) : anyWord(random),
      ]);
    } else {
      this.#op(isTransient ? "tload" : "sload", [slot]);
    }
  }

  #memory(): void {
    const random = this.#random;
    const offset = () => anyOffset(random);
    const length = () => anyLength(random);
    const kind = random.below(8);
    if (kind === 0) this.#op("mstore", [offset(), anyWord(random)]);
    else if (kind === 1) this.#op("mstore8", [offset(), anyWord(random)]);
    else if (kind === 2) this.#op("mload", [offset()]);
    else if (kind === 3) this.#op("keccak256", [offset(), length()]);
    else if (kind === 4) this.#op("calldatacopy", [offset(), offset(), length()]);
    else if (kind === 5) this.#op("codecopy", [offset(), offset(), length()]);
    else if (kind === 6) this.#op("extcodecopy", [BigInt(anyAddress(random)), offset(), offset(), length()]);
    else if (this.#knows("mcopy")) this.#op("mcopy", [offset(), offset(), length()]);
  }

  #call(): void {
    const random = this.#random;
    const names = ["call", "callcode", "delegatecall", "staticcall"].filter((name) => this.#knows(name));
    const name = random.chance(0.5) ? "call" : random.pick(names);
    const value = name === "call" || name === "callcode"
      ? [random.chance(0.6) ? 0n : random.chance(0.9) ? BigInt(random.below(3)) : anyWord(random)]
      : [];
    const ranges = [anyOffset(random), anyLength(random), anyOffset(random), anyLength(random)];
    this.#callWith(name, [BigInt(anyAddress(random)), ...value, ...ranges]);
  }

  /** A call whose gas is all there is, or a number. */
  #callWith(name: string, afterGas: readonly bigint[]): void {
    const random = this.#random;
    for (const word of [...afterGas].reverse()) this.#push(word);
    if (random.chance(0.6)) this.#op("gas", []);
    else this.#push(random.chance(0.8) ? random.pick(CALL_GAS) : BigInt(random.below(60_000)));
    this.#op(name, []);
  }

  /** Copies call data, which often is the input of a precompiled contract, and calls one. */
  #precompileCall(): void {
    const random = this.#random;
    this.#op("calldatasize", []);
    this.#push(0n);
    this.#push(0n);
    this.#op("calldatacopy", []);
    const name = this.#knows("staticcall") && random.chance(0.7) ? "staticcall" : "call";
    this.#push(BigInt(random.below(257)));
    this.#push(anyOffset(random));
    if (random.chance(0.7)) this.#op("calldatasize", []);
    else this.#push(anyLength(random));
    this.#push(0n);
    this.#callWith(name, [BigInt(precompile(random)), ...(name === "call" ? [BigInt(random.below(2))] : [])]);
  }

  #create(): void {
    const random = this.#random;
    const initCode = this.#initCode();
    for (let at = 0; at < initCode.length; at += 32) {
      const word = Uint8Array.from({ length: 32 }, (_, index) => initCode[at + index] ?? 0);
      this.#op("mstore", [BigInt(at), BigInt(`0x${word.toHex()}`)]);
    }
    const size = random.chance(0.9) ? BigInt(initCode.length) : anyLength(random);
    const value = random.chance(0.8) ? 0n : BigInt(random.below(3));
    if (this.#knows("create2") && random.chance(0.5)) {
      this.#op("create2", [value, 0n, size, BigInt(random.below(2))]);
    } else {
      this.#op("create", [value, 0n, size]);
    }
    if (random.chance(0.5)) {
      // Calls what was made, or nobody when nothing was.
      this.code.push(opcode("dup1"));
      this.#depth += 1;
      for (let word = 0; word < 5; word++) this.#push(0n);
      this.code.push(opcode("dup6"));
      this.#depth += 1;
      this.#op("gas", []);
      this.#op("call", []);
    }
  }

  /** Init code: returns a small runtime, something that may not be deployed, or does what any program does. */
  #initCode(): number[] {
    const { random, nesting } = this.#rules;
    const inner = { ...this.#rules, nesting: nesting - 1 };
    if (nesting <= 0 || random.chance(0.2)) return random.pick(SHORT_INIT_CODES);
    if (random.chance(0.3)) return randomCode(inner, MAX_INIT_CODE_STEPS);
    const runtime = random.chance(0.1)
      ? random.pick([[0xef], [0xef, 0x01, 0x00], new Array<number>(300).fill(0x5b)])
      : randomCode(inner, MAX_INIT_CODE_STEPS);
    // Copies what follows these twelve bytes to memory, and returns it.
    return [...push(BigInt(runtime.length), 2), 0x80, ...push(12n), ...push(0n), 0x39, ...push(0n), 0xf3, ...runtime];
  }

  #jump(): void {
    const random = this.#random;
    const skipped = Array.from({ length: random.below(6) }, () => random.below(256));
    const target = this.code.length + 4 + skipped.length + (random.chance(0.05) ? 1 : 0);
    if (random.chance(0.5)) {
      this.code.push(...push(BigInt(target), 2), opcode("jump"), ...skipped, opcode("jumpdest"));
    } else {
      this.#push(random.chance(0.5) ? 0n : anyWord(random));
      const goal = this.code.length + 4;
      this.code.push(...push(BigInt(goal), 2), opcode("jumpi"), opcode("jumpdest"));
      this.#depth -= 1;
    }
  }

  /** Counts down from a small number. */
  #loop(): void {
    this.#push(BigInt(1 + this.#random.below(6)));
    const start = this.code.length;
    this.code.push(opcode("jumpdest"), ...push(1n), 0x90, 0x03, 0x80, ...push(BigInt(start), 2), opcode("jumpi"));
  }

  #returnData(): void {
    const random = this.#random;
    if (!this.#knows("returndatasize")) return;
    const kind = random.below(4);
    if (kind < 3) this.#op("returndatasize", []);
    if (kind === 2) {
      this.#push(0n);
      this.#push(anyOffset(random));
      this.#op("returndatacopy", []);
    } else if (kind === 3) {
      this.#op("returndatacopy", [anyOffset(random), anyOffset(random), anyLength(random)]);
    }
  }

  #log(): void {
    const random = this.#random;
    const topics = random.below(5);
    const words = Array.from({ length: topics }, () => anyWord(random));
    this.#op(`log${topics}`, [anyOffset(random), anyLength(random), ...words]);
  }

  #nonsense(): void {
    for (let count = 1 + this.#random.below(4); count > 0; count--) this.code.push(this.#random.below(256));
  }
}
