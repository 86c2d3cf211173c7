import type { ChainCore } from "../core.ts";
import { quantity } from "../hex.ts";

/** What eth_capabilities answers: everything since block 0, but for the states that --gcmode full has dropped. */
export function capabilitiesOf(core: ChainCore): unknown {
  const { head, genesis } = core.store;
  const all = { disabled: false, oldestBlock: quantity(genesis.number) };
  let oldest = head;
  for (let record = core.store.at(head.number - 1n); record !== null; record = core.store.at(record.number - 1n)) {
    if (record.world === null) break;
    oldest = record;
    if (core.keepsAllStates) {
      oldest = genesis;
      break;
    }
  }
  const states = { disabled: false, oldestBlock: quantity(oldest.number) };
  return {
    head: { number: quantity(head.number), hash: head.hash },
    state: states,
    tx: all,
    // Nothing is ever deleted, so there is no window to name.
    logs: { ...all, deleteStrategy: { type: "none" } },
    receipts: all,
    blocks: all,
    stateproofs: states,
  };
}
