import type { Address, Hash } from "../../eth/types.ts";

/** One account of a world. */
export interface WorldAccount {
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly codeHash: Hash;
}

/** One slot of an EIP-1186 proof. */
export interface SlotProof {
  readonly slot: Hash;
  readonly value: Hash;
  readonly proof: readonly Uint8Array[];
}

/** An EIP-1186 proof; nodes are RLP, root first. */
export interface AccountProof {
  /** Undefined when the account does not exist. */
  readonly account: WorldAccount | undefined;
  readonly storageRoot: Hash;
  readonly proof: readonly Uint8Array[];
  readonly slots: readonly SlotProof[];
}

/** All accounts at one moment, immutable: keeping one costs a pointer. */
export class World {
  static empty(): World {
    throw new Error("skeleton");
  }

  account(_address: Address): WorldAccount | undefined {
    throw new Error("skeleton");
  }

  /** The code of an account, empty when it has none; shared, not to be changed. */
  code(_address: Address): Uint8Array {
    throw new Error("skeleton");
  }

  /** The value of a slot, 32 bytes, zero when unset. */
  storage(_address: Address, _slot: Hash): Hash {
    throw new Error("skeleton");
  }

  /** The state root. */
  root(): Hash {
    throw new Error("skeleton");
  }

  storageRoot(_address: Address): Hash {
    throw new Error("skeleton");
  }

  withBalance(_address: Address, _balance: bigint): World {
    throw new Error("skeleton");
  }

  withNonce(_address: Address, _nonce: bigint): World {
    throw new Error("skeleton");
  }

  withCode(_address: Address, _code: Uint8Array): World {
    throw new Error("skeleton");
  }

  withStorage(_address: Address, _slots: Iterable<readonly [Hash, Hash]>): World {
    throw new Error("skeleton");
  }

  /** Drops all slots of an account. */
  withoutStorage(_address: Address): World {
    throw new Error("skeleton");
  }

  withoutAccount(_address: Address): World {
    throw new Error("skeleton");
  }

  proof(_address: Address, _slots: readonly Hash[]): AccountProof {
    throw new Error("skeleton");
  }

  /** Every account, in no meaningful order (that of the hashed addresses). */
  accounts(): Iterable<readonly [Address, WorldAccount]> {
    throw new Error("skeleton");
  }

  /** Every non-zero slot of an account. */
  slots(_address: Address): Iterable<readonly [Hash, Hash]> {
    throw new Error("skeleton");
  }
}
