/** What one connection may ask for at once. 0 is no limit. */
export interface Limits {
  /** Items in one batch: --rpc.batch-request-limit. */
  readonly batchItems: number;
  /** Sum of the encoded results and errors of one batch: --rpc.batch-response-max-size. */
  readonly batchResponseBytes: number;
  /** Calls (a batch counts as one) that wait for their answer: --ws.max-inflight. */
  readonly inflightCalls: number;
  /** --ws.max-subscriptions. */
  readonly subscriptions: number;
}

/** geth's limits for batches, and this server's own for what geth leaves unbounded. */
export const DEFAULT_LIMITS: Limits = {
  batchItems: 1000,
  batchResponseBytes: 25_000_000,
  inflightCalls: 200,
  subscriptions: 1024,
};

/** geth's rpc/handler.go `maxMethodNameLength`, bytes. */
export const MAX_METHOD_NAME_BYTES = 2048;

/** Calls from the server to one client that wait for its answer. */
export const MAX_REVERSE_CALLS = 100;

/** Notifications of one subscription that wait for the subscribe call to be answered, UTF-16 units. */
export const MAX_HELD_UNITS = 16 * 1024 * 1024;
