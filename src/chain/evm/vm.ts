import "../no_env.ts";
import { type Common, Hardfork } from "@ethereumjs/common";
import { EVM, NobleBN254 } from "@ethereumjs/evm";
import { StateManager } from "../state/manager.ts";
import { World } from "../state/world.ts";
import type { BlockEnv } from "./env.ts";
import { WarmJournal } from "./journal.ts";
import { type OpTable, opTableOf } from "./op_table.ts";
import { pacedPrecompiles } from "./precompiles.ts";
import type { Pacer } from "./pacer.ts";
import type { StepHook } from "./step.ts";

/** What precompiled contracts are to the library: by the digits of their address. */
export type Precompiles = EVM["precompiles"];

/** One EVM of the pool, with what the loop needs to know of the run that it is lent to. */
export class Vm extends EVM {
  readonly state: StateManager;
  readonly warmth: WarmJournal;
  readonly ops: OpTable;
  readonly builtIn: Precompiles;
  pacer: Pacer | undefined;
  env: BlockEnv | undefined;
  onStep: StepHook | undefined;

  constructor(common: Common) {
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
    this.state = state;
    this.warmth = new WarmJournal(state, common.gteHardfork(Hardfork.SpuriousDragon));
    // The library's type has private members; what it calls of them is in WarmJournal.
    (this as { journal: unknown }).journal = this.warmth;
    this.ops = opTableOf(this);
    this.builtIn = pacedPrecompiles(this);
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
  }

  #blockHash(number: bigint): Uint8Array {
    const hash = this.env?.blockHash(number);
    return hash === undefined ? new Uint8Array(32) : Uint8Array.fromHex(hash.slice(2));
  }
}
