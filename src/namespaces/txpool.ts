import { address } from "../eth/input/scalar.ts";
import { wireQuantity } from "../eth/output/wire.ts";
import { wireTransaction } from "../eth/output/transaction.ts";
import type { PoolReader } from "../node/mod.ts";
import { type Method, method, required } from "../rpc/method.ts";
import { type Schema, string, ValueError } from "../rpc/schema.ts";
import { object, record } from "../rpc/schema_object.ts";

/** A key of geth's maps, which Go prints in its own way. */
function key(pattern: string): Schema<string> {
  const expression = new RegExp(pattern);
  return {
    json: { type: "string", pattern },
    read(value) {
      if (typeof value !== "string" || !expression.test(value)) throw new ValueError(`want a key that fits ${pattern}`);
      return value;
    },
  };
}

/** The keys are addresses in the mixed case of EIP-55, unlike everywhere else. */
const sender = key("^0x[0-9a-fA-F]{40}$");
const nonce = key("^(0|[1-9][0-9]*)$");

function split<T>(part: Schema<T>) {
  return object({ pending: part, queued: part }, { closed: true });
}

const transactionsByNonce = record(nonce, { value: wireTransaction });

/** Makes the rows that read the transactions of the pool (geth's internal/ethapi, TxPoolAPI). */
export function txpoolRows(pool: PoolReader): { readonly [name: string]: Method } {
  return {
    txpool_content: method({
      summary: "Returns every waiting transaction, executable or held back by a nonce gap, by sender and nonce.",
      params: [],
      result: split(record(sender, { value: transactionsByNonce })),
      repeatable: true,
      handler: () => pool.content(),
    }),
    txpool_contentFrom: method({
      summary: "Returns one sender's waiting transactions by nonce.",
      params: [required("address", address)],
      result: split(transactionsByNonce),
      repeatable: true,
      handler: ([from]) => pool.contentFrom(from),
    }),
    txpool_inspect: method({
      summary: "Returns the waiting transactions as one line of text each, by sender and nonce.",
      params: [],
      result: split(record(sender, { value: record(nonce, { value: string }) })),
      repeatable: true,
      handler: () => pool.inspect(),
    }),
    txpool_status: method({
      summary: "Counts the waiting transactions.",
      params: [],
      result: split(wireQuantity),
      handler: () => pool.status(),
    }),
  };
}
