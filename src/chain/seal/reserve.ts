import type { ChainCore } from "../core/core.ts";
import { ReservedRange } from "../store/reserved_range.ts";
import { EMPTY_REQUESTS_HASH, type Header } from "../../primitives/header.ts";
import { planBlock } from "./builder.ts";

/**
 * Plans empty blocks on top of the head that are made when they are read. The calls of EIP-2935 and EIP-4788 are left out:
 * the state stays what it is. Null where blocks must be sealed one by one: before the merge, or when a fork begins on
 * the way. `interval` is seconds between blocks; 0 takes the chain's own.
 */
export function planRange(
  core: ChainCore,
  { count, interval }: { readonly count: bigint; readonly interval: bigint },
): ReservedRange | null {
  const { settings } = core;
  const parent = core.head();
  const step = interval > 0n ? interval : settings.timestampInterval ?? 1n;
  const timestamp = interval > 0n ? parent.record.header.timestamp + interval : undefined;
  const { header: planned, rules } = planBlock(core, parent, { timestamp });
  if (planned.difficulty > 0n) return null;
  const header: Header = {
    ...planned,
    stateRoot: parent.world.root(),
    ...(rules.has("prague") ? { requestsHash: EMPTY_REQUESTS_HASH } : {}),
  };
  const last = core.forks.at(header.number + count - 1n, header.timestamp + step * (count - 1n), true);
  if (last.fork !== rules.fork) return null;
  const { totalDifficulty } = parent.record;
  return new ReservedRange({ header, totalDifficulty, count, step, gasCeiling: settings.gasLimit, rules }, core.recent);
}
