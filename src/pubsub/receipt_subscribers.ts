import type { ReceiptEvent } from "../events/mod.ts";
import { RawJson } from "../rpc/raw_json.ts";
import type { ReceiptSubscriber } from "./subscriber.ts";

/** The subscribers to receipts, indexed by transaction hash. */
export class ReceiptSubscribers {
  readonly #all = new Set<ReceiptSubscriber>();
  readonly #byTransaction = new Map<string, Set<ReceiptSubscriber>>();
  #filtered = 0;

  get size(): number {
    return this.#all.size + this.#filtered;
  }

  add(subscriber: ReceiptSubscriber): void {
    if (subscriber.transactionHashes === null) {
      this.#all.add(subscriber);
      return;
    }
    this.#filtered++;
    for (const hash of subscriber.transactionHashes) {
      const subscribers = this.#byTransaction.get(hash);
      if (subscribers === undefined) this.#byTransaction.set(hash, new Set([subscriber]));
      else subscribers.add(subscriber);
    }
  }

  delete(subscriber: ReceiptSubscriber): boolean {
    if (subscriber.transactionHashes === null) return this.#all.delete(subscriber);
    let found = false;
    for (const hash of subscriber.transactionHashes) {
      const subscribers = this.#byTransaction.get(hash);
      if (!subscribers?.delete(subscriber)) continue;
      found = true;
      if (subscribers.size === 0) this.#byTransaction.delete(hash);
    }
    if (found) this.#filtered--;
    return found;
  }

  /** Notifies each subscriber of the receipts of a block that it wants, as one array in block order, if there are any. */
  deliver(receipts: readonly ReceiptEvent[]): void {
    if (receipts.length === 0) return;
    if (this.#all.size > 0) {
      const array = RawJson.array(receipts.map((receipt) => receipt.json));
      for (const subscriber of this.#all) subscriber.notify(array);
    }
    if (this.#filtered === 0) return;
    const wanted = new Map<ReceiptSubscriber, RawJson[]>();
    for (const receipt of receipts) {
      for (const subscriber of this.#byTransaction.get(receipt.transactionHash) ?? []) {
        const own = wanted.get(subscriber);
        if (own === undefined) wanted.set(subscriber, [receipt.json]);
        else own.push(receipt.json);
      }
    }
    for (const [subscriber, own] of wanted) subscriber.notify(RawJson.array(own));
  }
}
