import type { BlockRecord } from "../block_record.ts";
import type { ChainCore } from "../core.ts";
import { quantity } from "../hex.ts";

/** What eth_capabilities answers: everything since block 0, but for the states that --gcmode full has dropped. */
export function capabilitiesOf(core: ChainCore): unknown {
  const { head, genesis } = core.store;
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
    logs: all,
    receipts: all,
    blocks: all,
    stateproofs: states,
  };
}

/** The lowest block from which on every state is there. */
function oldestState({ store }: ChainCore): BlockRecord {
  let oldest = store.head;
  for (;;) {
    const below = store.at(oldest.number - 1n);
    if (below === null || below.world === null) return oldest;
    oldest = below;
  }
}
