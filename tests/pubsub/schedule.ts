import { toFixed, toQuantity } from "../../src/eth/hex.ts";
import type { Address, Hash, LogCriteria } from "../../src/eth/types.ts";
import { Random } from "../fuzz/random.ts";
import { type Answer, Client, createService, type Notified, type Service } from "./client.ts";
import { FakeChain, type LogSpec } from "./fake_chain.ts";
import { type LiveKind, LiveScript } from "./live_script.ts";
import { BlockTree, isOn, type KnownBlock } from "./tree.ts";
import { HeadWalk, LogWalk, type WalkStart } from "./walk.ts";

const ADDRESSES: readonly Address[] = [1n, 2n, 3n].map((value) => toFixed(value, 20));
const TOPICS: readonly Hash[] = [0xa1n, 0xa2n, 0xa3n].map((value) => toFixed(value, 32));
/** More than any event has units, so that places of different events do not mix. */
const PLACES_PER_EVENT = 1000;
const MAX_DEPTH = 20;

/** A subscription as its client sees it, and what it must be told. */
interface Subscribed {
  readonly client: Client;
  /** Empty until the answer has come. */
  id: string;
  readonly what: LiveKind;
  /** Live from the start: every notification is known. */
  readonly script: LiveScript | null;
  /** Resumed: from where, and when. */
  readonly resumed: { readonly point: Point; readonly time: number } | null;
  /** How many notifications may still come at most, once unsubscribed. */
  until: number | null;
}

/** A point that a client might resume from. */
interface Point {
  readonly fromBlock?: bigint;
  readonly block?: KnownBlock;
}

/** What a run did, so that a test can tell that it tested something. */
export interface Tally {
  notifications: number;
  removals: number;
  resumes: number;
  refusals: number;
  reorganisations: number;
}

/** Runs one random schedule and throws when a client was told anything but what it must be. */
export async function runSchedule(seed: number): Promise<Tally> {
  const schedule = new Schedule(seed);
  try {
    return await schedule.run();
  } catch (cause) {
    throw new Error(`schedule ${seed} failed`, { cause });
  }
}

class Schedule {
  readonly #random: Random;
  readonly #late: number;
  readonly #chain: FakeChain;
  readonly #tree: BlockTree;
  readonly #service: Service;
  readonly #clients: Client[] = [];
  readonly #subscribed: Subscribed[] = [];
  /** How many more events may happen during reads. */
  #interferences = 20;
  /** How many blocks were abandoned so far. */
  #lowered = 0;
  readonly #failures: string[] = [];
  readonly #pairs: { client: Client; heads: string; logs: string }[] = [];
  readonly #tally: Tally = { notifications: 0, removals: 0, resumes: 0, refusals: 0, reorganisations: 0 };

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#late = this.#random.pick([0, 0, 2, 12]);
    this.#chain = new FakeChain({ delay: this.#random.pick([0, 1, 2, 3]), late: this.#late });
    this.#tree = new BlockTree(this.#chain);
    this.#service = createService(this.#chain, { pageUnits: this.#random.pick([1, 300, 3000, 1_000_000]) });
    this.#tree.listen((event) => {
      if (event.kind === "removed") this.#lowered++;
      for (const { script, until } of this.#subscribed) {
        if (until === null) script?.add(event, this.#tree.time * PLACES_PER_EVENT);
      }
    });
  }

  /** Lets the chain move while a replay reads it. */
  #interfere(): void {
    if (this.#interferences === 0 || !this.#random.chance(0.1)) return;
    this.#interferences--;
    const { chance, pick } = bound(this.#random);
    if (chance(0.6)) this.#reorganise(4);
    else if (chance(0.7)) this.#seal();
    else this.#resumePair(pick(this.#clients));
  }

  async run(): Promise<Tally> {
    this.#chain.duringRead = () => this.#interfere();
    for (let count = this.#random.below(20); count > 0; count--) this.#seal();
    this.#connect();
    for (let count = 15 + this.#random.below(30); count > 0; count--) {
      await this.#act();
      await this.#pause();
    }
    await this.#finish();
    return this.#tally;
  }

  async #act(): Promise<void> {
    const { chance, below, pick } = bound(this.#random);
    const actions: readonly [number, () => unknown][] = [
      [10, () => this.#seal()],
      [3, () => repeat(below(10), () => this.#seal())],
      [6, () => this.#reorganise(chance(0.2) ? MAX_DEPTH : 4)],
      [3, () => this.#chain.pend()],
      [1, () => this.#connect()],
      [7, () => this.#subscribe(pick(this.#clients))],
      [7, () => this.#resume(pick(this.#clients), this.#point())],
      [3, () => this.#resumePair(pick(this.#clients))],
      [3, () => this.#unsubscribe()],
      [2, () => this.#reconnect()],
      [3, () => pick(this.#clients).pause()],
      [3, () => pick(this.#clients).read(1 + below(5))],
      [4, () => pick(this.#clients).resume()],
    ];
    let left = below(actions.reduce((sum, [weight]) => sum + weight, 0));
    await actions.find(([weight]) => (left -= weight) < 0)?.[1]();
  }

  /** Lets what runs beside the schedule come some way, sometimes as far as it gets. */
  async #pause(): Promise<void> {
    for (let turns = this.#random.below(12); turns > 0; turns--) await undefined;
    if (this.#random.chance(0.15)) await new Promise((resolve) => setTimeout(resolve, 0));
  }

  #logs(): LogSpec[] {
    const { below, chance, pick } = bound(this.#random);
    if (chance(0.3)) return [];
    return Array.from({ length: below(4) }, () => ({
      address: pick(ADDRESSES),
      topics: Array.from({ length: below(3) }, () => pick(TOPICS)),
    }));
  }

  #criteria(): LogCriteria {
    const { below, chance, pick } = bound(this.#random);
    return {
      addresses: Array.from({ length: below(3) }, () => pick(ADDRESSES)),
      topics: Array.from({ length: below(3) }, () => chance(0.5) ? null : [pick(TOPICS), pick(TOPICS)]),
    };
  }

  #seal(): void {
    this.#chain.seal(this.#logs());
  }

  #reorganise(most: number): void {
    const depth = Math.min(1 + this.#random.below(most), Number(this.#chain.head.number));
    if (depth === 0) return;
    const count = this.#random.chance(0.2) ? this.#random.below(depth) : depth + this.#random.below(3);
    this.#chain.reorganise(depth, Array.from({ length: count }, () => this.#logs()));
    this.#tally.reorganisations++;
  }

  #connect(): Client {
    const client = new Client(this.#service);
    this.#clients.push(client);
    return client;
  }

  #kind(): LiveKind {
    const { chance, pick } = bound(this.#random);
    switch (pick(["newHeads", "logs", "logs", "newPendingTransactions", "transactionReceipts"] as const)) {
      case "newHeads":
        return { kind: "newHeads" };
      case "logs":
        return { kind: "logs", criteria: this.#criteria() };
      case "newPendingTransactions":
        return { kind: "newPendingTransactions", full: chance(0.5) };
      case "transactionReceipts": {
        const some = this.#tree.all.flatMap(({ receipts }) => receipts.map(({ transactionHash }) => transactionHash));
        return { kind: "transactionReceipts", hashes: chance(0.5) || some.length === 0 ? [] : [pick(some)] };
      }
    }
  }

  #subscribe(client: Client): void {
    const what = this.#kind();
    // A live subscription begins with the call, whenever its answer is read.
    const entry: Subscribed = { client, id: "", what, script: new LiveScript(what), resumed: null, until: null };
    client.call("eth_subscribe", subscribeParams(what, {})).then(({ result }) => entry.id = String(result));
    this.#subscribed.push(entry);
  }

  /** A point that a client might name: a height, or a block of any branch with or without one. */
  #point(): Point {
    const { below, chance, pick } = bound(this.#random);
    if (chance(0.4)) return { fromBlock: BigInt(below(Number(this.#tree.head.number) + 3)) };
    const block = pick(this.#tree.all);
    if (chance(0.3)) return { block };
    return { block, fromBlock: chance(0.6) ? block.number + 1n : BigInt(below(Number(block.number) + 1)) };
  }

  #resume(client: Client, point: Point): void {
    const kinds: LiveKind[] = [{ kind: "newHeads" }, { kind: "logs", criteria: this.#criteria() }];
    const what = this.#random.pick(kinds);
    const accept = this.#acceptor(client, { what, point });
    client.call("eth_subscribe", subscribeParams(what, point)).then(accept);
  }

  /** Resumes headers and logs in one batch: they share one order from the first event on. */
  #resumePair(client: Client): void {
    const kinds: LiveKind[] = [{ kind: "newHeads" }, { kind: "logs", criteria: this.#criteria() }];
    const headsFirst = this.#random.chance(0.5);
    if (!headsFirst) kinds.reverse();
    const one = this.#point();
    const other = this.#point();
    // What one of them is told once more has no order with the other.
    const apart = this.#random.chance(0.3) && !repeats(one) && !repeats(other);
    const pair = kinds.map((what, position) => ({ what, point: apart && position === 1 ? other : one }));
    const accept = pair.map((subscription) => this.#acceptor(client, subscription));
    const calls = pair.map(({ what, point }) => ["eth_subscribe", subscribeParams(what, point)] as const);
    client.batch(calls).then((answers) => {
      const ids = answers.map((answer, position) => accept[position]?.(answer) ?? null);
      const [heads, logs] = headsFirst ? ids : ids.reverse();
      if (typeof heads === "string" && typeof logs === "string") this.#pairs.push({ client, heads, logs });
    });
  }

  /** Takes the answer to a resuming call that is about to be made, and notes what must follow. */
  #acceptor(client: Client, { what, point }: { what: LiveKind; point: Point }): (answer: Answer) => string | null {
    const { head, time } = this.#tree;
    const lowered = this.#lowered;
    return ({ result, error }) => {
      // Cut off at the very moment of the answer: nobody counts on anything.
      if (client.ended !== null) return null;
      if (typeof result === "string") {
        this.#subscribed.push({ client, id: result, what, script: null, resumed: { point, time }, until: null });
        this.#tally.resumes++;
        return result;
      }
      this.#tally.refusals++;
      // A height is refused only if it was above the head, which a reorganisation may have lowered meanwhile.
      const above = point.fromBlock !== undefined && point.fromBlock > head.number + 1n;
      // A source that runs ahead of what it told may have replaced the block already.
      const expected = point.block === undefined && (above || this.#lowered > lowered || this.#late > 0);
      if (!expected || (error as { code?: unknown }).code !== -32001) this.#failures.push(JSON.stringify(error));
      return null;
    };
  }

  async #unsubscribe(): Promise<void> {
    const candidates = this.#subscribed.filter(({ client, until, id }) =>
      until === null && id !== "" && client.ended === null
    );
    if (candidates.length === 0) return;
    const entry = this.#random.pick(candidates);
    const before = entry.client.queued;
    const answered = entry.client.call("eth_unsubscribe", [entry.id]);
    entry.until = told(entry).length + before;
    await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 0))]);
  }

  /** Cuts a connection and goes on, on a new one, from what was last read of each subscription. */
  #reconnect(): void {
    const { chance, pick } = bound(this.#random);
    const old = pick(this.#clients);
    this.#clients.splice(this.#clients.indexOf(old), 1);
    old.close();
    const client = this.#connect();
    for (const entry of this.#subscribed.filter((entry) => entry.client === old && entry.until === null)) {
      this.#check(entry, { whole: false });
      entry.until = told(entry).length;
      const last = told(entry).at(-1) as { hash?: Hash; blockHash?: Hash } | undefined;
      const hash = last?.hash ?? last?.blockHash;
      if (hash === undefined || entry.what.kind !== "newHeads" && entry.what.kind !== "logs") continue;
      const block = this.#tree.get(hash);
      // Amid the logs of a block, only naming it twice gets the rest of it.
      const fromBlock = entry.what.kind === "logs" || chance(0.3) ? block.number : block.number + 1n;
      this.#resume(client, { block, fromBlock });
    }
  }

  async #finish(): Promise<void> {
    const { feed } = this.#service;
    this.#chain.flush();
    this.#interferences = 0;
    for (const client of this.#clients) client.resume();
    const settled = () => feed.stats.replaying === 0;
    // Twice, because an answer that is still to come may begin a replay.
    for (let quiet = 0; quiet < 3; quiet = settled() ? quiet + 1 : 0) await new Promise((go) => setTimeout(go, 0));
    this.#reorganise(3);
    const marks = this.#clients.map((client) => client.notified.length);
    this.#chain.seal([{ address: pickFirst(ADDRESSES), topics: [] }, { address: pickFirst(ADDRESSES), topics: [] }]);
    if (this.#failures.length > 0) throw new Error(`refused: ${this.#failures.join(", ")}`);
    for (const entry of this.#subscribed) this.#check(entry, { whole: entry.until === null });
    this.#clients.forEach((client, position) => this.#checkOrder(client, marks[position] ?? 0));
    for (const pair of this.#pairs) {
      const ended = this.#subscribed.some(({ client, id, until }) =>
        until !== null && client === pair.client && (id === pair.heads || id === pair.logs)
      );
      if (!ended) this.#checkPair(pair);
    }
    for (const client of this.#clients) client.close();
    await undefined;
    await undefined;
    const { heads, logs, receipts, pending, replaying } = feed.stats;
    if (heads + logs + receipts + pending + replaying > 0) throw new Error("readers outlive their connections");
    feed.close();
    this.#tally.notifications = this.#subscribed.reduce((sum, entry) => sum + told(entry).length, 0);
    this.#tally.removals =
      this.#subscribed.flatMap(told).filter((result) =>
        typeof result === "object" && result !== null && "removed" in result && result.removed === true
      ).length;
  }

  /** With `whole`, nothing may be missing at the end either. */
  #check(entry: Subscribed, { whole }: { whole: boolean }): void {
    const results = told(entry);
    if (entry.until !== null && results.length > entry.until) throw new Error("a notification came after the end");
    if (entry.script !== null) {
      const texts = entry.script.expected.map(({ text }) => text);
      if (whole && results.length !== texts.length) throw new Error(`${results.length} of ${texts.length} came`);
      results.forEach((result, position) => {
        const text = JSON.stringify(result);
        if (text !== texts[position]) throw new Error(`${position}: ${text} came instead of ${texts[position]}`);
      });
      return;
    }
    const errors: unknown[] = [];
    for (const start of entry.resumed === null ? [] : startsOf(this.#tree, entry.resumed)) {
      try {
        walk(this.#tree, { what: entry.what, start, results, whole });
        return;
      } catch (error) {
        errors.push(error);
      }
    }
    throw new AggregateError(errors, `${entry.what.kind}: ${errors}`);
  }

  /** A block's header comes before its logs and after all removals of what it replaces. */
  #checkPair({ client, heads, logs }: { client: Client; heads: string; logs: string }): void {
    const headers = new Set(client.notified.filter(({ subscription }) => subscription === heads).map(hashOf));
    let last: KnownBlock | null = null;
    for (const notified of client.notified) {
      if (notified.subscription === heads) last = this.#tree.get(hashOf(notified));
      if (notified.subscription !== logs) continue;
      const block = this.#tree.get(hashOf(notified));
      const { removed } = notified.result as { removed: boolean };
      if (!removed && headers.has(block.hash) && last !== block) throw new Error("a log is not after its header");
      if (removed && last !== null && !isOn(last, block) && !isOn(block, last)) {
        throw new Error("a removal is not before the new headers");
      }
    }
  }

  /** The subscriptions of one connection share one order, and the last block comes in it also where replays ended. */
  #checkOrder(client: Client, mark: number): void {
    const scripts = new Map<string, { script: LiveScript; next: number }>();
    for (const { client: owner, id, script } of this.#subscribed) {
      if (owner === client && script !== null) scripts.set(id, { script, next: 0 });
    }
    let place = 0;
    for (const { subscription } of client.notified) {
      const own = scripts.get(subscription);
      if (own === undefined) continue;
      const next = own.script.expected[own.next++]?.place ?? 0;
      if (next < place) throw new Error("notifications of one connection are out of order");
      place = next;
    }
    const ranks = client.notified.slice(mark).map(({ result }) => rankOf(result));
    if (ranks.some((rank, position) => rank < (ranks[position - 1] ?? 0))) {
      throw new Error(`the last block came in the order ${ranks}`);
    }
  }
}

/** Where a resumed subscription may have begun: which block is at a height may change between the call and its answer. */
function startsOf(tree: BlockTree, { point, time }: { point: Point; time: number }): WalkStart[] {
  const { block, fromBlock = 0n } = point;
  if (block !== undefined) {
    const repeat = repeats(point) ? fromBlock : null;
    return [{ at: block, floor: -1n, repeat, time }];
  }
  const floor = fromBlock - 1n;
  const starts = [tree.root, ...tree.all].filter(({ number, abandonedAt }) =>
    number === floor && (abandonedAt === null || abandonedAt > time)
  );
  return starts.map((at) => ({ at, floor, repeat: null, time }));
}

/** True when blocks up to the one last seen are wanted once more. */
function repeats({ block, fromBlock }: Point): boolean {
  return block !== undefined && fromBlock !== undefined && fromBlock <= block.number;
}

function subscribeParams(what: LiveKind, { block, fromBlock }: Point): readonly unknown[] {
  const resume = {
    ...(fromBlock === undefined ? {} : { fromBlock: toQuantity(fromBlock) }),
    ...(block === undefined ? {} : { blockHash: block.hash }),
  };
  switch (what.kind) {
    case "newHeads":
      return [what.kind, resume];
    case "logs":
      return [what.kind, { ...resume, address: what.criteria.addresses, topics: what.criteria.topics }];
    case "newPendingTransactions":
      return [what.kind, what.full];
    case "transactionReceipts":
      return [what.kind, { transactionHashes: what.hashes }];
  }
}

function walk(
  tree: BlockTree,
  { what, start, results, whole }: { what: LiveKind; start: WalkStart; results: unknown[]; whole: boolean },
): void {
  if (what.kind === "newHeads") {
    const walk = new HeadWalk(tree, start);
    for (const result of results) walk.take(result as { hash: Hash });
    if (whole) walk.finish();
  } else if (what.kind === "logs") {
    const walk = new LogWalk(tree, { criteria: what.criteria, start });
    for (const result of results) walk.take(result as { blockHash: Hash; logIndex: string; removed: boolean });
    if (whole) walk.finish();
  }
}

function told({ client, id }: Subscribed): unknown[] {
  return client.notified.filter(({ subscription }) => subscription === id).map(({ result }) => result);
}

function hashOf({ result }: Notified): Hash {
  const { hash, blockHash } = result as { hash?: Hash; blockHash?: Hash };
  return hash ?? blockHash ?? "0x";
}

/** Header, logs by index, receipts. */
function rankOf(result: unknown): number {
  if (Array.isArray(result)) return 1000;
  if (typeof result === "object" && result !== null && "logIndex" in result) return 1 + Number(result.logIndex);
  return 0;
}

function bound(random: Random) {
  return {
    below: (limit: number) => random.below(limit),
    chance: (probability: number) => random.chance(probability),
    pick: <T>(items: readonly T[]) => random.pick(items),
  };
}

function repeat(count: number, action: () => void): void {
  for (let left = count; left > 0; left--) action();
}

function pickFirst<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined) throw new RangeError("nothing to pick from");
  return first;
}
