import type { Address, BlockRef, Data, Hash, Quantity } from "../../eth/types.ts";
import type { StateReader } from "../../node/mod.ts";
import { quantity } from "../../primitives/hex.ts";
import type { RawJson } from "../../rpc/raw_json.ts";
import type { Gateway } from "../gateway.ts";
import type { SentNonces } from "../sent_nonces.ts";

/** Reads accounts through the gateway. */
export class UpstreamState implements StateReader {
  readonly #gateway: Gateway;
  readonly #sent: SentNonces;

  constructor(gateway: Gateway, sent: SentNonces) {
    this.#gateway = gateway;
    this.#sent = sent;
  }

  balance(address: Address, at: BlockRef): Promise<Quantity> {
    return this.#read("eth_getBalance", [address], at);
  }

  async nonce(address: Address, at: BlockRef): Promise<Quantity> {
    const answered: Quantity = await this.#read("eth_getTransactionCount", [address], at);
    if (!("tag" in at) || at.tag !== "pending") return answered;
    return quantity(this.#sent.next(address, BigInt(answered)));
  }

  code(address: Address, at: BlockRef): Promise<Data> {
    return this.#read("eth_getCode", [address], at);
  }

  storage(address: Address, slot: Hash, at: BlockRef): Promise<Data> {
    return this.#read("eth_getStorageAt", [address, slot], at);
  }

  async proof(address: Address, slots: readonly string[], at: BlockRef): Promise<RawJson> {
    return await this.#gateway.read(at, ({ param }) => ({ method: "eth_getProof", params: [address, slots, param] }));
  }

  #read<T extends string>(method: string, params: readonly unknown[], at: BlockRef): Promise<T> {
    return this.#gateway.readText<T>(at, ({ param }) => ({ method, params: [...params, param] }));
  }
}
