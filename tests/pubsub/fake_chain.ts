import type { Address, Hash } from "../../src/eth/types.ts";
import {
  type BlockEvent,
  type ChainEvent,
  type ChainEventSource,
  type Interest,
  type LogEvent,
  NO_PARTS,
  type PendingTransactionEvent,
  type ReceiptEvent,
} from "../../src/events/mod.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { fixedHex, quantity } from "../../src/primitives/hex.ts";

/** A log to put into a block. */
export interface LogSpec {
  readonly address: Address;
  readonly topics: readonly Hash[];
}

/** A log as a test knows it. */
export interface KnownLog extends LogEvent {
  readonly index: number;
  /** What is sent when its block is abandoned. */
  readonly removedJson: RawJson;
}

/** A block with all of its parts. */
export interface WholeBlock extends BlockEvent {
  readonly header: RawJson;
  readonly logs: readonly KnownLog[];
  readonly receipts: readonly ReceiptEvent[];
}

/** An event with all of its parts. */
export type WholeEvent =
  | { readonly kind: "pending"; readonly transaction: PendingTransactionEvent & { readonly json: RawJson } }
  | { readonly kind: "block" | "removed"; readonly block: WholeBlock };

export interface FakeChainOptions {
  /** Answers reads with promises that take this many microtasks, as a remote source would. */
  readonly delay?: number;
  /** Tells of each step only so many microtasks after it can be read. */
  readonly late?: number;
  /** Confirms which parts are wanted only after so many microtasks, as a remote source would. */
  readonly confirm?: number;
}

/** A chain of made-up blocks whose every step a test decides. Its events carry what is wanted and nothing else. */
export class FakeChain implements ChainEventSource {
  readonly #watchers = new Set<(event: WholeEvent) => void>();
  readonly #interests: Interest[] = [];
  #interest = NO_PARTS;
  readonly #listeners = new Set<(event: ChainEvent) => void>();
  readonly #byHash = new Map<Hash, WholeBlock>();
  readonly #canonical: WholeBlock[] = [];
  readonly #delay: number;
  readonly #confirm: number;
  readonly #untold: WholeEvent[] = [];
  #late: number;
  #told = 0n;
  #oldest = 0n;
  #serial = 0n;
  /** Called while a delayed read is on its way: what happens then is not in its answer, or is, by chance. */
  duringRead: () => void = () => {};

  constructor(options: FakeChainOptions = {}) {
    this.#delay = options.delay ?? 0;
    this.#late = options.late ?? 0;
    this.#confirm = options.confirm ?? 0;
    this.#append([]);
  }

  get head(): WholeBlock {
    const head = this.#canonical.at(-1);
    if (head === undefined) throw new Error("a fake chain keeps its genesis");
    return head;
  }

  get canonical(): readonly WholeBlock[] {
    return this.#canonical;
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Seals a block; its logs, if any, are of one transaction. */
  seal(logs: readonly LogSpec[] = [], options: { transactionHash?: Hash | undefined } = {}): WholeBlock {
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
    const branch: WholeBlock[] = [];
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

  /** Calls `watcher` with each event and all of its parts, before those who listen receive theirs. */
  watch(watcher: (event: WholeEvent) => void): void {
    this.#watchers.add(watcher);
  }

  want(interest: Interest): void | Promise<void> {
    this.#interests.push(interest);
    if (this.#confirm === 0) this.#interest = interest;
    else return this.#wantLater(interest);
  }

  async #wantLater(interest: Interest): Promise<void> {
    for (let turn = 0; turn < this.#confirm; turn++) await undefined;
    // The last word counts, whichever answer is the last.
    this.#interest = this.#interests.at(-1) ?? interest;
  }

  /** What was wanted so far, in order. */
  get interests(): readonly Interest[] {
    return this.#interests;
  }

  headNumber(): bigint {
    return this.#told;
  }

  oldestBlockEvent(): bigint {
    return this.#oldest;
  }

  blockEventAt(number: bigint, parts: Interest): BlockEvent | null | Promise<BlockEvent | null> {
    return this.#answer(() => number < this.#oldest ? null : only(this.#canonical[Number(number)] ?? null, parts));
  }

  blockEventOf(hash: Hash, parts: Interest): BlockEvent | null | Promise<BlockEvent | null> {
    return this.#answer(() => only(this.#byHash.get(hash) ?? null, parts));
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

  #emit(event: WholeEvent): void {
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
    for (const watcher of this.#watchers) watcher(event);
    const wanted = onlyWanted(event, this.#interest);
    if (wanted === null) return;
    for (const listener of this.#listeners) listener(wanted);
  }

  #append(specs: readonly LogSpec[], transactionHash = this.#newHash()): WholeBlock {
    const hash = this.#newHash();
    const parent = this.#canonical.at(-1);
    const number = BigInt(this.#canonical.length);
    const logs = specs.map((spec, index) => logEvent(spec, { number, hash, index }));
    const receipts: ReceiptEvent[] = specs.length === 0
      ? []
      : [{ transactionHash, json: RawJson.of({ transactionHash, blockHash: hash }) }];
    const parentHash = parent?.hash ?? fixedHex(0n, 32);
    const header = RawJson.of({ number: quantity(number), hash, parentHash });
    const block: WholeBlock = { number, hash, parentHash, header, logs, receipts };
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
  { number, hash, index }: { number: bigint; hash: Hash; index: number },
): KnownLog {
  const fields = { address, topics, blockNumber: quantity(number), blockHash: hash, logIndex: quantity(index) };
  return {
    address,
    topics,
    index,
    json: RawJson.of({ ...fields, removed: false }),
    removedJson: RawJson.of({ ...fields, removed: true }),
  };
}

function only(block: WholeBlock | null, { headers, logs, receipts }: Interest): BlockEvent | null {
  if (block === null) return null;
  return {
    ...block,
    header: headers ? block.header : null,
    logs: logs ? block.logs : null,
    receipts: receipts ? block.receipts : null,
  };
}

function onlyWanted(event: WholeEvent, interest: Interest): ChainEvent | null {
  if (event.kind !== "pending") return { kind: event.kind, block: only(event.block, interest) ?? event.block };
  if (interest.pending === "none") return null;
  const { hash, json } = event.transaction;
  return { kind: "pending", transaction: { hash, json: interest.pending === "whole" ? json : null } };
}
