import type { Address } from "../../eth/types.ts";
import type { PoolReader } from "../../node/mod.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import type { Gateway } from "../gateway.ts";

/** Reads the pool of an upstream. */
export class UpstreamPool implements PoolReader {
  readonly #gateway: Gateway;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  status(): Promise<RawJson> {
    return this.#gateway.ask("txpool_status", []);
  }

  content(): Promise<RawJson> {
    return this.#gateway.ask("txpool_content", []);
  }

  contentFrom(address: Address): Promise<RawJson> {
    return this.#gateway.ask("txpool_contentFrom", [address]);
  }

  inspect(): Promise<RawJson> {
    return this.#gateway.ask("txpool_inspect", []);
  }

  async pendingOf(senders: ReadonlySet<Address>): Promise<RawJson> {
    const contents = await Promise.all([...senders].map((sender) => this.contentFrom(sender)));
    return RawJson.of(contents.flatMap((content) => {
      const { pending = {} } = content.decode() as { readonly pending?: Record<string, unknown> };
      return Object.keys(pending).sort((one, other) => Number(one) - Number(other)).map((nonce) => pending[nonce]);
    }));
  }
}
