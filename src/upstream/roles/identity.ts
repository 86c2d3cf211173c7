import type { Quantity } from "../../eth/types.ts";
import type { IdentityReader } from "../../node/mod.ts";
import { CODE, RpcError } from "../../rpc/error.ts";
import { quantity } from "../../primitives/hex.ts";
import type { Gateway } from "../gateway.ts";

/** Reports the chain that all upstreams share. */
export class UpstreamIdentity implements IdentityReader {
  readonly #gateway: Gateway;
  readonly #known: () => bigint | null;
  #networkId: Quantity | null = null;

  /** `known` is the chain id once an upstream has told it. */
  constructor(gateway: Gateway, known: () => bigint | null) {
    this.#gateway = gateway;
    this.#known = known;
  }

  async chainId(): Promise<Quantity> {
    const known = this.#known();
    return known === null ? await this.#gateway.askText("eth_chainId", []) : quantity(known);
  }

  async networkId(): Promise<Quantity> {
    return this.#networkId ??= await this.#askNetworkId();
  }

  /** Returns the network id, or the chain id where a provider does not offer `net`: on nearly every network they are equal. */
  async #askNetworkId(): Promise<Quantity> {
    try {
      return quantity(BigInt(await this.#gateway.askText<string>("net_version", [])));
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== CODE.methodNotFound) throw error;
      return await this.chainId();
    }
  }
}
