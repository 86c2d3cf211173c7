import type { RawJson } from "../rpc/raw_json.ts";

/** The states that a node keeps unless it is an archive: those of the newest blocks (geth's default). */
const PRUNED_WINDOW = 128n;

/**
 * The blocks whose state an upstream keeps: as its description says, else as its eth_capabilities says, else as its refusals
 * show. It decides only who is asked first.
 */
export class KeptState {
  /** The number of newest blocks; null for all. */
  #window: bigint | null = null;
  /** The lowest block; null for no such bound. */
  #oldest: bigint | null = null;
  readonly #isDescribed: boolean;

  /** `archive` is the operator's word; with undefined it is learnt. */
  constructor(archive: boolean | undefined) {
    this.#isDescribed = archive !== undefined;
    if (archive === false) this.#window = PRUNED_WINDOW;
  }

  /** Returns true when the state of the block at `height` should be there, with the head at `head`. */
  has(height: bigint, head: bigint): boolean {
    return (this.#window === null || height + this.#window > head) && (this.#oldest === null || height >= this.#oldest);
  }

  /** Takes the answer of eth_capabilities; ignores what it does not understand. */
  learn(capabilities: RawJson): void {
    const state = (capabilities.decode() as { readonly state?: Record<string, unknown> } | null)?.state;
    if (this.#isDescribed || state === undefined) return;
    const { oldestBlock, deleteStrategy } = state;
    const { type, retentionBlocks } = (deleteStrategy ?? {}) as Record<string, unknown>;
    if (type === "window") this.#window = numberOf(retentionBlocks);
    else this.#oldest = numberOf(oldestBlock);
  }

  /** Takes the refusal of a read: the state at `height` was not there, with the head at `head`. */
  lacks(height: bigint, head: bigint): void {
    const depth = head - height;
    if (this.#isDescribed || depth < 1n) return;
    if (this.#window === null || depth < this.#window) this.#window = depth;
  }
}

function numberOf(value: unknown): bigint | null {
  return typeof value === "string" && /^0x[0-9a-f]{1,16}$/i.test(value) ? BigInt(value) : null;
}
