import "../state/no_env.ts";
import { type Common, Hardfork } from "@ethereumjs/common";
import { EVM, EVMError, type ExecResult, type Message as EvmMessage, NobleBN254 } from "@ethereumjs/evm";
import type { Address } from "../eth/types.ts";
import { StateManager } from "../state/manager.ts";
import { World } from "../state/world.ts";
import type { BlockEnv } from "./env.ts";
import { contractOf, FrameFactory } from "./frame.ts";
import { WarmJournal } from "./journal.ts";
import type { InterpreterParts } from "./library.ts";
import { runFrame } from "./loop.ts";
import { type OpTable, opTableOf } from "./op_table.ts";
import type { EvmLog } from "../primitives/receipt.ts";
import { pacedPrecompiles } from "./precompiles.ts";
import type { Pacer } from "../concurrency/pacer.ts";
import type { StepHook } from "./step.ts";

/** What precompiled contracts are to the library: by the digits of their address. */
export type Precompiles = EVM["precompiles"];

/** One EVM of the pool, with what the loop needs to know of the run that it is lent to. */
export class Vm extends EVM {
  readonly state: StateManager;
  readonly warmth: WarmJournal;
  readonly ops: OpTable;
  readonly builtIn: Precompiles;
  readonly builtInAddresses: ReadonlySet<Address>;
  pacer: Pacer | undefined;
  env: BlockEnv | undefined;
  onStep: StepHook | undefined;
  /** Told of each log when it is made, those included that a later failure takes back; only of runs without `onStep`. */
  onLog: ((log: EvmLog) => void) | undefined;

  readonly #frames: FrameFactory;

  constructor(common: Common, parts: InterpreterParts) {
    const state = new StateManager(World.empty());
    super({
      common,
      stateManager: state,
      bn254: new NobleBN254(),
      blockchain: {
        getBlock: (number) => Promise.resolve({ hash: () => this.#blockHash(BigInt(number)) }),
        putBlock: () => Promise.resolve(),
        shallowCopy() {
          return this;
        },
      },
    });
    this.#frames = new FrameFactory(parts);
    this.state = state;
    this.warmth = new WarmJournal(state, common.gteHardfork(Hardfork.SpuriousDragon));
    // The library's type has private members; what it calls of them is in WarmJournal.
    (this as { journal: unknown }).journal = this.warmth;
    this.ops = opTableOf(this);
    this.builtIn = pacedPrecompiles(this);
    this.builtInAddresses = new Set([...this.builtIn.keys()].map((digits) => `0x${digits}` as const));
  }

  /** Runs the code of a call or a creation: the library's own, with this chain's frames and loop. */
  protected override async runInterpreter(message: EvmMessage): Promise<ExecResult> {
    const frame = this.#frames.make(this, message, {
      contract: await contractOf(this, message),
      gasPrice: this._tx?.gasPrice ?? 0n,
      origin: this._tx?.origin ?? message.caller,
      block: this._block,
    });
    const error = await runFrame(frame, this, frame._env.code);
    this.#frames.recycle(frame);
    const { _runState: state, _result: output } = frame;
    const isRevert = error?.error === EVMError.errorMessages.REVERT;
    const used = error === undefined || isRevert ? message.gasLimit - state.gasLeft : message.gasLimit;
    return {
      ...(error === undefined ? output : { selfdestruct: new Map(), createdAddresses: new Set(), logs: [] }),
      ...(error === undefined ? {} : { exceptionError: error }),
      executionGasUsed: used,
      gas: state.gasLeft,
      gasRefund: state.gasRefund,
      returnValue: output.returnValue ?? new Uint8Array(0),
    };
  }

  /** Replaces the precompiled contracts for the length of a run. */
  usePrecompiles(precompiles: Precompiles): void {
    this._precompiles = precompiles;
  }

  /** Forgets a run. */
  reset(): void {
    this.state.setWorld(World.empty());
    this.warmth.cleanJournal();
    this.transientStorage.clear();
    this.events.removeAllListeners();
    this.pacer = undefined;
    this.env = undefined;
    this.onStep = undefined;
    this.onLog = undefined;
  }

  #blockHash(number: bigint): Uint8Array {
    const hash = this.env?.blockHash(number);
    return hash === undefined ? new Uint8Array(32) : Uint8Array.fromHex(hash.slice(2));
  }
}
