import type { Address, Hash } from "../../../src/primitives/types.ts";
import { CODE, RpcError } from "../../../src/rpc/error.ts";
import { RawJson } from "../../../src/rpc/raw_json.ts";
import type { BlockPosition, RemoteSource } from "../../../src/fork/source.ts";
import { bytesToHex, quantity, wordHex } from "../../../src/primitives/hex.ts";
import type { World } from "../../../src/state/world.ts";

export const BLOCK_HASH: Hash = `0x${"ab".repeat(32)}`;

/** An upstream that answers from a world, notes each question, and answers only when it is told to. */
export class ScriptedSource implements RemoteSource {
  readonly block: BlockPosition;
  readonly questions: string[] = [];
  /** Methods that it does not know. */
  readonly unknown = new Set<string>(["eth_createAccessList"]);
  /** Errors that it answers next, by method. */
  readonly errors = new Map<string, RpcError>();
  /** Answers that it gives in place of the true ones. */
  readonly answers = new Map<string, unknown>();
  #gate: Promise<void> = Promise.resolve();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    this.block = { number: 1_000n, hash: BLOCK_HASH, stateRoot: world.root() };
  }

  /** Holds answers back until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return resolve;
  }

  atBlock(method: string, params: readonly unknown[]): Promise<RawJson> {
    return this.ask(method, params);
  }

  async ask(method: string, params: readonly unknown[]): Promise<RawJson> {
    this.questions.push(method.replace("eth_", ""));
    await this.#gate;
    const error = this.errors.get(method);
    if (error !== undefined) {
      this.errors.delete(method);
      throw error;
    }
    if (this.unknown.has(method)) throw new RpcError(CODE.methodNotFound, `the method ${method} does not exist`);
    return RawJson.of(this.answers.get(method) ?? this.#answer(method, params));
  }

  #answer(method: string, params: readonly unknown[]): unknown {
    const [first, second] = params as [Address, Hash];
    switch (method) {
      case "eth_getBalance":
        return quantity(this.#world.balance(first));
      case "eth_getTransactionCount":
        return quantity(this.#world.nonce(first));
      case "eth_getCode":
        return bytesToHex(this.#world.code(first));
      case "eth_getStorageAt":
        return this.#world.storage(first, second);
      case "eth_getStorageValues":
        return Object.fromEntries(
          Object.entries(first as unknown as Record<Address, Hash[]>).map(([address, slots]) => [
            address,
            slots.map((slot) => this.#world.storage(address as Address, slot)),
          ]),
        );
      case "eth_getProof": {
        const { proof, slots } = this.#world.proof(first, second as unknown as Hash[]);
        return {
          accountProof: proof.map(bytesToHex),
          storageProof: slots.map(({ proof }) => ({ proof: proof.map(bytesToHex) })),
        };
      }
      case "eth_getBlockByNumber":
        return { hash: BigInt(first) === this.block.number ? BLOCK_HASH : wordHex(BigInt(first)) };
      default:
        throw new Error(`no answer to ${method}`);
    }
  }
}
