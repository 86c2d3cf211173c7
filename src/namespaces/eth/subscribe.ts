import { hashOrNull, quantityOrNull, wireHash, wireQuantity } from "../../eth/output/wire.ts";
import { wireNewHead } from "../../eth/output/block.ts";
import { bool, list } from "../../eth/input/codec.ts";
import { hash } from "../../eth/input/scalar.ts";
import { struct } from "../../eth/input/struct.ts";
import { wireSyncing } from "../../eth/output/node.ts";
import { wireLog, wireReceipt } from "../../eth/output/receipt.ts";
import { wireTransaction } from "../../eth/output/transaction.ts";
import type { LogLimits } from "../../node/mod.ts";
import {
  type Feed,
  Heartbeats,
  LogMatcher,
  type ResumableSubscriber,
  type ResumePoint,
  type Subscriber,
} from "../../pubsub/mod.ts";
import { serverError } from "../../rpc/error.ts";
import { type Awaitable, then, whenSettled } from "../../rpc/awaitable.ts";
import { type CallContext, optional, required, type Sink, type Subscription, subscription } from "../../rpc/method.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import { array, integer } from "../../rpc/schema.ts";
import { object, oneOf } from "../../rpc/schema_object.ts";
import { checkAlternatives } from "./log_range.ts";
import { headResume, logSubscriptionFilter, rangeOrResume, resumePoint } from "./resume_point.ts";

/** geth's maxTxHashes (eth/filters/api.go). */
const MAX_TRANSACTION_HASHES = 200;
/** Seconds between heartbeats when the client names none; the server pings at the same interval. */
const DEFAULT_HEARTBEAT_SECONDS = 30;
/** The most seconds between heartbeats. The runtime's timers allow more, but no client needs it. */
const MAX_HEARTBEAT_SECONDS = 3600;

export interface EthSubscriptionDeps {
  readonly feed: Feed;
  readonly limits: LogLimits;
}

const resume = optional("resume", headResume, "Where to go on from; the next block when absent.");
const filter = required(
  "filter",
  logSubscriptionFilter,
  "Addresses and topics; without toBlock, fromBlock, blockHash and firstBlock say where to go on from.",
);
const full = optional("fullTransactions", bool, "True for whole transactions; hashes otherwise.");
const receiptFilter = optional(
  "filter",
  struct({ transactionHashes: list(hash, "[]common.Hash") }, { type: "filters.TransactionReceiptsQuery" }),
  "The transactions whose receipts are wanted; all when absent or empty.",
);
const seconds = optional(
  "seconds",
  integer({ minimum: 1, maximum: MAX_HEARTBEAT_SECONDS }),
  `Seconds between beats; ${DEFAULT_HEARTBEAT_SECONDS} when absent.`,
);

/** Starts a subscription live, or from the point at which its client stopped reading. */
function start(
  feed: Feed,
  options: { subscriber: ResumableSubscriber; point: ResumePoint | null; sink: Sink; call: CallContext },
): Awaitable<() => void> {
  const { subscriber, point, sink, call } = options;
  if (point === null) return live(feed, { subscriber, call });
  const connection = call.connection.id;
  return counted(feed, { subscriber, call }, () => feed.resume(subscriber, { point, outlet: sink, connection }));
}

interface Counted {
  readonly subscriber: Subscriber;
  readonly call: CallContext;
}

function live(feed: Feed, { subscriber, call }: Counted): Awaitable<() => void> {
  return counted(feed, { subscriber, call }, () => feed.subscribe(subscriber));
}

/** Counts the memory of what a subscriber names as its connection's, for as long as it lasts. */
function counted(
  feed: Feed,
  { subscriber, call }: Counted,
  begin: () => Awaitable<() => void>,
): Awaitable<() => void> {
  const release = feed.takeCriteria(subscriber, call.connection.id);
  return whenSettled(() =>
    then(begin(), (stop) => () => {
      stop();
      release();
    }), (ok) => ok || release());
}

function newHeads({ feed }: EthSubscriptionDeps): Subscription {
  return subscription({
    summary: "Sends the header of every block that becomes canonical, also of each that replaces an abandoned one.",
    params: [resume],
    result: wireNewHead,
    start([at], sink, call) {
      const subscriber: ResumableSubscriber = {
        kind: "heads",
        headers: true,
        notify: (block) => sink.notify(block.header),
        lost: (reason) => sink.fail(reason),
      };
      return start(feed, { subscriber, point: resumePoint(at), sink, call });
    },
  });
}

function logs({ feed, limits }: EthSubscriptionDeps): Subscription {
  return subscription({
    summary: "Sends every log that matches, and again with removed set when its block is abandoned.",
    params: [filter],
    result: wireLog,
    start([wanted], sink, call) {
      checkAlternatives(wanted, limits.maxAlternatives);
      const { range, resume: point } = rangeOrResume(wanted);
      const subscriber: ResumableSubscriber = {
        kind: "logs",
        matcher: new LogMatcher(wanted),
        ...range,
        deliveredAbove: 0n,
        notify: (log) => sink.notify(log),
        lost: (reason) => sink.fail(reason),
      };
      return start(feed, { subscriber, point, sink, call });
    },
  });
}

function newPendingTransactions({ feed }: EthSubscriptionDeps): Subscription {
  return subscription({
    summary: "Sends each transaction that enters the pool, before the block that includes it.",
    params: [full],
    result: oneOf([wireHash, wireTransaction]),
    start([whole], sink) {
      return feed.subscribe({
        kind: "pending",
        whole: whole === true,
        notify: ({ hash, json }) => sink.notify(whole === true ? json : new RawJson(`"${hash}"`)),
        lost: (reason) => sink.fail(reason),
      });
    },
  });
}

function transactionReceipts({ feed }: EthSubscriptionDeps): Subscription {
  return subscription({
    summary: "Sends the receipts of each new block, or those of given transactions, as one list per block.",
    params: [receiptFilter],
    result: array(wireReceipt),
    start([query], sink, call) {
      const hashes = query?.transactionHashes ?? [];
      if (hashes.length > MAX_TRANSACTION_HASHES) {
        throw serverError("exceed max number of transaction hashes allowed per transactionReceipts subscription");
      }
      const subscriber: Subscriber = {
        kind: "receipts",
        transactionHashes: hashes.length === 0 ? null : [...new Set(hashes)],
        notify: (receipts) => sink.notify(receipts),
        lost: (reason) => sink.fail(reason),
      };
      return live(feed, { subscriber, call });
    },
  });
}

function syncing(): Subscription {
  return subscription({
    summary: "Sends the progress of a sync with other nodes; a chain that has none to sync with sends nothing.",
    params: [],
    result: wireSyncing,
    // As in geth --dev, which never starts the downloader that would emit these events.
    start: () => () => {},
  });
}

function heartbeat({ feed }: EthSubscriptionDeps): Subscription {
  const heartbeats = new Heartbeats(feed);
  return subscription({
    summary: "Sends the head and the server's time in a fixed period, for clients that cannot see pings.",
    params: [seconds],
    result: object({ number: quantityOrNull, hash: hashOrNull, time: wireQuantity }),
    start: ([period], sink) => heartbeats.subscribe(period ?? DEFAULT_HEARTBEAT_SECONDS, (beat) => sink.notify(beat)),
  });
}

/** Makes the kinds of subscription of `eth` (geth's eth/filters/api.go, and the heartbeat). */
export function ethSubscriptions(deps: EthSubscriptionDeps): { readonly [kind: string]: Subscription } {
  return {
    newHeads: newHeads(deps),
    logs: logs(deps),
    newPendingTransactions: newPendingTransactions(deps),
    transactionReceipts: transactionReceipts(deps),
    syncing: syncing(),
    heartbeat: heartbeat(deps),
  };
}
