import { opcode } from "./opcodes.ts";

/** The bytes of `PUSH value`; the shortest form unless a width is given. PUSH0 is not used: it is not in every fork. */
export function push(value: bigint, width = 0): number[] {
  const digits = value.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const bytes = Uint8Array.fromHex(even.padStart(width * 2, "0"));
  return [opcode("push1") + bytes.length - 1, ...bytes];
}

/**
 * Assembles words into code: numbers are pushed (`5` in the shortest form, `0x00ff` with all its digits), names are opcodes,
 * `:here` is a JUMPDEST and `@here` pushes its position.
 *
 * @example
 * ```ts
 * assemble(":again 7 pop @again jump"); // 5b600750 610000 56
 * ```
 */
export function assemble(source: string): Uint8Array {
  const code: number[] = [];
  const labels = new Map<string, number>();
  const references: (readonly [at: number, label: string])[] = [];
  for (const token of source.split(/\s+/).filter((each) => each !== "")) {
    if (token.startsWith(":")) {
      labels.set(token.slice(1), code.length);
      code.push(opcode("jumpdest"));
    } else if (token.startsWith("@")) {
      references.push([code.length + 1, token.slice(1)]);
      code.push(opcode("push2"), 0, 0);
    } else if (/^[0-9]/.test(token)) {
      code.push(...push(BigInt(token), token.startsWith("0x") ? (token.length - 2) >> 1 : 0));
    } else {
      code.push(opcode(token));
    }
  }
  const bytes = Uint8Array.from(code);
  for (const [at, label] of references) {
    const target = labels.get(label);
    if (target === undefined) throw new Error(`no label :${label}`);
    new DataView(bytes.buffer).setUint16(at, target);
  }
  return bytes;
}
