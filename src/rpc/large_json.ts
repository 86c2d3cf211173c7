import { parseExactly } from "./exact_json.ts";

/** Pieces of about this size are parsed in one go: under 2 ms each. */
const PIECE_BYTES = 128 * 1024;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COLON = 0x3a;

/** A container that is larger than a piece, and so is put together here. */
type Container = unknown[] | Record<string, unknown>;

/** The elements, or members, of a container from one position up to another. */
interface Run {
  /** The position after the last whole element. */
  readonly end: number;
  /** True when the container ends there. */
  readonly isLast: boolean;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads JSON of any size, in UTF-8, a piece at a time with a chance for other work after each; integers beyond 2^53 are
 * bigint. Throws when the text is no JSON.
 */
export async function parseLargeJson(
  bytes: Uint8Array,
  { breathe, pieceBytes = PIECE_BYTES }: { breathe: () => Promise<void>; pieceBytes?: number },
): Promise<unknown> {
  if (bytes.length <= pieceBytes) return parse(bytes);
  const reader = new LargeReader(bytes, pieceBytes);
  while (!reader.step()) await breathe();
  return reader.value;
}

function parse(bytes: Uint8Array): unknown {
  return parseExactly(utf8.decode(bytes));
}

/** Builds the containers that are larger than a piece, from the outside in; V8 parses everything smaller. */
class LargeReader {
  readonly #bytes: Uint8Array;
  readonly #pieceBytes: number;
  /** The containers around the present position, the innermost last. */
  readonly #open: Container[] = [];
  #at = 0;
  #value: unknown;
  #hasBegun = false;
  /** True between an element and the comma or bracket behind it. */
  #isAfterElement = false;

  constructor(bytes: Uint8Array, pieceBytes: number) {
    this.#bytes = bytes;
    this.#pieceBytes = pieceBytes;
  }

  get value(): unknown {
    return this.#value;
  }

  /** Reads one piece; true at the end. */
  step(): boolean {
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#value = this.#large();
      return this.#isAtEnd();
    }
    const container = this.#open.at(-1);
    if (container === undefined) return this.#isAtEnd();
    this.#skipSpace();
    if (this.#isAfterElement) this.#goOn();
    else this.#elements(container);
    return this.#isAtEnd();
  }

  /** After an element comes a comma and another one, or the end of the container. */
  #goOn(): void {
    const next = this.#byte();
    this.#at += 1;
    if (next === COMMA) {
      this.#isAfterElement = false;
      this.#skipSpace();
      if (isClose(this.#byte())) throw new SyntaxError("an element is missing");
    } else if (isClose(next)) {
      this.#checkClose(next);
      this.#open.pop();
    } else {
      throw new SyntaxError("a comma is missing");
    }
  }

  /** Reads as many elements as fit into a piece, or one that does not. */
  #elements(container: Container): void {
    const { end, isLast } = this.#runOf();
    if (end === this.#at && !isLast) return this.#element(container);
    add(container, this.#pieceOf(container, end));
    this.#at = end;
    this.#isAfterElement = true;
  }

  #isAtEnd(): boolean {
    if (this.#open.length > 0) return false;
    this.#skipSpace();
    if (this.#at < this.#bytes.length) throw new SyntaxError("text follows the value");
    return true;
  }

  /** Finds as many whole elements of the innermost container as fit into a piece. */
  #runOf(): Run {
    const limit = this.#at + this.#pieceBytes;
    let depth = 0;
    let end = this.#at;
    for (let at = this.#at; at < this.#bytes.length; at++) {
      switch (this.#bytes[at]) {
        case QUOTE:
          at = this.#endOfString(at) - 1;
          break;
        case OPEN_ARRAY:
        case OPEN_OBJECT:
          depth += 1;
          break;
        case CLOSE_ARRAY:
        case CLOSE_OBJECT:
          if (depth === 0) return { end: at, isLast: true };
          depth -= 1;
          break;
        case COMMA:
          if (depth === 0) end = at;
          break;
      }
      if (at >= limit) return { end, isLast: false };
    }
    throw new SyntaxError("the text ends too early");
  }

  #checkClose(bracket: number | undefined): void {
    const isArray = Array.isArray(this.#open.at(-1));
    if ((bracket === CLOSE_ARRAY) !== isArray) throw new SyntaxError("a bracket does not match");
  }

  /** Parses the elements up to `end` as a container of their own. */
  #pieceOf(container: Container, end: number): unknown {
    const text = utf8.decode(this.#bytes.subarray(this.#at, end));
    if (text.trim() === "") {
      if (Object.keys(container).length > 0) throw new SyntaxError("an element is missing");
      return Array.isArray(container) ? [] : {};
    }
    return parseExactly(Array.isArray(container) ? `[${text}]` : `{${text}}`);
  }

  /** Reads one element that is larger than a piece. */
  #element(container: Container): void {
    this.#skipSpace();
    if (Array.isArray(container)) {
      container.push(this.#large());
      return;
    }
    const end = this.#endOfString(this.#at);
    const name = parse(this.#bytes.subarray(this.#at, end));
    if (typeof name !== "string") throw new SyntaxError("a member has no name");
    this.#at = end;
    this.#skipSpace();
    if (this.#byte() !== COLON) throw new SyntaxError("a member has no value");
    this.#at += 1;
    set(container, { name, value: this.#large() });
  }

  /** Begins a large value: a container is filled later, a string is read whole. */
  #large(): unknown {
    this.#skipSpace();
    const first = this.#byte();
    if (first === OPEN_ARRAY || first === OPEN_OBJECT) {
      const container: Container = first === OPEN_ARRAY ? [] : {};
      this.#open.push(container);
      this.#at += 1;
      this.#isAfterElement = false;
      return container;
    }
    const start = this.#at;
    this.#at = first === QUOTE ? this.#endOfString(start) : this.#endOfScalar(start);
    this.#isAfterElement = true;
    return parse(this.#bytes.subarray(start, this.#at));
  }

  /** Returns the position after the string that opens at `start`. */
  #endOfString(start: number): number {
    if (this.#bytes[start] !== QUOTE) throw new SyntaxError("a name has no quotes");
    let end = start;
    do {
      end = this.#bytes.indexOf(QUOTE, end + 1);
      if (end === -1) throw new SyntaxError("a string does not end");
    } while (this.#isEscaped(end));
    return end + 1;
  }

  /** Returns the position after a number, true, false or null. */
  #endOfScalar(start: number): number {
    let end = start;
    while (end < this.#bytes.length && !isClose(this.#bytes[end]) && this.#bytes[end] !== COMMA) end += 1;
    return end;
  }

  #isEscaped(at: number): boolean {
    let first = at;
    while (this.#bytes[first - 1] === BACKSLASH) first -= 1;
    return (at - first) % 2 === 1;
  }

  #byte(): number | undefined {
    return this.#bytes[this.#at];
  }

  #skipSpace(): void {
    for (
      let byte = this.#byte();
      byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
      byte = this.#byte()
    ) {
      this.#at += 1;
    }
  }
}

function isClose(byte: number | undefined): boolean {
  return byte === CLOSE_ARRAY || byte === CLOSE_OBJECT;
}

function add(container: Container, piece: unknown): void {
  if (Array.isArray(container)) {
    for (const item of piece as unknown[]) container.push(item);
    return;
  }
  for (const [name, value] of Object.entries(piece as Record<string, unknown>)) set(container, { name, value });
}

/** As JSON.parse does, also for a member that is called `__proto__`. */
function set(container: Record<string, unknown>, { name, value }: { name: string; value: unknown }): void {
  if (name !== "__proto__") container[name] = value;
  else Object.defineProperty(container, name, { value, writable: true, enumerable: true, configurable: true });
}
