import type { UpstreamHeader } from "./head.ts";

/** The tags whose blocks only move forward. */
export type FinalityTag = "safe" | "finalized";

/** The last safe and finalized blocks that were told: an upstream that knows less does not take them back. */
export class Finality {
  readonly #known = new Map<FinalityTag, UpstreamHeader>();

  /** The number up to which blocks are final; -1n while unknown. */
  get finalizedNumber(): bigint {
    return this.#known.get("finalized")?.number ?? -1n;
  }

  /** Takes what an upstream says, and answers what is told: the higher of it and what was told before. */
  advance(tag: FinalityTag, header: UpstreamHeader): UpstreamHeader {
    const known = this.#known.get(tag);
    if (known !== undefined && known.number >= header.number) return known;
    this.#known.set(tag, header);
    return header;
  }
}
