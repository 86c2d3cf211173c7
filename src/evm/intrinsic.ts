import type { Message } from "./message.ts";

/** What a gas schedule asks; true from the fork on that brings it. */
export interface GasRules {
  /** Homestead, EIP-2: creations cost 53,000. */
  readonly homestead: boolean;
  /** Istanbul, EIP-2028: 16 for a non-zero byte instead of 68. */
  readonly istanbul: boolean;
  /** Shanghai, EIP-3860: 2 for each word of init code. */
  readonly shanghai: boolean;
}

const TX_GAS = 21_000n;
const TX_CREATE_GAS = 53_000n;
const ACCESS_LIST_ADDRESS_GAS = 2_400n;
const ACCESS_LIST_SLOT_GAS = 1_900n;
/** EIP-7702: an authorization is charged as if it made an account; the difference is refunded when it does not. */
export const AUTHORIZATION_GAS = 25_000n;
const INIT_CODE_WORD_GAS = 2n;
const FLOOR_TOKEN_GAS = 10n;
const TOKENS_PER_NONZERO_BYTE = 4;

type GasInput = Pick<Message, "data" | "to" | "accessList" | "authorizations">;

function zeroBytes(data: Uint8Array): number {
  let zeros = 0;
  for (const byte of data) if (byte === 0) zeros++;
  return zeros;
}

/** What a transaction costs before its first instruction (geth's IntrinsicGas). */
export function intrinsicGas(message: GasInput, rules: GasRules): bigint {
  const isCreation = message.to === null;
  const zeros = zeroBytes(message.data);
  let gas = isCreation && rules.homestead ? TX_CREATE_GAS : TX_GAS;
  gas += BigInt((message.data.length - zeros) * (rules.istanbul ? 16 : 68) + zeros * 4);
  if (isCreation && rules.shanghai) gas += BigInt(Math.ceil(message.data.length / 32)) * INIT_CODE_WORD_GAS;
  for (const item of message.accessList) {
    gas += ACCESS_LIST_ADDRESS_GAS + BigInt(item.storageKeys.length) * ACCESS_LIST_SLOT_GAS;
  }
  return gas + BigInt(message.authorizations?.length ?? 0) * AUTHORIZATION_GAS;
}

/** The least that a transaction pays for its data (EIP-7623). */
export function floorDataGas(data: Uint8Array): bigint {
  const zeros = zeroBytes(data);
  const tokens = (data.length - zeros) * TOKENS_PER_NONZERO_BYTE + zeros;
  return TX_GAS + BigInt(tokens) * FLOOR_TOKEN_GAS;
}
