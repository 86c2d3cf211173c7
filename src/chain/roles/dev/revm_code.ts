import type { Address, Data } from "../../../eth/types.ts";
import { bytesToHex, hexToBytes } from "../../../primitives/hex.ts";
import { delegateOf } from "../../../primitives/delegation.ts";

/** revm's Bytecode as serde writes it; states of old blocks have it in anvil's dumps. */
export type RevmCode =
  | {
    readonly LegacyAnalyzed: {
      /** The code, with zeros after it, so that the last instruction is complete and a STOP follows. */
      readonly bytecode: Data;
      readonly original_len: number;
      readonly jump_table: {
        readonly order: "bitvec::order::Lsb0";
        readonly head: { readonly width: 8; readonly index: 0 };
        readonly bits: number;
        readonly data: readonly number[];
      };
    };
  }
  | { readonly Eip7702: { readonly delegated_address: Address; readonly version: 0; readonly raw: Data } };

const [STOP, JUMPDEST, PUSH1, PUSH32] = [0x00, 0x5b, 0x60, 0x7f] as const;

/** Writes code in revm's form, with its jump destinations. */
export function revmCode(code: Uint8Array): RevmCode {
  const hex = bytesToHex(code);
  const delegate = delegateOf(code);
  if (delegate !== undefined) return { Eip7702: { delegated_address: delegate, version: 0, raw: hex } };
  const table = new Uint8Array(Math.ceil(code.length / 8));
  let last: number = code.length === 0 ? JUMPDEST : STOP;
  let at = 0;
  while (at < code.length) {
    last = code[at] ?? STOP;
    if (last === JUMPDEST) table[at >> 3] = (table[at >> 3] ?? 0) | (1 << (at & 7));
    at += last >= PUSH1 && last <= PUSH32 ? last - PUSH1 + 2 : 1;
  }
  const padding = at - code.length + (last === STOP ? 0 : 1);
  return {
    LegacyAnalyzed: {
      bytecode: `${hex}${"00".repeat(padding)}`,
      original_len: code.length,
      jump_table: {
        order: "bitvec::order::Lsb0",
        head: { width: 8, index: 0 },
        bits: code.length,
        data: [...table],
      },
    },
  };
}

/** Reads code in revm's form; absent code is empty. */
export function codeOfRevm(code: Partial<Record<string, unknown>> | null | undefined): Uint8Array {
  if (code === null || code === undefined) return new Uint8Array(0);
  if ("Eip7702" in code) return hexToBytes((code.Eip7702 as { raw: Data }).raw);
  const { bytecode, original_len: length } = code.LegacyAnalyzed as { bytecode: Data; original_len: number };
  return hexToBytes(bytecode).subarray(0, length);
}
