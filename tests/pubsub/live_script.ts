import type { Hash, LogCriteria } from "../../src/eth/types.ts";
import type { WholeEvent } from "./fake_chain.ts";
import { wants } from "./walk.ts";

export type LiveKind =
  | { readonly kind: "newHeads" }
  | { readonly kind: "logs"; readonly criteria: LogCriteria }
  | { readonly kind: "newPendingTransactions"; readonly full: boolean }
  | { readonly kind: "transactionReceipts"; readonly hashes: readonly Hash[] };

/** One notification that a live subscription must get, and the place of its like in the common order of the stream. */
export interface Expected {
  readonly text: string;
  readonly place: number;
}

/** What one live subscription must be told, from the moment it was made: nothing is left to chance. */
export class LiveScript {
  readonly expected: Expected[] = [];
  readonly #what: LiveKind;
  /** Blocks told of, so that only their logs are removed. */
  readonly #told = new Set<Hash>();

  constructor(what: LiveKind) {
    this.#what = what;
  }

  /** `place` grows by more than any block has logs from event to event. */
  add(event: WholeEvent, place: number): void {
    const what = this.#what;
    if (event.kind === "pending") {
      if (what.kind !== "newPendingTransactions") return;
      const { hash, json } = event.transaction;
      this.expected.push({ text: what.full ? json.text : `"${hash}"`, place });
      return;
    }
    const { block } = event;
    if (what.kind === "logs") {
      const logs = block.logs.filter((log) => wants(what.criteria, log));
      if (event.kind === "block") {
        this.#told.add(block.hash);
        for (const log of logs) this.expected.push({ text: log.json.text, place: place + 1 + log.index });
      } else if (this.#told.delete(block.hash)) {
        for (const log of logs.reverse()) this.expected.push({ text: log.removedJson.text, place: place - log.index });
      }
    } else if (event.kind === "block" && what.kind === "newHeads") {
      this.expected.push({ text: block.header.text, place });
    } else if (event.kind === "block" && what.kind === "transactionReceipts") {
      const wanted = block.receipts.filter(({ transactionHash }) =>
        what.hashes.length === 0 || what.hashes.includes(transactionHash)
      );
      if (wanted.length === 0) return;
      const text = `[${wanted.map(({ json }) => json.text).join(",")}]`;
      this.expected.push({ text, place: place + 1 + block.logs.length });
    }
  }
}
