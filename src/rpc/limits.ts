/** Bounds on the requests of one connection. 0 is no limit. */
export interface Limits {
  /** Items in one batch: --rpc.batch-request-limit. */
  readonly batchItems: number;
  /** Sum of the encoded results and errors of one batch: --rpc.batch-response-max-size. */
  readonly batchResponseBytes: number;
  /** Calls (a batch counts as one) that run at a time; further messages wait: --ws.max-inflight. */
  readonly inflightCalls: number;
  /** --ws.max-subscriptions. */
  readonly subscriptions: number;
}

/** The default limits: geth's for batches, and this server's own where geth has no bound. */
export const DEFAULT_LIMITS: Limits = {
  batchItems: 1000,
  batchResponseBytes: 25_000_000,
  inflightCalls: 200,
  subscriptions: 1024,
};

/** geth's rpc/handler.go `maxMethodNameLength`, bytes. */
export const MAX_METHOD_NAME_BYTES = 2048;

/** Calls of the server that may wait for one client's answer. */
export const MAX_REVERSE_CALLS = 100;

/** Notifications of one subscription that wait for the subscribe call to be answered, UTF-16 units. */
export const MAX_BUFFERED_UNITS = 16 * 1024 * 1024;

/**
 * While the transport queues no more bytes than this, an answer is sent and the next call is begun at once. It is more than
 * any transport's low-water mark, so that a client that reads never has to wait.
 */
export const OPEN_BELOW_BYTES = 1024 * 1024;

/** An answer up to this size is never replaced by an error, UTF-16 units. */
export const SMALL_ANSWER_UNITS = 4096;

/** The memory of a waiting message besides its text, counted in the same units. */
export const WAITING_MESSAGE_OVERHEAD_UNITS = 128;

/** The amount of text that is read from waiting messages before the event loop serves others. */
export const UNITS_PER_PASS = 256 * 1024;

/** A message of more is read in steps, so that other connections are served in between, UTF-16 units. */
export const LARGE_MESSAGE_UNITS = 1024 * 1024;

/** Answers and messages that may wait on one connection, UTF-16 units; results are ASCII, so a unit is a byte. */
export const MAX_WAITING_UNITS_PER_CONNECTION = 64 * 1024 * 1024;

/** The same for all connections together. */
export const MAX_WAITING_UNITS = 256 * 1024 * 1024;
