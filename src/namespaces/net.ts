import { wireQuantity } from "../eth/mod.ts";
import type { IdentityReader } from "../node/mod.ts";
import { type Method, method } from "../rpc/method.ts";
import { boolean, string } from "../rpc/schema.ts";

/** Makes the rows of `net`. There is no peer-to-peer network: the answers are those of one node that is always ready. */
export function netRows({ identity }: { identity: IdentityReader }): { readonly [name: string]: Method } {
  return {
    net_version: method({
      summary: "Returns the network id as decimal text.",
      params: [],
      result: string,
      handler: async () => BigInt(await identity.networkId()).toString(),
    }),
    net_listening: method({
      summary: "Returns true, because a server that answers is listening.",
      params: [],
      result: boolean,
      handler: () => true,
    }),
    net_peerCount: method({
      summary: "Returns the number of peers, which is 0x0 for a chain of one.",
      params: [],
      result: wireQuantity,
      handler: () => "0x0" as const,
    }),
  };
}
