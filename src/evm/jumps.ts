/** What is known of a code by looking at it. */
export interface CodeAnalysis {
  /** The values of PUSH instructions by position, filled in as they run. */
  readonly pushes: (bigint | undefined)[];
  /** 1 where a JUMPDEST is an instruction and not data of a PUSH. */
  jumps(): Uint8Array;
}

const analyses = new WeakMap<Uint8Array, CodeAnalysis>();

/** Kept for as long as the code is; without that every call analyses it again (a quarter of an eth_call, measured). */
export function codeAnalysis(code: Uint8Array): CodeAnalysis {
  let analysis = analyses.get(code);
  if (analysis === undefined) {
    let jumps: Uint8Array | undefined;
    analysis = { pushes: [], jumps: () => jumps ??= jumpDestinations(code) };
    analyses.set(code, analysis);
  }
  return analysis;
}

function jumpDestinations(code: Uint8Array): Uint8Array {
  const jumps = new Uint8Array(code.length);
  for (let i = 0; i < code.length; i++) {
    const op = code[i] ?? 0;
    if (op >= 0x60 && op <= 0x7f) i += op - 0x5f;
    else if (op === 0x5b) jumps[i] = 1;
  }
  return jumps;
}

const SMALL: readonly bigint[] = Array.from({ length: 256 }, (_, value) => BigInt(value));

/** The value of a PUSH of `size` bytes after `pc`; code that ends early reads as zeros. */
export function pushValue(code: Uint8Array, pc: number, size: number): bigint {
  if (size === 1) return SMALL[code[pc + 1] ?? 0] ?? 0n;
  const hex = code.subarray(pc + 1, pc + 1 + size).toHex();
  return BigInt(`0x${hex.padEnd(size * 2, "0")}`);
}
