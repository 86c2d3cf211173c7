import type { Random } from "../support/random.ts";
import type { Seed } from "./seeds.ts";

/** JSON.rawJSON is in V8 and not yet in TypeScript's library. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

const QUANTITIES: readonly string[] = [
  "0x0",
  "0x1",
  "0x7f",
  "0x5208",
  "0x1fffffffffffff",
  "0x20000000000001",
  "0x7fffffffffffffff",
  "0xffffffffffffffff",
  "0x10000000000000000",
  `0x${"f".repeat(64)}`,
  `0x1${"0".repeat(64)}`,
];

const STRINGS: readonly string[] = [
  "",
  "0x",
  "0X1",
  "0x0",
  "0x01",
  "0x123",
  "0xzz",
  "latest",
  "pending",
  "earliest",
  "safe",
  "finalized",
  "1",
  "\ud800",
  "\u0000\n\u2028",
  "__proto__",
  "é".repeat(300),
  `0x${"00".repeat(20)}`,
  `0x${"00".repeat(19)}01`,
  `0x${"00".repeat(19)}05`,
  `0x${"00".repeat(18)}0100`,
  `0x${"ff".repeat(32)}`,
  `0x${"ab".repeat(50_000)}`,
  "x".repeat(70_000),
];

const NUMBERS: readonly string[] = [
  "0",
  "-0",
  "1",
  "-1",
  "0.5",
  "1e3",
  "1e309",
  "-1e-400",
  "255",
  "4294967296",
  "9007199254740993",
  "18446744073709551616",
  `1${"0".repeat(90)}`,
  `1${"0".repeat(400)}`,
];

const LITERALS: readonly unknown[] = [null, true, false, [], {}, [[]], [null], { __proto__: null, constructor: 1 }];

/** As many copies as a list gets at most. */
const MOST_COPIES = 3_000;
const MAX_COPIED_CHARACTERS = 1024 * 1024;
const MOST_LEVELS = 9_000;

/** Changes requests into ones that no client sends, and keeps most of each as it was. */
export class Mutation {
  readonly #random: Random;
  readonly #seeds: readonly Seed[];

  constructor(random: Random, seeds: readonly Seed[]) {
    this.#random = random;
    this.#seeds = seeds;
  }

  /** A request made from one or two seeds, with up to five changes. */
  request(): Seed {
    const random = this.#random;
    const seed = random.pick(this.#seeds);
    const method = random.chance(0.05) ? random.pick(this.#seeds).method : seed.method;
    let params: unknown = structuredClone(seed.params);
    for (let changes = random.below(6); changes > 0; changes--) params = this.#changed(params, 0);
    return { method, params: Array.isArray(params) && random.chance(0.98) ? params : [params] };
  }

  /** The value with one change somewhere inside. */
  #changed(value: unknown, depth: number): unknown {
    const random = this.#random;
    const isContainer = typeof value === "object" && value !== null;
    if (isContainer && random.chance(depth === 0 ? 0.9 : 0.75)) {
      return Array.isArray(value) ? this.#list(value, depth) : this.#object(value as Record<string, unknown>, depth);
    }
    return this.#instead(value);
  }

  #list(list: readonly unknown[], depth: number): unknown[] {
    const random = this.#random;
    const at = random.below(list.length + 1);
    if (at === list.length || random.chance(0.15)) {
      const item = random.chance(0.5) && list.length > 0 ? random.pick(list) : this.#instead(null);
      const copies = random.chance(0.02) ? random.below(mostCopies(item)) : 1;
      return [...list.slice(0, at), ...Array.from({ length: copies }, () => item), ...list.slice(at)];
    }
    if (random.chance(0.1)) return list.toSpliced(at, 1);
    return list.with(at, this.#changed(list[at], depth + 1));
  }

  #object(object: Record<string, unknown>, depth: number): Record<string, unknown> {
    const random = this.#random;
    const names = Object.keys(object);
    if (names.length === 0 || random.chance(0.2)) return { ...object, ...this.#foreignMembers() };
    const name = random.pick(names);
    const { [name]: value, ...others } = object;
    if (random.chance(0.15)) return others;
    if (random.chance(0.05)) return { ...others, [random.pick([name.toUpperCase(), ...STRINGS.slice(0, 19)])]: value };
    return { ...object, [name]: this.#changed(value, depth + 1) };
  }

  /** Members of an object of another request. */
  #foreignMembers(): Record<string, unknown> {
    const objects = this.#random.pick(this.#seeds).params.filter((param) =>
      typeof param === "object" && param !== null
    );
    if (objects.length === 0) return { [this.#random.pick(STRINGS)]: this.#instead(null) };
    const members = Object.entries(this.#random.pick(objects) as object);
    return members.length === 0 ? {} : Object.fromEntries([this.#random.pick(members)]);
  }

  /** Another value in the place of one. */
  #instead(value: unknown): unknown {
    const random = this.#random;
    switch (random.below(9)) {
      case 0:
      case 1:
        return random.pick(QUANTITIES);
      case 2:
        return random.pick(STRINGS);
      case 3:
        return rawJSON(random.pick(NUMBERS));
      case 4:
        return random.pick(LITERALS);
      case 5:
        return typeof value === "string" ? this.#hexNear(value) : random.pick(QUANTITIES);
      case 6:
        return `0x${this.#bytes(random.below(64))}`;
      case 7: {
        const { params } = random.pick(this.#seeds);
        return params.length === 0 ? null : structuredClone(random.pick(params));
      }
      default:
        return random.chance(0.03) ? nested(random.below(MOST_LEVELS), random.chance(0.5)) : [value];
    }
  }

  /** A hexadecimal text with some digits changed, or cut, or longer. */
  #hexNear(text: string): string {
    const random = this.#random;
    const at = random.below(text.length + 1);
    const digit = random.below(16).toString(16);
    if (random.chance(0.5)) return `${text.slice(0, at)}${digit}${text.slice(at + 1)}`;
    return random.chance(0.5) ? text.slice(0, at) : `${text}${digit.repeat(1 + random.below(64))}`;
  }

  #bytes(count: number): string {
    return Array.from({ length: count }, () => this.#random.below(256).toString(16).padStart(2, "0")).join("");
  }
}

/** Few enough copies that they make no message too large. */
function mostCopies(item: unknown): number {
  try {
    return Math.min(MOST_COPIES, Math.ceil(MAX_COPIED_CHARACTERS / JSON.stringify(item).length));
  } catch {
    return 1;
  }
}

/** Lists or objects in each other; as text, because JSON.stringify recurses. */
function nested(levels: number, lists: boolean): unknown {
  const [open, close] = lists ? ["[", "]"] : ['{"a":', "}"];
  return JSON.parse(`${open.repeat(levels)}1${close.repeat(levels)}`);
}

/** A larger message than --ws.max-message would close the connection. */
const MAX_CHARACTERS = 8 * 1024 * 1024;

/** The text of a call. */
export function requestText(id: number, { method, params }: Seed): string {
  const head = `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":`;
  try {
    const text = `${head}${JSON.stringify(params)}}`;
    return text.length > MAX_CHARACTERS ? `${head}[]}` : text;
  } catch {
    // Too deep for JSON.stringify, or a number of JSON.rawJSON in the wrong place.
    return `${head}[${"[".repeat(MOST_LEVELS)}${"]".repeat(MOST_LEVELS)}]}`;
  }
}
