import type { Address, BlockRef, Data, Hash, Quantity } from "../../../eth/types.ts";
import type { StateReader } from "../../../node/state.ts";
import type { Awaitable } from "../../../rpc/awaitable.ts";
import { serverError } from "../../../rpc/error.ts";
import { RawJson } from "../../../rpc/raw_json.ts";
import { type Blocks, isPending } from "./blocks.ts";
import type { ChainCore } from "../../core/core.ts";
import { bytesToHex, quantity, ZERO_HASH } from "../../../primitives/hex.ts";

/** Reads accounts at a block. */
export class EmbeddedStateReader implements StateReader {
  readonly #core: ChainCore;
  readonly #blocks: Blocks;

  constructor(core: ChainCore, blocks: Blocks) {
    this.#core = core;
    this.#blocks = blocks;
  }

  balance(address: Address, at: BlockRef): Awaitable<Quantity> {
    return this.#blocks.inState(at, (world) => quantity(world.balance(address)));
  }

  nonce(address: Address, at: BlockRef): Awaitable<Quantity> {
    const { pool } = this.#core;
    if (isPending(at)) return this.#core.loaded(() => quantity(pool.nextNonce(address)));
    return this.#blocks.inState(at, (world) => quantity(world.nonce(address)));
  }

  code(address: Address, at: BlockRef): Awaitable<Data> {
    return this.#blocks.inState(at, (world) => bytesToHex(world.code(address)));
  }

  storage(address: Address, slot: Hash, at: BlockRef): Awaitable<Data> {
    return this.#blocks.inState(at, (world) => world.storage(address, slot));
  }

  proof(address: Address, slots: readonly string[], at: BlockRef): Awaitable<RawJson> {
    return this.#blocks.inState(at, (world) => {
      if (!world.hasTrueRoot) throw serverError("the node whose state this chain stands on has no proofs");
      const proof = world.proof(address, slots.map(slotWord));
      return RawJson.of({
        address,
        accountProof: proof.proof.map(bytesToHex),
        balance: quantity(proof.account?.balance ?? 0n),
        // geth's GetCodeHash and GetStorageRoot of an account that does not exist.
        codeHash: proof.account?.codeHash ?? ZERO_HASH,
        nonce: quantity(proof.account?.nonce ?? 0n),
        storageHash: proof.account === undefined ? ZERO_HASH : proof.storageRoot,
        storageProof: proof.slots.map((slot, index) => ({
          key: echoedSlot(slots[index] ?? slot.slot),
          value: quantity(BigInt(slot.value)),
          proof: slot.proof.map(bytesToHex),
        })),
      });
    });
  }
}

function slotWord(slot: string): Hash {
  return `0x${slot.replace(/^0x/i, "").toLowerCase().padStart(64, "0")}`;
}

/** Returns a key as geth's GetProof does: one of 32 bytes unchanged, a shorter one as a quantity. */
function echoedSlot(slot: string): string {
  const digits = slot.replace(/^0x/i, "");
  return digits.length === 64 ? `0x${digits.toLowerCase()}` : quantity(BigInt(`0x${digits || "0"}`));
}
