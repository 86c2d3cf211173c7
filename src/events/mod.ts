/**
 * The events of a chain: what a block, an abandoned block and a pending transaction are to a subscriber, where such events
 * come from (`types.ts`), which parts of them somebody wants (`interest.ts`), and their form as bytes (`codec.ts`) for a
 * journal on disk or a message broker between machines.
 *
 * May import: the types of `eth/` and, from `rpc/`, encoded JSON.
 *
 * You are in the wrong place if you are about to decide who is sent an event (`pubsub/`), or to make one from a block
 * (`chain/encode/`).
 */
export { decodeEvent, encodeEvent, EventCodecError } from "./codec.ts";
export { ALL_PARTS, type Interest, NO_PARTS, sameInterest } from "./interest.ts";
export { removedLog } from "./removed_log.ts";
export type {
  BlockEvent,
  ChainEvent,
  ChainEventSource,
  LogEvent,
  PendingTransactionEvent,
  ReceiptEvent,
} from "./types.ts";
