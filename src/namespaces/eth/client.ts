import { wireAddress, wireCapabilities, wireConfig, wireQuantity, wireSyncing } from "../../eth/mod.ts";
import type { Node } from "../../node/mod.ts";
import { type Method, method } from "../../rpc/method.ts";

export interface EthClientDeps {
  readonly node: Pick<Node, "identity" | "blocks">;
}

/** Makes the rows that report the chain and the progress of this node (execution-apis, eth/client). */
export function ethClientRows({ node: { identity, blocks } }: EthClientDeps): { readonly [name: string]: Method } {
  return {
    eth_chainId: method({
      summary: "Returns the chain id that transactions are signed for (EIP-155).",
      params: [],
      result: wireQuantity,
      handler: () => identity.chainId(),
    }),
    eth_blockNumber: method({
      summary: "Returns the number of the newest block.",
      params: [],
      result: wireQuantity,
      handler: () => blocks.headNumber(),
    }),
    eth_syncing: method({
      summary: "Returns false, or how far the node is behind.",
      params: [],
      result: wireSyncing,
      handler: () => blocks.syncing(),
    }),
    eth_coinbase: method({
      summary: "Returns the address that the fees of new blocks go to.",
      params: [],
      result: wireAddress,
      handler: () => blocks.coinbase(),
    }),
    eth_config: method({
      summary: "Returns the current, next and last fork with their parameters (EIP-7910).",
      params: [],
      result: wireConfig,
      handler: () => blocks.config(),
    }),
    eth_capabilities: method({
      summary: "Returns from which block on this node has state, transactions, logs, receipts and proofs.",
      params: [],
      result: wireCapabilities,
      handler: () => blocks.capabilities(),
    }),
  };
}
