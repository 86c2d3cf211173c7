import type { AccessListItem, Address } from "./types.ts";

/** The forks that changed the intrinsic gas; each is true from its block on. */
export interface IntrinsicGasRules {
  /** EIP-2: creations cost 53,000. */
  readonly homestead: boolean;
  /** EIP-2028: 16 for a non-zero byte instead of 68. */
  readonly istanbul: boolean;
  /** EIP-3860: 2 for each word of init code. */
  readonly shanghai: boolean;
}

const TX_GAS = 21_000n;
const TX_CREATE_GAS = 53_000n;
const ZERO_BYTE_GAS = 4;
const NONZERO_BYTE_GAS = 16;
const NONZERO_BYTE_GAS_FRONTIER = 68;
/** EIP-2930. */
const ACCESS_LIST_ADDRESS_GAS = 2_400n;
const ACCESS_LIST_SLOT_GAS = 1_900n;
/** EIP-3860. */
const INIT_CODE_WORD_GAS = 2n;
/** EIP-7702, PER_EMPTY_ACCOUNT_COST: an authorization is charged as if it made an account. */
export const AUTHORIZATION_GAS = 25_000n;
/** EIP-7702, PER_AUTH_BASE_COST: the price when the account exists; the difference is refunded. */
export const AUTHORIZATION_BASE_GAS = 12_500n;
/** EIP-7623. */
const FLOOR_TOKEN_GAS = 10n;
const TOKENS_PER_NONZERO_BYTE = 4;

/** The parts of a transaction that its intrinsic gas depends on; `to` is null for a creation. */
export interface IntrinsicGasInput {
  readonly to: Address | null;
  readonly data: Uint8Array;
  readonly accessList: readonly AccessListItem[];
  readonly authorizations?: readonly unknown[] | undefined;
}

/** The zero bytes of long data, which are asked for more than once: counting 15 MB takes 15 ms (measured). */
const counted = new WeakMap<Uint8Array, number>();
const LONG_BYTES = 64 * 1024;

function zeroBytes(data: Uint8Array): number {
  if (data.length < LONG_BYTES) return countZeros(data);
  const known = counted.get(data);
  if (known !== undefined) return known;
  const zeros = countZeros(data);
  counted.set(data, zeros);
  return zeros;
}

function countZeros(data: Uint8Array): number {
  let zeros = 0;
  // An index, because the iterator of a typed array takes ten times as long before it is optimised (measured).
  for (let at = 0; at < data.length; at++) if (data[at] === 0) zeros++;
  return zeros;
}

/** Returns the gas that a transaction costs before its first instruction (geth's core.IntrinsicGas). */
export function intrinsicGas(transaction: IntrinsicGasInput, rules: IntrinsicGasRules): bigint {
  const { to, data, accessList, authorizations } = transaction;
  const isCreation = to === null;
  const zeros = zeroBytes(data);
  const nonzeroByteGas = rules.istanbul ? NONZERO_BYTE_GAS : NONZERO_BYTE_GAS_FRONTIER;
  let gas = isCreation && rules.homestead ? TX_CREATE_GAS : TX_GAS;
  gas += BigInt((data.length - zeros) * nonzeroByteGas + zeros * ZERO_BYTE_GAS);
  if (isCreation && rules.shanghai) gas += BigInt(Math.ceil(data.length / 32)) * INIT_CODE_WORD_GAS;
  for (const { storageKeys } of accessList) {
    gas += ACCESS_LIST_ADDRESS_GAS + BigInt(storageKeys.length) * ACCESS_LIST_SLOT_GAS;
  }
  return gas + BigInt(authorizations?.length ?? 0) * AUTHORIZATION_GAS;
}

/** Returns the least gas that a transaction with this data uses, from Prague on (EIP-7623). */
export function floorDataGas(data: Uint8Array): bigint {
  const zeros = zeroBytes(data);
  const tokens = (data.length - zeros) * TOKENS_PER_NONZERO_BYTE + zeros;
  return TX_GAS + BigInt(tokens) * FLOOR_TOKEN_GAS;
}
