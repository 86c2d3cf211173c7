import "../state/no_env.ts";
import type { Common } from "@ethereumjs/common";
import { createEVM, type EVM, type Log } from "@ethereumjs/evm";
import type { Account, Address as EvmAddress } from "@ethereumjs/util";
import type { Address } from "../eth/types.ts";
import type { StateManager } from "../state/manager.ts";

// The library's interpreter is not exported, and its fields are private to it. What this chain uses of them is written
// down here once; a version of the library that changes them fails the tests of evm/.

/** A frame's environment. */
export interface FrameEnv {
  readonly address: EvmAddress;
  readonly caller: EvmAddress;
  readonly callData: Uint8Array;
  readonly callValue: bigint;
  readonly code: Uint8Array;
  readonly codeAddress: EvmAddress;
  readonly isStatic: boolean;
  readonly isCreate: boolean;
  readonly depth: number;
  readonly gasPrice: bigint;
  readonly origin: EvmAddress;
  readonly block: unknown;
  readonly gasRefund: bigint;
  readonly blobVersionedHashes: readonly string[];
  readonly createdAddresses: Set<string> | undefined;
  contract: Account;
}

/** A frame's registers. */
export interface FrameState {
  programCounter: number;
  opCode: number;
  readonly memory: { _store: Uint8Array };
  memoryWordCount: bigint;
  highestMemCost: bigint;
  readonly stack: { _store: bigint[]; _len: number };
  code: Uint8Array;
  validJumps: Uint8Array;
  readonly cachedPushes: Record<number, bigint>;
  readonly env: FrameEnv;
  readonly stateManager: StateManager;
  readonly blockchain: unknown;
  readonly interpreter: Frame;
  readonly stateGasSpilled: bigint;
  shouldDoJumpAnalysis: boolean;
  gasRefund: bigint;
  gasLeft: bigint;
  returnBytes: Uint8Array;
  messageGasLimit?: bigint | undefined;
}

/** One opcode as the library implements it. */
export interface OpEntry {
  readonly opcodeInfo: {
    readonly code: number;
    readonly fullName: string;
    readonly fee: number;
    readonly feeBigInt: bigint;
    readonly isAsync: boolean;
    readonly dynamicGas: boolean;
    readonly isInvalid: boolean;
  };
  readonly opHandler: (state: FrameState, common: Common) => unknown;
  readonly gasHandler: ((state: FrameState, gas: bigint, common: Common) => bigint | Promise<bigint>) | undefined;
}

/** What a frame leaves. */
export interface FrameOutput {
  returnValue?: Uint8Array;
  logs: Log[];
  selfdestruct: Map<`0x${string}`, `0x${string}`>;
  createdAddresses?: Set<`0x${string}`>;
}

/** A frame: the library's Interpreter. */
export interface Frame {
  readonly _evm: EVM;
  readonly journal: EVM["journal"];
  readonly _runState: FrameState;
  readonly _env: FrameEnv;
  readonly _stateManager: StateManager;
  readonly _result: FrameOutput;
  readonly common: Common;
  useGas(amount: bigint): void;
  /** The address, or 0 when the creation failed. */
  create(gas: bigint, value: bigint, code: Uint8Array, salt?: Uint8Array): Promise<bigint>;
}

/** What a frame is made of, beside its registers. */
export interface InterpreterParts {
  /** The methods that the library's opcodes call on a frame. */
  readonly prototype: object;
  readonly Stack: new () => FrameState["stack"];
  readonly memoryPrototype: object;
}

let parts: Promise<InterpreterParts> | undefined;

/** Takes the classes that the library does not export from a run of one STOP. */
export function interpreterParts(): Promise<InterpreterParts> {
  parts ??= (async () => {
    const { runState } = await (await createEVM()).runCode({ code: Uint8Array.of(0) });
    if (runState === undefined) throw new Error("the library shows no run state");
    const { interpreter, stack, memory } = runState;
    return {
      prototype: Object.getPrototypeOf(interpreter),
      Stack: stack.constructor as InterpreterParts["Stack"],
      memoryPrototype: Object.getPrototypeOf(memory),
    };
  })();
  return parts;
}

/** The chain's deposit contract (EIP-6110); the library keeps it without a way to ask for it. */
export function depositContractOf(common: Common): Address | undefined {
  const { _chainParams } = common as unknown as { _chainParams: { depositContractAddress?: string } };
  return _chainParams.depositContractAddress?.toLowerCase() as Address | undefined;
}
