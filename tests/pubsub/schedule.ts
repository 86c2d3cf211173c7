import type { Address, Hash, LogCriteria } from "../../src/eth/types.ts";
import { Random } from "../support/random.ts";
import { type Answer, Client, createService, type Service } from "./client.ts";
import { FakeChain, type LogSpec } from "./fake_chain.ts";
import { type LiveKind, LiveScript } from "./live_script.ts";
import { BlockTree } from "./tree.ts";
import { checkOrder, checkPair, checkSubscription, type Point, repeats, type Subscribed, told } from "./verdict.ts";
import { fixedHex, quantity } from "../../src/primitives/hex.ts";

const ADDRESSES: readonly Address[] = [1n, 2n, 3n].map((value) => fixedHex(value, 20));
const TOPICS: readonly Hash[] = [0xa1n, 0xa2n, 0xa3n].map((value) => fixedHex(value, 32));
/** More than any event has units, so that places of different events do not mix. */
const PLACES_PER_EVENT = 1000;
const MAX_DEPTH = 20;

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
      [2, () => this.#readopt()],
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

  #readopt(): void {
    const abandoned = this.#tree.all.filter(({ canonical }) => !canonical);
    if (abandoned.length === 0) return;
    this.#chain.readopt(this.#random.pick(abandoned).hash);
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
    if (chance(0.4)) return { fromBlock: BigInt(below(Number(this.#tree.head.number) + 6)) };
    const block = pick(this.#tree.all);
    if (chance(0.3)) return { block };
    if (chance(0.3)) return { block, firstBlock: BigInt(below(Number(block.number) + 2)) };
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
    // What one of them is told once more has no order with the other, nor what a source shows before it tells of it.
    const apart = this.#random.chance(0.3) && !repeats(one) && !repeats(other) && this.#late === 0;
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
    const above = point.fromBlock !== undefined && point.fromBlock > head.number + 1n;
    return ({ result, error }) => {
      // Cut off at the very moment of the answer: nobody counts on anything.
      if (client.ended !== null) return null;
      if (typeof result === "string") {
        const isToCome = point.block === undefined && (above || this.#lowered > lowered || this.#late > 0);
        const resumed = { point, time, isToCome };
        this.#subscribed.push({ client, id: result, what, script: null, resumed, until: null });
        this.#tally.resumes++;
        return result;
      }
      this.#tally.refusals++;
      // A height is refused only if it was above the head, which a reorganisation may have lowered meanwhile.
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
      checkSubscription(entry, { tree: this.#tree, whole: false });
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
    for (const entry of this.#subscribed) checkSubscription(entry, { tree: this.#tree, whole: entry.until === null });
    this.#clients.forEach((client, position) => checkOrder(this.#subscribed, { client, mark: marks[position] ?? 0 }));
    for (const pair of this.#pairs) {
      const ended = this.#subscribed.some(({ client, id, until }) =>
        until !== null && client === pair.client && (id === pair.heads || id === pair.logs)
      );
      if (!ended) checkPair(this.#tree, pair);
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
}

function subscribeParams(what: LiveKind, { block, fromBlock, firstBlock }: Point): readonly unknown[] {
  const resume = {
    ...(fromBlock === undefined ? {} : { fromBlock: quantity(fromBlock) }),
    ...(block === undefined ? {} : { blockHash: block.hash }),
  };
  switch (what.kind) {
    case "newHeads":
      return [what.kind, resume];
    case "logs":
      return [what.kind, {
        ...resume,
        ...(firstBlock === undefined ? {} : { firstBlock: quantity(firstBlock) }),
        address: what.criteria.addresses,
        topics: what.criteria.topics,
      }];
    case "newPendingTransactions":
      return [what.kind, what.full];
    case "transactionReceipts":
      return [what.kind, { transactionHashes: what.hashes }];
  }
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
