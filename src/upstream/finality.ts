import type { UpstreamHeader } from "./head.ts";

/** The tags whose blocks only move forward. */
export type FinalityTag = "safe" | "finalized";

/** The last safe and finalized blocks that clients were told; an upstream with older ones does not move them back. */
export class Finality {
  readonly #known = new Map<FinalityTag, UpstreamHeader>();

  /** The number up to which blocks are final; -1n while it is unknown. */
  get finalizedNumber(): bigint {
    return this.#known.get("finalized")?.number ?? -1n;
  }

  /** Returns the block that was told last; undefined before. */
  told(tag: FinalityTag): UpstreamHeader | undefined {
    return this.#known.get(tag);
  }

  /** Takes the block of an upstream; returns the higher of it and the block that was returned before. */
  advance(tag: FinalityTag, header: UpstreamHeader): UpstreamHeader {
    const known = this.#known.get(tag);
    if (known !== undefined && known.number >= header.number) return known;
    this.#known.set(tag, header);
    return header;
  }
}
