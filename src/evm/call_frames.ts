import "../state/no_env.ts";
import type { EVMResult, Message as EvmMessage } from "@ethereumjs/evm";
import type { Address, Hash } from "../eth/types.ts";
import { createdAddress } from "../primitives/created_address.ts";
import { keccak256 } from "../crypto/keccak.ts";
import { Halt, haltText } from "./halt.ts";
import type { Execution } from "./machine.ts";
import { OP } from "./opcodes.ts";
import type { Step, StepHook } from "./step.ts";
import { MAX_UINT64 } from "../primitives/uint.ts";
import { addressHex, bytesToHex, wordHex } from "../primitives/hex.ts";

/** What opens a frame, by the name of the instruction; the outermost is a CALL or a CREATE. */
export type FrameType = "CALL" | "CALLCODE" | "DELEGATECALL" | "STATICCALL" | "CREATE" | "CREATE2" | "SELFDESTRUCT";

/** A frame as it begins (geth's tracing.EnterHook). */
export interface FrameStart {
  readonly type: FrameType;
  readonly from: Address;
  readonly to: Address;
  readonly input: Uint8Array;
  readonly gas: bigint;
  /** Undefined for a STATICCALL. */
  readonly value: bigint | undefined;
  /** 0 is the outermost. */
  readonly depth: number;
}

/** How a frame ended (geth's tracing.ExitHook). */
export interface FrameEnd {
  readonly output: Uint8Array;
  readonly gasUsed: bigint;
  /** geth's text; undefined on success. */
  readonly error: string | undefined;
  /** The error is a REVERT, which hands its output on. */
  readonly isRevert: boolean;
  readonly depth: number;
}

export interface FrameLog {
  readonly address: Address;
  readonly topics: readonly Hash[];
  readonly data: Uint8Array;
}

/** Follows a run frame by frame, in the order of geth's hooks. */
export interface FrameObserver {
  enter(frame: FrameStart): void;
  exit(end: FrameEnd): void;
  /** A log that the innermost frame makes. */
  log(log: FrameLog): void;
}

const TYPE_OF: { readonly [op: number]: FrameType } = {
  [OP.create]: "CREATE",
  [OP.call]: "CALL",
  [OP.callCode]: "CALLCODE",
  [OP.delegateCall]: "DELEGATECALL",
  [OP.create2]: "CREATE2",
  [OP.staticCall]: "STATICCALL",
};

const ADDRESS_MASK = (1n << 160n) - 1n;
const MAX_DEPTH = 1024;
const CALL_STIPEND = 2300n;
const NO_BYTES = new Uint8Array(0);

/**
 * Turns what the library tells of a run into frames. It says nothing of calls that fail before they begin (too deep, or
 * without the funds) nor of SELFDESTRUCT, so those come from the instruction; a frame's type does as well.
 */
export class FrameWatcher {
  readonly #execution: Execution;
  readonly #observer: FrameObserver;
  /** The call or creation that the last instruction was. */
  #type: FrameType = "CALL";
  #depth = 0;

  constructor(execution: Execution, observer: FrameObserver) {
    this.#execution = execution;
    this.#observer = observer;
  }

  /** Runs `work` with the observer told of its frames; every instruction must go through `onStep`. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const { events } = this.#execution.vm;
    const before = (message: EvmMessage) => this.#enter(message);
    const after = (result: EVMResult) => this.#exit(result);
    events.on("beforeMessage", before);
    events.on("afterMessage", after);
    try {
      return await work();
    } finally {
      events.off("beforeMessage", before);
      events.off("afterMessage", after);
    }
  }

  readonly onStep: StepHook = (step) => {
    if (step.error !== undefined) return;
    const type = TYPE_OF[step.op];
    if (type !== undefined) this.#opens(step, type);
    else if (step.op === OP.selfDestruct) this.#selfDestructs(step);
    else if (step.op >= OP.log0 && step.op <= OP.log4) this.#observer.log(logOf(step));
  };

  #enter(message: EvmMessage): void {
    const depth = message.depth;
    const type = depth > 0 ? this.#type : message.to === undefined ? "CREATE" : "CALL";
    this.#depth = depth;
    const isCreation = message.to === undefined;
    const caller = bytesToHex(message.caller.bytes);
    // The library runs borrowed code as a call from the outer caller to the borrower; geth names borrower and lender.
    const isBorrowed = type === "DELEGATECALL" || type === "CALLCODE";
    this.#observer.enter({
      type,
      from: isBorrowed && message.to !== undefined ? bytesToHex(message.to.bytes) : caller,
      to: isCreation ? this.#creationAddress(message, caller) : bytesToHex(message.codeAddress.bytes),
      // Copies: what the library hands on is often a view of memory that goes on being used.
      input: message.data.slice(),
      gas: message.gasLimit,
      value: type === "STATICCALL" ? undefined : message.value,
      depth,
    });
  }

  #exit({ execResult, createdAddress: created }: EVMResult): void {
    const { exceptionError } = execResult;
    const isRevert = exceptionError?.error === "revert";
    this.#observer.exit({
      output: exceptionError === undefined || isRevert ? execResult.returnValue.slice() : NO_BYTES,
      gasUsed: execResult.executionGasUsed,
      error: exceptionError === undefined ? undefined : endText(exceptionError, created !== undefined),
      isRevert,
      depth: this.#depth--,
    });
  }

  #creationAddress(message: EvmMessage, caller: Address): Address {
    if (message.salt !== undefined) return create2Address(caller, { salt: message.salt, initCode: message.data });
    // The nonce has been counted up already.
    return createdAddress(caller, (this.#execution.state.account(caller)?.nonce ?? 1n) - 1n);
  }

  #opens(step: Step, type: FrameType): void {
    this.#type = type;
    const { _env: env } = step.frame;
    const from = bytesToHex(env.address.bytes);
    const { state } = this.#execution;
    const isCreation = type === "CREATE" || type === "CREATE2";
    const spends = isCreation || type === "CALL" || type === "CALLCODE";
    const value = spends ? item(step, isCreation ? 0 : 2) : type === "DELEGATECALL" ? env.callValue : 0n;
    let error: string | undefined;
    if (env.depth >= MAX_DEPTH) error = "max call depth exceeded";
    else if (spends && value > state.balance(from)) error = "insufficient balance for transfer";
    else if (isCreation && state.account(from)?.nonce === MAX_UINT64) error = "nonce uint64 overflow";
    if (error === undefined) return;
    const stipend = spends && !isCreation && value !== 0n ? CALL_STIPEND : 0n;
    const depth = env.depth + 1;
    this.#observer.enter({
      type,
      from,
      to: isCreation ? creationAddressOf(step, { from, nonce: state.account(from)?.nonce ?? 0n }) : addressAt(step, 1),
      input: inputOf(step, type),
      gas: (step.forwarded ?? 0n) + stipend,
      value: type === "STATICCALL" ? undefined : value,
      depth,
    });
    this.#observer.exit({ output: NO_BYTES, gasUsed: 0n, error, isRevert: false, depth });
  }

  #selfDestructs(step: Step): void {
    const from = bytesToHex(step.frame._env.address.bytes);
    const depth = step.frame._env.depth + 1;
    const value = this.#execution.state.balance(from);
    this.#observer.enter({
      type: "SELFDESTRUCT",
      from,
      to: addressAt(step, 0),
      input: NO_BYTES,
      gas: 0n,
      value,
      depth,
    });
    this.#observer.exit({ output: NO_BYTES, gasUsed: 0n, error: undefined, isRevert: false, depth });
  }
}

/** An item of the stack, 0 being the top. */
export function item(step: Step, index: number): bigint {
  const { _store: stack, _len: size } = step.frame._runState.stack;
  return stack[size - 1 - index] ?? 0n;
}

/** An item of the stack as an address. */
export function addressAt(step: Step, index: number): Address {
  return addressHex(item(step, index) & ADDRESS_MASK);
}

/** A range of the memory, zero where it has not grown to yet; what it costs has been paid for when this is asked. */
function memoryAt(step: Step, range: { readonly offset: bigint; readonly size: bigint }): Uint8Array {
  const bytes = new Uint8Array(Number(range.size));
  if (bytes.length !== 0) {
    const held = Number(step.memoryWords) * 32;
    const start = Number(range.offset);
    bytes.set(step.frame._runState.memory._store.subarray(Math.min(start, held), Math.min(start + bytes.length, held)));
  }
  return bytes;
}

/** Where the CREATE or CREATE2 that is about to run puts its contract. */
export function creationAddressOf(
  step: Step,
  { from, nonce }: { readonly from: Address; readonly nonce: bigint },
): Address {
  if (step.op === OP.create) return createdAddress(from, nonce);
  const salt = Uint8Array.fromHex(wordHex(item(step, 3)).slice(2));
  return create2Address(from, { salt, initCode: memoryAt(step, { offset: item(step, 1), size: item(step, 2) }) });
}

/** EIP-1014. */
function create2Address(
  from: Address,
  { salt, initCode }: { readonly salt: Uint8Array; readonly initCode: Uint8Array },
): Address {
  const preimage = `ff${from.slice(2)}${salt.toHex()}${keccak256(initCode).toHex()}`;
  return `0x${keccak256(Uint8Array.fromHex(preimage)).toHex().slice(24)}`;
}

function inputOf(step: Step, type: FrameType): Uint8Array {
  const at = type === "CREATE" || type === "CREATE2" ? 1 : type === "CALL" || type === "CALLCODE" ? 3 : 2;
  return memoryAt(step, { offset: item(step, at), size: item(step, at + 1) });
}

function logOf(step: Step): FrameLog {
  return {
    address: bytesToHex(step.frame._env.address.bytes),
    topics: Array.from({ length: step.op - OP.log0 }, (_, index) => wordHex(item(step, 2 + index))),
    data: memoryAt(step, { offset: item(step, 0), size: item(step, 1) }),
  };
}

/** As message.ts: a deposit of code that could not be paid does not come from the loop. */
function endText(error: { readonly error: string }, isCreation: boolean): string {
  const isDeposit = isCreation && error.error === "out of gas" && !(error instanceof Halt);
  return isDeposit ? "contract creation code storage out of gas" : haltText(error);
}
