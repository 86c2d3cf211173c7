import type { BlockRecord, ExecutedBlock } from "../store/block_record.ts";
import type { ReservedRange } from "../store/reserved_range.ts";
import type { PoolChange } from "../pool/pool.ts";
import type { World } from "../../state/world.ts";
import type { Settings } from "./settings.ts";
import type { Snapshot } from "./snapshot.ts";

/** One step in which the chain changes. A step has only values, so that a commit can be stored. */
export type Change =
  /** A child of the head becomes the head. An imported block is final. */
  | { readonly kind: "append"; readonly block: AppendedBlock; readonly isImported?: boolean }
  /** A range of empty blocks goes on top of the head; the state stays what it is. */
  | { readonly kind: "reserve"; readonly range: ReservedRange }
  /** The blocks above a canonical one are taken off. */
  | { readonly kind: "unwind"; readonly to: BlockRecord }
  /** The head's state is replaced, without a transaction (anvil_setBalance and the other setters). */
  | { readonly kind: "edit"; readonly world: World }
  | { readonly kind: "settings"; readonly patch: Partial<Settings> }
  | { readonly kind: "pool"; readonly change: PoolChange }
  | { readonly kind: "snapshot"; readonly snapshot: Snapshot }
  /** The snapshots from an id on are forgotten. */
  | { readonly kind: "forget"; readonly from: number };

/** A block and the state after it; undefined where --gcmode full no longer has that state. */
export type AppendedBlock = Pick<ExecutedBlock, "record"> & { readonly world: World | undefined };
