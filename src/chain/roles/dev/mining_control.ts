import type { MineInterval, MineOptions, MiningControl } from "../../../node/dev.ts";
import { invalidParams, serverError } from "../../../rpc/error.ts";
import { RawJson } from "../../../rpc/raw_json.ts";
import type { BlockRecord } from "../../store/block_record.ts";
import type { ChainCore } from "../../core/core.ts";
import { Pacer } from "../../../concurrency/pacer.ts";
import type { ReservedRange } from "../../store/reserved_range.ts";
import { planRange } from "../../seal/reserve.ts";
import type { Sealer } from "../../seal/sealer.ts";
import { MAX_UINT64 } from "../../../primitives/uint.ts";

/** The most blocks that one call may seal one by one. */
const MAX_BLOCKS_PER_CALL = 100_000n;
/** Fewer empty blocks than this are sealed like any others. */
const MIN_RESERVED_BLOCKS = 256n;
/** Numbers of blocks are exact as JavaScript's numbers, as anvil's and hardhat's clients read them. */
const MAX_BLOCK_NUMBER = 2n ** 53n - 1n;

/** Seals blocks on request, and controls automatic sealing. */
export function miningControl(core: ChainCore, sealer: Sealer): MiningControl {
  /** Reserves all blocks but the last of many empty ones, as hardhat does; null when there are few. */
  function reserve(left: bigint, interval: bigint): Promise<ReservedRange | null> {
    return core.writes.run(async () => {
      if (left < MIN_RESERVED_BLOCKS || sealer.hasPending) return null;
      // A subscriber of blocks is notified of each: some at a time, so that other work is not delayed.
      const count = core.events.tellsBlocks ? MIN_RESERVED_BLOCKS - 1n : left - 1n;
      const range = await core.loaded(() => planRange(core, { count, interval }));
      if (range === null) return null;
      const timeOffset = core.settings.timeOffset + interval * count;
      core.commit({ kind: "reserve", range }, { kind: "settings", patch: { timeOffset } });
      return range;
    });
  }

  /** Lets other work run after a block; ends the call when its caller is gone, or when the chain went back meanwhile. */
  function watch(signal: AbortSignal | undefined): (sealed: BlockRecord | null) => Promise<void> {
    const pacer = new Pacer({ signal });
    return async (sealed) => {
      await pacer.breathe();
      pacer.check();
      if (sealed === null || core.blocks.isCanonical(sealed)) return;
      throw serverError(`block ${sealed.number} was taken off the chain while those after it were mined`);
    };
  }

  /** Moves the clock ahead by the time between sealed blocks, as in anvil (measured). */
  function moveClock(seconds: bigint): void {
    const timeOffset = core.settings.timeOffset + seconds;
    core.commit({ kind: "settings", patch: { timeOffset } });
  }

  async function mineEach(
    options: MineOptions,
    { signal, sealed }: { signal: AbortSignal | undefined; sealed: (record: BlockRecord) => void },
  ): Promise<void> {
    const { blocks = 1n, timestamp } = options;
    checkCount(blocks);
    const goOn = watch(signal);
    if (timestamp !== undefined && timestamp <= core.blocks.head.header.timestamp) {
      throw invalidParams(
        `timestamp ${timestamp} is not above the head's ${core.blocks.head.header.timestamp}`,
      );
    }
    if (timestamp !== undefined) core.commit({ kind: "settings", patch: { nextTimestamp: timestamp } });
    for (let index = 0n; index < blocks; index++) {
      const record = await sealer.seal({ empty: true });
      if (record !== null) sealed(record);
      await goOn(record);
    }
    await sealer.poolChanged();
  }

  return {
    async mine(blocks: bigint, { interval = 0n, signal }: MineInterval = {}): Promise<void> {
      const { head } = core.blocks;
      if (head.header.difficulty > 0n) checkCount(blocks);
      if (head.number + blocks > MAX_BLOCK_NUMBER) {
        throw invalidParams(`block ${head.number + blocks} would be above the highest number ${MAX_BLOCK_NUMBER}`);
      }
      const goOn = watch(signal);
      const end = core.now() + core.settings.timeOffset + blocks * (interval > 0n ? interval : 1n);
      if (end > MAX_UINT64) throw invalidParams(`Timestamp error: ${end} does not fit 64 bits`);
      for (let index = 0n; index < blocks; index++) {
        if (index > 0n) {
          const range = await reserve(blocks - index, interval);
          if (range !== null) {
            index += range.count;
            await goOn(range.at(range.last));
          }
        }
        const parent = core.blocks.head.header.timestamp;
        if (interval > 0n) moveClock(interval);
        // The clock also follows real time, but between the blocks of one call there is exactly the interval.
        const timestamp = interval > 0n && index > 0n ? parent + interval : undefined;
        await goOn(await sealer.seal({ empty: true, timestamp }));
      }
      await sealer.poolChanged();
    },

    async mineWith(options: MineOptions, signal?: AbortSignal): Promise<void> {
      await mineEach(options, { signal, sealed: () => {} });
    },

    async mineDetailed(options: MineOptions, signal?: AbortSignal): Promise<RawJson> {
      const sealed: BlockRecord[] = [];
      await mineEach(options, { signal, sealed: (record) => sealed.push(record) });
      return RawJson.array(sealed.map((record) => core.encoded.of(record).block(true)));
    },

    automine(): boolean {
      return sealer.automine;
    },

    setAutomine(enabled: boolean): Promise<void> {
      return sealer.setAutomine(enabled);
    },

    intervalMining(): number | null {
      return sealer.intervalSeconds === 0 ? null : sealer.intervalSeconds;
    },

    setIntervalMining(seconds: number): Promise<void> {
      sealer.setInterval(seconds);
      return Promise.resolve();
    },
  } satisfies MiningControl;
}

function checkCount(blocks: bigint): void {
  if (blocks > MAX_BLOCKS_PER_CALL) {
    throw invalidParams(`at most ${MAX_BLOCKS_PER_CALL} blocks can be mined by one call`);
  }
}
