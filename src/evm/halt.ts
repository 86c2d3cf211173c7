import * as layout from "./core/layout.ts";
import { opcodeName } from "./opcode_names.ts";

/** The reason why a frame halted: the core's code, and the values in its text. */
export interface HaltReason {
  /** `HALT_…` of core/layout.ts. */
  readonly code: number;
  readonly op: number;
  readonly value: bigint;
  readonly limit: bigint;
  /** The message of a precompiled contract. */
  readonly precompile: string | undefined;
}

const OUT_OF_GAS = "out of gas";

/** geth's words (core/vm/errors.go); what its gas functions refuse comes wrapped in `out of gas` (core/vm/interpreter.go). */
const TEXTS: { readonly [code: number]: string | ((reason: HaltReason) => string) } = {
  [layout.HALT_REVERT]: "execution reverted",
  [layout.HALT_OUT_OF_GAS]: OUT_OF_GAS,
  [layout.HALT_GAS_OVERFLOW]: `${OUT_OF_GAS}: gas uint64 overflow`,
  [layout.HALT_SIZE_OVERFLOW]: "gas uint64 overflow",
  [layout.HALT_STACK_UNDERFLOW]: ({ value, limit }) => `stack underflow (${value} <=> ${limit})`,
  [layout.HALT_STACK_OVERFLOW]: ({ value, limit }) => `stack limit reached ${value} (${limit})`,
  [layout.HALT_INVALID_OPCODE]: ({ op }) => `invalid opcode: ${opcodeName(op)}`,
  [layout.HALT_INVALID_JUMP]: "invalid jump destination",
  [layout.HALT_WRITE_PROTECTION]: "write protection",
  [layout.HALT_GAS_WRITE_PROTECTION]: `${OUT_OF_GAS}: write protection`,
  [layout.HALT_RETURN_DATA]: "return data out of bounds",
  [layout.HALT_SENTRY]: `${OUT_OF_GAS}: not enough gas for reentrancy sentry`,
  [layout.HALT_PART_OUT_OF_GAS]: `${OUT_OF_GAS}: ${OUT_OF_GAS}`,
  [layout.HALT_INIT_CODE_SIZE]: ({ value, limit }) =>
    `${OUT_OF_GAS}: max initcode size exceeded: code size ${value} limit ${limit}`,
  [layout.HALT_CODE_STORE_OUT_OF_GAS]: "contract creation code storage out of gas",
  [layout.HALT_CODE_SIZE]: ({ value, limit }) => `max code size exceeded: code size ${value} limit ${limit}`,
  [layout.HALT_INVALID_CODE]: "invalid code: must not begin with 0xef",
  [layout.HALT_DEPTH]: "max call depth exceeded",
  [layout.HALT_BALANCE]: "insufficient balance for transfer",
  [layout.HALT_COLLISION]: "contract address collision",
  [layout.HALT_NONCE_OVERFLOW]: "nonce uint64 overflow",
  [layout.HALT_PRECOMPILE]: ({ precompile }) => precompile ?? "precompiled contract failed",
};

/** geth's words for why an execution ended. */
export function haltText(reason: HaltReason): string {
  const text = TEXTS[reason.code];
  if (text === undefined) throw new RangeError(`no text for halt ${reason.code}`);
  return typeof text === "string" ? text : text(reason);
}

/** True for what geth's errors.Is takes for ErrOutOfGas. */
export function isOutOfGas(code: number): boolean {
  return OUT_OF_GAS_CODES.has(code);
}

const OUT_OF_GAS_CODES: ReadonlySet<number> = new Set([
  ...[layout.HALT_OUT_OF_GAS, layout.HALT_GAS_OVERFLOW, layout.HALT_GAS_WRITE_PROTECTION, layout.HALT_SENTRY],
  ...[layout.HALT_PART_OUT_OF_GAS, layout.HALT_INIT_CODE_SIZE],
]);
