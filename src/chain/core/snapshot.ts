import type { BlockRecord } from "../store/block_record.ts";
import type { PoolEntry } from "../pool/pool_entry.ts";
import type { World } from "../../state/world.ts";
import type { Settings } from "./settings.ts";

/** What evm_snapshot keeps, to go back to it. */
export interface Snapshot {
  readonly id: number;
  readonly head: BlockRecord;
  readonly world: World;
  readonly pool: readonly PoolEntry[];
  readonly settings: Partial<Settings>;
  /** The real time at which it was taken, seconds. */
  readonly takenAt: bigint;
}
