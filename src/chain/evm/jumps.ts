const analyses = new WeakMap<Uint8Array, Uint8Array>();

/**
 * Which bytes of a code are jump destinations: 1 where a JUMPDEST is an instruction, not data of a PUSH. Kept for as long
 * as the code is; without that every call analyses the whole code again (a quarter of an eth_call, measured).
 */
export function jumpDestinations(code: Uint8Array): Uint8Array {
  let jumps = analyses.get(code);
  if (jumps === undefined) {
    jumps = new Uint8Array(code.length);
    for (let i = 0; i < code.length; i++) {
      const op = code[i] ?? 0;
      if (op >= 0x60 && op <= 0x7f) i += op - 0x5f;
      else if (op === 0x5b) jumps[i] = 1;
    }
    analyses.set(code, jumps);
  }
  return jumps;
}
