import type { BlockRecord } from "../../store/block_record.ts";
import type { ChainCore } from "../../core/core.ts";
import { MAX_UINT64 } from "../../../primitives/uint.ts";
import { quantity } from "../../../primitives/hex.ts";

/** Returns the answer of eth_capabilities: everything since block 0, except the states that --gcmode full has dropped. */
export function capabilitiesOf(core: ChainCore): unknown {
  const { head, genesis } = core.blocks;
  const all = { disabled: false, oldestBlock: quantity(genesis.number) };
  const states = core.keptStates === null ? all : {
    disabled: false,
    oldestBlock: quantity(oldestState(core).number),
    deleteStrategy: { type: "window", retentionBlocks: quantity(core.keptStates) },
  };
  return {
    head: { number: quantity(head.number), hash: head.hash },
    state: states,
    tx: all,
    // Clients expect a window here, as geth's log index has one (the official case); this one is the whole chain.
    logs: { ...all, deleteStrategy: { type: "window", retentionBlocks: quantity(MAX_UINT64) } },
    receipts: all,
    blocks: all,
    stateproofs: states,
  };
}

/** Returns the lowest block from which on every state is kept. */
function oldestState(core: ChainCore): BlockRecord {
  let oldest = core.blocks.head;
  for (;;) {
    const below = core.blocks.at(oldest.number - 1n);
    if (below === null || core.stateAfter(below) === undefined) return oldest;
    oldest = below;
  }
}
