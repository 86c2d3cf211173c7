import type { Hash } from "../../src/eth/types.ts";
import type { Client, Notified } from "./client.ts";
import type { LiveKind, LiveScript } from "./live_script.ts";
import { type BlockTree, isOn, type KnownBlock, wasCanonical } from "./tree.ts";
import { HeadWalk, LogWalk, type WalkStart } from "./walk.ts";

/** A point that a client might resume from. */
export interface Point {
  readonly fromBlock?: bigint;
  readonly block?: KnownBlock;
  readonly firstBlock?: bigint;
}

export interface Resumed {
  readonly point: Point;
  readonly time: number;
  /** The block named may have been one that was still to come. */
  readonly isToCome: boolean;
}

/** A subscription as its client sees it, and what it must be told. */
export interface Subscribed {
  readonly client: Client;
  /** Empty until the answer has come. */
  id: string;
  readonly what: LiveKind;
  /** Live from the start: every notification is known. */
  readonly script: LiveScript | null;
  /** Resumed: from where, and when. */
  readonly resumed: Resumed | null;
  /** How many notifications may still come at most, once unsubscribed. */
  until: number | null;
}

/** With `whole`, nothing may be missing at the end either. */
export function checkSubscription(
  entry: Subscribed,
  { tree, whole }: { tree: BlockTree; whole: boolean },
): void {
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
  for (const start of entry.resumed === null ? [] : startsOf(tree, entry.resumed)) {
    try {
      walk(tree, { what: entry.what, start, results, whole });
      return;
    } catch (error) {
      errors.push(error);
    }
  }
  throw new AggregateError(errors, `${entry.what.kind}: ${errors}`);
}

/** A block's header comes before its logs and after all removals of what it replaces. */
export function checkPair(
  tree: BlockTree,
  { client, heads, logs }: { client: Client; heads: string; logs: string },
): void {
  const headers = new Set(client.notified.filter(({ subscription }) => subscription === heads).map(hashOf));
  let last: KnownBlock | null = null;
  for (const notified of client.notified) {
    if (notified.subscription === heads) last = tree.get(hashOf(notified));
    if (notified.subscription !== logs) continue;
    const block = tree.get(hashOf(notified));
    const { removed } = notified.result as { removed: boolean };
    // A block that came back may have been told of to one before it went, and to the other after.
    if (!removed && headers.has(block.hash) && last !== block && block.adoptions === 1) {
      throw new Error("a log is not after its header");
    }
    if (removed && last !== null && !isOn(last, block) && !isOn(block, last)) {
      throw new Error("a removal is not before the new headers");
    }
  }
}

/** The subscriptions of one connection share one order, and the last block comes in it also where replays ended. */
export function checkOrder(
  subscribed: readonly Subscribed[],
  { client, mark }: { client: Client; mark: number },
): void {
  const scripts = new Map<string, { script: LiveScript; next: number }>();
  for (const { client: owner, id, script } of subscribed) {
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

/** Where a resumed subscription may have begun: which block is at a height may change between the call and its answer. */
function startsOf(tree: BlockTree, { point, time, isToCome }: Resumed): WalkStart[] {
  const { block, fromBlock = 0n, firstBlock = 0n } = point;
  if (block !== undefined) {
    const repeat = repeats(point) ? fromBlock : null;
    return [{ at: block, deliveredAbove: firstBlock - 1n, repeat, time, from: 0n }];
  }
  const deliveredAbove = fromBlock - 1n;
  const canonical = [tree.root, ...tree.all].filter((known) => wasCanonical(known, time));
  const start = { deliveredAbove, repeat: null, time };
  return [
    ...canonical.filter(({ number }) => number === deliveredAbove).map((at) => ({ ...start, at, from: 0n })),
    ...canonical.filter(({ number }) => isToCome && number < deliveredAbove).map((at) => ({
      ...start,
      at,
      from: fromBlock,
    })),
  ];
}

/** True when blocks up to the one last seen are wanted once more. */
export function repeats({ block, fromBlock }: Point): boolean {
  return block !== undefined && fromBlock !== undefined && fromBlock <= block.number;
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

export function told({ client, id }: Subscribed): unknown[] {
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
