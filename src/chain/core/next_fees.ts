import { blobBaseFee, nextBaseFee, nextExcessBlobGas } from "../consensus/header_rules.ts";
import type { BlockRecord } from "../store/block_record.ts";
import type { ChainCore } from "./core.ts";

/** The fees of a block, wei per gas. */
export interface NextFees {
  /** Null before London. */
  readonly baseFee: bigint | null;
  /** Null before Cancun. */
  readonly blobBaseFee: bigint | null;
}

/** The fees of the next block, or of the child of another one than the head. */
export function nextFees(core: ChainCore, parent: BlockRecord = core.blocks.head): NextFees {
  const rules = core.rulesAfter(parent, parent.header.timestamp + 1n);
  const baseFee = nextBaseFee(parent.header, rules);
  const excess = nextExcessBlobGas(parent.header, rules);
  // A base fee that was set is that of the next block only.
  const set = parent === core.blocks.head ? core.settings.nextBaseFee : null;
  return {
    baseFee: baseFee === null ? null : set ?? baseFee,
    blobBaseFee: excess === null || rules.blobs === null ? null : blobBaseFee(excess, rules.blobs),
  };
}

/**
 * The base fee from which suggestions start, wei; null before London. As geth's, that of the head, unless the next block
 * is told to charge another one.
 */
export function quotedBaseFee({ settings, blocks }: ChainCore): bigint | null {
  const { baseFeePerGas } = blocks.head.header;
  return baseFeePerGas === undefined ? null : settings.nextBaseFee ?? baseFeePerGas;
}
