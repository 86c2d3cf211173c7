import type { BlockRecord, ExecutedBlock } from "../store/block_record.ts";
import type { Misses } from "../../state/base.ts";
import { attempted } from "../core/attempted.ts";
import {
  buildAttempt,
  buildBlock,
  planBlock,
  type PlanOverrides,
  PoisonError,
  type TransactionSource,
} from "./builder.ts";
import type { ChainCore } from "../core/core.ts";
import { Pacer } from "../../concurrency/pacer.ts";
import { nextFees } from "../core/next_fees.ts";
import { waitsForLowerFees } from "../pool/affordability.ts";
import { ByPriceAndNonce } from "../pool/ordering.ts";
import { afterBlock, type Sealing, type Settings } from "../core/settings.ts";

/** The options of one sealing. */
export interface SealOptions extends PlanOverrides {
  /** Seals also when no transaction can be mined, now or once blocks have lowered the fees. */
  readonly empty: boolean;
}

interface PendingBlock {
  readonly parent: BlockRecord;
  readonly key: string;
  readonly settings: Settings;
  readonly block: Promise<ExecutedBlock>;
}

/** Timers reach no further than this, milliseconds; longer periods are cut to it. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Empty blocks in a row that one new transaction may cause: enough to bring any base fee of 64 bits down to nothing. */
const MAX_EMPTY_BLOCKS = 400;

/** Makes blocks: for each transaction, on a timer, or when told. */
export class Sealer {
  readonly #core: ChainCore;
  readonly #onError: (error: unknown) => void;
  #automine: boolean;
  #intervalSeconds = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pending: PendingBlock | null = null;

  constructor(core: ChainCore, options: { readonly automine: boolean; readonly onError: (error: unknown) => void }) {
    this.#core = core;
    this.#automine = options.automine;
    this.#onError = options.onError;
  }

  /** Begins to seal: as it was set at run time, which a chain on disk remembers, else every `period` seconds if not 0. */
  start(period: number): void {
    const { sealing } = this.#core.settings;
    this.#automine = sealing?.automine ?? this.#automine;
    this.#restartTimer(sealing?.intervalSeconds ?? period);
    // What waited when the process ended.
    if (this.#automine && this.hasPending) this.poolChanged().catch(this.#onError);
  }

  get automine(): boolean {
    return this.#automine;
  }

  /** Seconds between blocks, 0 without a timer. */
  get intervalSeconds(): number {
    return this.#intervalSeconds;
  }

  async setAutomine(enabled: boolean): Promise<void> {
    this.#remember({ automine: enabled, intervalSeconds: this.#intervalSeconds });
    this.#automine = enabled;
    if (enabled) await this.poolChanged();
  }

  setInterval(seconds: number): void {
    this.#remember({ automine: this.#automine && seconds === 0, intervalSeconds: seconds });
    this.#restartTimer(seconds);
  }

  #remember(sealing: Sealing): void {
    this.#core.commit({ kind: "settings", patch: { sealing } });
  }

  #restartTimer(seconds: number): void {
    this.close();
    this.#intervalSeconds = seconds;
    if (seconds === 0) return;
    this.#automine = false;
    this.#schedule();
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.seal({ empty: true }).catch(this.#onError).finally(() => {
        if (this.#timer !== undefined) this.#schedule();
      });
    }, Math.min(this.#intervalSeconds * 1000, MAX_TIMER_MS));
  }

  /** Stops the timer. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#intervalSeconds = 0;
  }

  /**
   * Called when the pool has got something new: with automine, seals until nothing more can be mined. Like geth --dev, it
   * goes on with empty blocks while these lower the fees to what a transaction can pay.
   */
  async poolChanged(): Promise<void> {
    const pacer = new Pacer({});
    let emptyBlocks = 0;
    while (this.#automine && emptyBlocks < MAX_EMPTY_BLOCKS) {
      const sealed = await this.seal({ empty: false });
      if (sealed === null || !this.hasPending) return;
      emptyBlocks = sealed.hashes.length === 0 ? emptyBlocks + 1 : 0;
      await pacer.breathe();
    }
  }

  #waitsForLowerFees(): boolean {
    const fees = nextFees(this.#core);
    return [...this.#core.pool.accounts()].some(({ pending: [first] }) =>
      first !== undefined && waitsForLowerFees(first.transaction, fees)
    );
  }

  /** True while a transaction is executable. */
  get hasPending(): boolean {
    for (const { pending } of this.#core.pool.accounts()) if (pending.length > 0) return true;
    return false;
  }

  /** Seals one block on the head; null when there was nothing to put into it. */
  seal(options: SealOptions): Promise<BlockRecord | null> {
    // The mutex is free while a fork loads what it misses: others can write meanwhile, and the block is planned again.
    return attempted(this.#core, (noted) => this.#core.writes.run(() => this.#seal(options, noted)));
  }

  async #seal(options: SealOptions, noted: Misses | undefined): Promise<BlockRecord | null> {
    const core = this.#core;
    if (!options.empty && !this.hasPending) return null;
    const planned = core.settings;
    const plan = planBlock(core, core.head(), options);
    let block: ExecutedBlock;
    try {
      block = await buildAttempt(core, plan, { source: this.poolSource(plan.header.baseFeePerGas), noted });
    } catch (error) {
      if (error instanceof PoisonError && noted?.isEmpty !== false) {
        core.commit({ kind: "pool", change: { dropped: [error.hash] } });
      }
      throw error;
    }
    if (noted?.isEmpty === false) return null;
    const { record } = block;
    if (!options.empty && record.hashes.length === 0 && !this.#waitsForLowerFees()) return null;
    const patch = afterBlock(core.settings, { planned, timestamp: record.header.timestamp, now: core.now() });
    // A commit is one step: what it reads of the pool's senders is loaded before, if a fork has forgotten it.
    if (core.base !== null) void [...core.pool.accounts()];
    core.commit({ kind: "append", block }, { kind: "settings", patch });
    return record;
  }

  /** The block that would be sealed now (geth's pending block); built once for each head and pool. */
  pending(): Promise<ExecutedBlock> {
    const core = this.#core;
    const parent = core.head();
    const key = `${core.pool.version}/${core.headStateEdits}/${core.now()}`;
    if (
      this.#pending !== null && this.#pending.parent === parent.record && this.#pending.key === key &&
      this.#pending.settings === core.settings
    ) {
      return this.#pending.block;
    }
    const plan = planBlock(core, parent);
    const block = buildBlock(core, plan, () => this.poolSource(plan.header.baseFeePerGas));
    this.#pending = { parent: parent.record, key, settings: core.settings, block };
    block.catch(() => {
      if (this.#pending?.block === block) this.#pending = null;
    });
    return block;
  }

  /** The pool's executable transactions in the order of mining. */
  poolSource(baseFee: bigint | undefined): TransactionSource {
    const bySender = [...this.#core.pool.accounts()].map(({ pending }) => pending);
    return new ByPriceAndNonce(bySender, baseFee);
  }
}
