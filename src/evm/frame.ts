import { Account } from "@ethereumjs/util";
import type { Message as EvmMessage } from "@ethereumjs/evm";
import type { Frame, FrameEnv, FrameState, InterpreterParts } from "./library.ts";
import type { Vm } from "./vm.ts";

/** The library's first size of a frame's memory. */
const MEMORY_BYTES = 8_192;
/** Larger memories are not kept: one costs as much as it saves. */
const MAX_KEPT_BYTES = 65_536;

/**
 * Makes frames: the library's Interpreter without its constructor, which takes 8 KB of fresh zeros for each call (5 to 12 %
 * of a transaction, and memory that the system does not get back, measured). Here a frame's memory is used again.
 */
export class FrameFactory {
  readonly #parts: InterpreterParts;
  readonly #memories: Uint8Array[] = [];

  constructor(parts: InterpreterParts) {
    this.#parts = parts;
  }

  make(vm: Vm, message: EvmMessage, outer: Pick<FrameEnv, "contract" | "gasPrice" | "origin" | "block">): Frame {
    const { Stack, memoryPrototype, prototype } = this.#parts;
    const { to, code } = message;
    if (to === undefined || !(code instanceof Uint8Array)) throw new Error("a frame needs an address and its code");
    const env: FrameEnv = {
      ...outer,
      address: to,
      caller: message.caller,
      callData: message.data,
      callValue: message.value,
      code,
      codeAddress: message.codeAddress,
      isStatic: message.isStatic,
      isCreate: (message as { isCreate?: boolean }).isCreate ?? false,
      depth: message.depth,
      gasRefund: message.gasRefund,
      blobVersionedHashes: message.blobVersionedHashes ?? [],
      createdAddresses: message.createdAddresses,
    };
    const frame: Frame & { _runState: FrameState } = Object.create(prototype);
    const memory = Object.create(memoryPrototype);
    memory._store = this.#memories.pop() ?? new Uint8Array(MEMORY_BYTES);
    const state: FrameState = {
      programCounter: 0,
      opCode: 0xfe,
      memory,
      memoryWordCount: 0n,
      highestMemCost: 0n,
      stack: new Stack(),
      code,
      validJumps: NO_BYTES,
      cachedPushes: {},
      env,
      stateManager: vm.state,
      blockchain: vm.blockchain,
      interpreter: frame,
      shouldDoJumpAnalysis: true,
      gasRefund: message.gasRefund,
      gasLeft: message.gasLimit,
      stateGasSpilled: 0n,
      returnBytes: NO_BYTES,
    };
    return Object.assign(frame, {
      _evm: vm,
      _stateManager: vm.state,
      common: vm.common,
      journal: vm.journal,
      _runState: state,
      _env: env,
      _result: {
        logs: [],
        selfdestruct: message.selfdestruct ?? new Map(),
        ...(message.createdAddresses === undefined ? {} : { createdAddresses: message.createdAddresses }),
      },
    });
  }

  /** Takes a frame's memory back. Whoever still reads it (a callee its input) has ended before the frame. */
  recycle({ _runState: state }: Frame): void {
    const { _store: memory } = state.memory;
    if (memory.length > MAX_KEPT_BYTES) return;
    memory.fill(0, 0, Number(state.memoryWordCount) * 32);
    this.#memories.push(memory);
  }
}

const NO_BYTES = new Uint8Array(0);

/** The account that a frame works on, as the library wants it. */
export async function contractOf(vm: Vm, message: EvmMessage): Promise<Account> {
  return (message.to === undefined ? undefined : await vm.state.getAccount(message.to)) ?? new Account();
}
