import {
  type Address,
  wireAddress,
  wireCapabilities,
  wireConfig,
  wireQuantity,
  wireSyncing,
  wireTransaction,
} from "../../eth/mod.ts";
import type { ChainIdentity, ChainReader, PoolReader } from "../../node/mod.ts";
import { type Awaitable, type Method, method } from "../../rpc/method.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import { array } from "../../rpc/schema.ts";
import { quantity } from "../../primitives/hex.ts";

export interface EthClientDeps {
  readonly identity: ChainIdentity;
  readonly chain: ChainReader;
  readonly pool: PoolReader;
  /** Whose pending transactions count as this node's own. */
  readonly accounts: { list(): Awaitable<readonly Address[]> };
}

async function pendingOfOwn({ pool, accounts }: EthClientDeps): Promise<RawJson> {
  const mine = new Set(await accounts.list());
  const pending = await pool.pending();
  return RawJson.array(pending.filter(({ from }) => mine.has(from)).map(({ json }) => json));
}

/** What this node is, and how far it has come (execution-apis, eth/client). */
export function ethClientRows(deps: EthClientDeps): { readonly [name: string]: Method } {
  const { chain } = deps;
  return {
    eth_chainId: method({
      summary: "Returns the chain id that transactions are signed for (EIP-155).",
      params: [],
      result: wireQuantity,
      handler: () => quantity(deps.identity.chainId),
    }),
    eth_blockNumber: method({
      summary: "Returns the number of the newest block.",
      params: [],
      result: wireQuantity,
      handler: () => {
        const head = chain.headNumber();
        return typeof head === "bigint" ? quantity(head) : head.then(quantity);
      },
    }),
    eth_syncing: method({
      summary: "Returns false, or how far the node is behind.",
      params: [],
      result: wireSyncing,
      handler: () => chain.syncing(),
    }),
    eth_coinbase: method({
      summary: "Returns the address that the fees of new blocks go to.",
      params: [],
      result: wireAddress,
      handler: () => chain.coinbase(),
    }),
    eth_config: method({
      summary: "Returns the current, next and last fork with their parameters (EIP-7910).",
      params: [],
      result: wireConfig,
      handler: () => chain.config(),
    }),
    eth_capabilities: method({
      summary: "Returns from which block on this node has state, transactions, logs, receipts and proofs.",
      params: [],
      result: wireCapabilities,
      handler: () => chain.capabilities(),
    }),
    eth_pendingTransactions: method({
      summary: "Returns the pending transactions that this node's own accounts sent.",
      params: [],
      result: array(wireTransaction),
      handler: () => pendingOfOwn(deps),
    }),
  };
}
