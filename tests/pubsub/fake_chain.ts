import type {
  Address,
  BlockEvent,
  ChainEvent,
  ChainEventSource,
  Hash,
  LogEvent,
  ReceiptEvent,
} from "../../src/eth/types.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { fixedHex, quantity } from "../../src/primitives/hex.ts";

/** A log to put into a block. */
export interface LogSpec {
  readonly address: Address;
  readonly topics: readonly Hash[];
}

export interface FakeChainOptions {
  /** Answers reads with promises that take this many microtasks, as a remote source would. */
  readonly delay?: number;
  /** Tells of each step only so many microtasks after it can be read. */
  readonly late?: number;
}

/** A chain of made-up blocks whose every step a test decides. */
export class FakeChain implements ChainEventSource {
  readonly #listeners = new Set<(event: ChainEvent) => void>();
  readonly #byHash = new Map<Hash, BlockEvent>();
  readonly #canonical: BlockEvent[] = [];
  readonly #delay: number;
  readonly #untold: ChainEvent[] = [];
  #late: number;
  #told = 0n;
  #oldest = 0n;
  #serial = 0n;
  /** Called while a delayed read is on its way: what happens then is not in its answer, or is, by chance. */
  duringRead: () => void = () => {};

  constructor(options: FakeChainOptions = {}) {
    this.#delay = options.delay ?? 0;
    this.#late = options.late ?? 0;
    this.#append([]);
  }

  get head(): BlockEvent {
    const head = this.#canonical.at(-1);
    if (head === undefined) throw new Error("a fake chain keeps its genesis");
    return head;
  }

  get canonical(): readonly BlockEvent[] {
    return this.#canonical;
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Seals a block; its logs, if any, are of one transaction. */
  seal(logs: readonly LogSpec[] = [], options: { transactionHash?: Hash | undefined } = {}): BlockEvent {
    const block = this.#append(logs, options.transactionHash);
    this.#emit({ kind: "block", block });
    return block;
  }

  /** Replaces the newest `depth` blocks by `replacements`; all of it can be read before the first event. */
  reorganise(depth: number, replacements: readonly (readonly LogSpec[])[]): void {
    const removed = this.#canonical.splice(this.#canonical.length - depth).reverse();
    const blocks = replacements.map((logs) => this.#append(logs));
    for (const block of removed) this.#emit({ kind: "removed", block });
    for (const block of blocks) this.#emit({ kind: "block", block });
  }

  /** Makes an abandoned block the head again, as going back to a snapshot does. */
  readopt(hash: Hash): void {
    const branch: BlockEvent[] = [];
    let block = this.#byHash.get(hash);
    while (block !== undefined && this.#canonical[Number(block.number)] !== block) {
      branch.unshift(block);
      block = this.#byHash.get(block.parentHash);
    }
    if (block === undefined) throw new Error("a branch of a fake chain is kept whole");
    const removed = this.#canonical.splice(Number(block.number) + 1).reverse();
    this.#canonical.push(...branch);
    for (const old of removed) this.#emit({ kind: "removed", block: old });
    for (const again of branch) this.#emit({ kind: "block", block: again });
  }

  /** Announces a transaction. */
  pend(): Hash {
    const hash = this.#newHash();
    this.#emit({ kind: "pending", transaction: { hash, json: RawJson.of({ hash, blockHash: null }) } });
    return hash;
  }

  /** Forgets the canonical blocks below `oldest`. */
  prune(oldest: bigint): void {
    for (const block of this.#canonical) if (block.number < oldest) this.#byHash.delete(block.hash);
    this.#oldest = oldest;
  }

  /** Forgets one block, as happens to abandoned ones. */
  forget(hash: Hash): void {
    this.#byHash.delete(hash);
  }

  onEvent(listener: (event: ChainEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  headNumber(): bigint {
    return this.#told;
  }

  oldestBlockEvent(): bigint {
    return this.#oldest;
  }

  blockEventAt(number: bigint): BlockEvent | null | Promise<BlockEvent | null> {
    return this.#answer(() => number < this.#oldest ? null : this.#canonical[Number(number)] ?? null);
  }

  blockEventOf(hash: Hash): BlockEvent | null | Promise<BlockEvent | null> {
    return this.#answer(() => this.#byHash.get(hash) ?? null);
  }

  #answer(read: () => BlockEvent | null): BlockEvent | null | Promise<BlockEvent | null> {
    return this.#delay === 0 ? read() : this.#answerLater(read);
  }

  async #answerLater(read: () => BlockEvent | null): Promise<BlockEvent | null> {
    for (let turn = 1; turn < this.#delay; turn++) await undefined;
    const early = read();
    await undefined;
    this.duringRead();
    await undefined;
    return this.#delay % 2 === 0 ? early : read();
  }

  /** Tells of everything so far, and from now on of each step at once. */
  flush(): void {
    this.#late = 0;
    while (this.#untold.length > 0) this.#tell();
  }

  #emit(event: ChainEvent): void {
    this.#untold.push(event);
    if (this.#late === 0) this.#tell();
    else if (this.#untold.length === 1) this.#tellLater();
  }

  async #tellLater(): Promise<void> {
    while (this.#untold.length > 0) {
      for (let turn = this.#late; turn > 0; turn--) await undefined;
      this.#tell();
    }
  }

  #tell(): void {
    const event = this.#untold.shift();
    if (event === undefined) return;
    if (event.kind !== "pending") this.#told = event.kind === "block" ? event.block.number : event.block.number - 1n;
    for (const listener of this.#listeners) listener(event);
  }

  #append(specs: readonly LogSpec[], transactionHash = this.#newHash()): BlockEvent {
    const hash = this.#newHash();
    const parent = this.#canonical.at(-1);
    const number = BigInt(this.#canonical.length);
    const logs = specs.map((spec, index) => logEvent(spec, { number, hash, index, transactionHash }));
    const receipts: ReceiptEvent[] = specs.length === 0
      ? []
      : [{ transactionHash, json: RawJson.of({ transactionHash, blockHash: hash }) }];
    const parentHash = parent?.hash ?? fixedHex(0n, 32);
    const header = RawJson.of({ number: quantity(number), hash, parentHash });
    const block: BlockEvent = { number, hash, parentHash, header, logs, receipts };
    this.#canonical.push(block);
    this.#byHash.set(hash, block);
    return block;
  }

  #newHash(): Hash {
    return fixedHex(++this.#serial, 32);
  }
}

function logEvent(
  { address, topics }: LogSpec,
  { number, hash, index, transactionHash }: { number: bigint; hash: Hash; index: number; transactionHash: Hash },
): LogEvent {
  const fields = { address, topics, blockNumber: quantity(number), blockHash: hash, logIndex: quantity(index) };
  return {
    address,
    topics,
    index,
    transactionHash,
    json: RawJson.of({ ...fields, removed: false }),
    removedJson: RawJson.of({ ...fields, removed: true }),
  };
}
