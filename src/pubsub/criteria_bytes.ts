import type { Subscriber } from "./subscriber.ts";

/** The memory of an address, topic or hash that a subscriber names, in the index as well, bytes (measured: 110 to 370). */
const NAMED_VALUE_BYTES = 384;

/** Returns the memory that the criteria of a subscriber take, bytes. */
export function criteriaBytes(subscriber: Subscriber): number {
  if (subscriber.kind === "receipts") return NAMED_VALUE_BYTES * (subscriber.transactionHashes?.length ?? 0);
  if (subscriber.kind !== "logs") return 0;
  const { addresses, topics } = subscriber.matcher;
  return NAMED_VALUE_BYTES * topics.reduce((sum, topic) => sum + (topic?.length ?? 0), addresses.length);
}
