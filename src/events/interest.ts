/** The parts of the chain's events that somebody wants now: a source fetches and encodes no others. */
export interface Interest {
  /** Every block counts, if only by its number and hash: a source may leave out empty blocks where it does not. */
  readonly blocks: boolean;
  readonly headers: boolean;
  readonly logs: boolean;
  readonly receipts: boolean;
  /** What is wanted of a transaction that enters the pool: no event, its hash, or the whole transaction. */
  readonly pending: "none" | "hashes" | "whole";
}

/** Wants only to know which blocks there are. */
export const NO_PARTS: Interest = { blocks: false, headers: false, logs: false, receipts: false, pending: "none" };

/** Wants every part of every event. */
export const ALL_PARTS: Interest = { blocks: true, headers: true, logs: true, receipts: true, pending: "whole" };

/** Returns true when two interests name the same parts. */
export function sameInterest(one: Interest, other: Interest): boolean {
  return one.blocks === other.blocks && one.headers === other.headers && one.logs === other.logs &&
    one.receipts === other.receipts &&
    one.pending === other.pending;
}
