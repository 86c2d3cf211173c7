/** The forks that brought opcodes, in their order. */
export const OPCODE_FORKS = [
  "chainstart",
  "homestead",
  "byzantium",
  "constantinople",
  "istanbul",
  "london",
  "shanghai",
  "cancun",
  "osaka",
] as const;

export interface Opcode {
  readonly name: string;
  readonly byte: number;
  /** How many words it takes from the stack. */
  readonly takes: number;
  /** How many words it leaves. */
  readonly gives: number;
  readonly since: (typeof OPCODE_FORKS)[number];
}

/** Name, byte, words taken, words given: the yellow paper's appendix H, and the EIPs since. */
const ROWS: Readonly<Record<Opcode["since"], string>> = {
  chainstart: `
    stop 00 0 0, add 01 2 1, mul 02 2 1, sub 03 2 1, div 04 2 1, sdiv 05 2 1, mod 06 2 1, smod 07 2 1, addmod 08 3 1,
    mulmod 09 3 1, exp 0a 2 1, signextend 0b 2 1, lt 10 2 1, gt 11 2 1, slt 12 2 1, sgt 13 2 1, eq 14 2 1,
    iszero 15 1 1, and 16 2 1, or 17 2 1, xor 18 2 1, not 19 1 1, byte 1a 2 1, keccak256 20 2 1, address 30 0 1,
    balance 31 1 1, origin 32 0 1, caller 33 0 1, callvalue 34 0 1, calldataload 35 1 1, calldatasize 36 0 1,
    calldatacopy 37 3 0, codesize 38 0 1, codecopy 39 3 0, gasprice 3a 0 1, extcodesize 3b 1 1, extcodecopy 3c 4 0,
    blockhash 40 1 1, coinbase 41 0 1, timestamp 42 0 1, number 43 0 1, difficulty 44 0 1, gaslimit 45 0 1, pop 50 1 0,
    mload 51 1 1, mstore 52 2 0, mstore8 53 2 0, sload 54 1 1, sstore 55 2 0, jump 56 1 0, jumpi 57 2 0, pc 58 0 1,
    msize 59 0 1, gas 5a 0 1, jumpdest 5b 0 0, log0 a0 2 0, log1 a1 3 0, log2 a2 4 0, log3 a3 5 0, log4 a4 6 0,
    create f0 3 1, call f1 7 1, callcode f2 7 1, return f3 2 0, invalid fe 0 0, selfdestruct ff 1 0`,
  homestead: "delegatecall f4 6 1",
  byzantium: "returndatasize 3d 0 1, returndatacopy 3e 3 0, staticcall fa 6 1, revert fd 2 0",
  constantinople: "shl 1b 2 1, shr 1c 2 1, sar 1d 2 1, extcodehash 3f 1 1, create2 f5 4 1",
  istanbul: "chainid 46 0 1, selfbalance 47 0 1",
  london: "basefee 48 0 1",
  shanghai: "push0 5f 0 1",
  cancun: "blobhash 49 1 1, blobbasefee 4a 0 1, tload 5c 1 1, tstore 5d 2 0, mcopy 5e 3 0",
  osaka: "clz 1e 1 1",
};

/** Every opcode, PUSH, DUP and SWAP included. */
export const OPCODES: readonly Opcode[] = [
  ...OPCODE_FORKS.flatMap((since) =>
    ROWS[since].split(",").map((row): Opcode => {
      const [name = "", byte = "", takes, gives] = row.trim().split(" ");
      return { name, byte: parseInt(byte, 16), takes: Number(takes), gives: Number(gives), since };
    })
  ),
  ...numbered("push", 0x60, 32, () => [0, 1]),
  ...numbered("dup", 0x80, 16, (depth) => [depth, depth + 1]),
  ...numbered("swap", 0x90, 16, (depth) => [depth + 1, depth + 1]),
];

const BYTE_OF: ReadonlyMap<string, number> = new Map(OPCODES.map(({ name, byte }) => [name, byte]));

/** The byte of an opcode by its name in lower case. */
export function opcode(name: string): number {
  const byte = BYTE_OF.get(name);
  if (byte === undefined) throw new Error(`no opcode is called ${name}`);
  return byte;
}

function numbered(name: string, first: number, count: number, words: (index: number) => readonly [number, number]) {
  return Array.from({ length: count }, (_, index): Opcode => {
    const [takes, gives] = words(index + 1);
    return { name: `${name}${index + 1}`, byte: first + index, takes, gives, since: "chainstart" };
  });
}
