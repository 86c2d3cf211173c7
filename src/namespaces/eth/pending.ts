import { type Address, wireTransaction } from "../../eth/mod.ts";
import type { PoolReader } from "../../node/mod.ts";
import type { Awaitable } from "../../rpc/awaitable.ts";
import { type Method, method } from "../../rpc/method.ts";
import { array } from "../../rpc/schema.ts";

export interface EthPendingDeps {
  readonly pool: PoolReader;
  readonly accounts: { list(): Awaitable<readonly Address[]> };
}

/** Makes the row of `eth` that reads the pool. */
export function ethPendingRows({ pool, accounts }: EthPendingDeps): { readonly [name: string]: Method } {
  return {
    eth_pendingTransactions: method({
      summary: "Returns the pending transactions that this node's own accounts sent.",
      params: [],
      result: array(wireTransaction),
      handler: async () => await pool.pendingOf(new Set(await accounts.list())),
    }),
  };
}
