/** `0x` and lower-case hex digits. */
export type Hex = `0x${string}`;
/** 20 bytes, lower case. */
export type Address = Hex;
/** 32 bytes, lower case. */
export type Hash = Hex;
/** A number without leading zeros: `0x0`, `0x1a`. */
export type Quantity = Hex;
/** Bytes of any length, an even count of digits. */
export type Data = Hex;

/** One entry of an access list (EIP-2930). */
export interface AccessListItem {
  readonly address: Address;
  readonly storageKeys: readonly Hash[];
}

/** A signed permission to set the code of an account (EIP-7702). */
export interface Authorization {
  readonly chainId: bigint;
  readonly address: Address;
  readonly nonce: bigint;
  readonly yParity: bigint;
  readonly r: bigint;
  readonly s: bigint;
}

/** Ether that the consensus layer pays out in a block (EIP-4895). */
export interface Withdrawal {
  readonly index: bigint;
  readonly validatorIndex: bigint;
  readonly address: Address;
  /** Gwei. */
  readonly amount: bigint;
}

/** A signature over a transaction digest or a message. */
export interface Signature {
  readonly r: bigint;
  readonly s: bigint;
  readonly yParity: 0 | 1;
}
