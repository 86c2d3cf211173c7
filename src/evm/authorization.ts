import type { Address, Authorization } from "../eth/types.ts";
import { HALF_CURVE_ORDER, recoverAddress } from "../primitives/signature.ts";
import { keccak256 } from "../crypto/keccak.ts";
import { rlpList, rlpString } from "../primitives/rlp.ts";
import { AUTHORIZATION_BASE_GAS, AUTHORIZATION_GAS } from "../primitives/intrinsic_gas.ts";
import { delegationCode, isDelegation } from "../primitives/delegation.ts";
import type { Execution } from "./execution.ts";
import { MAX_UINT64 } from "../primitives/uint.ts";
import { hexToBytes, minimalDigits } from "../primitives/hex.ts";

const MAGIC = "05";

/** Applies those authorizations of EIP-7702 that are valid, skips the others, and returns the gas to refund. */
export async function applyAuthorizations(
  execution: Execution,
  authorizations: readonly Authorization[] | undefined,
): Promise<bigint> {
  let refund = 0n;
  for (const authorization of authorizations ?? []) {
    const authority = authorityOf(authorization, execution.rules.chainId);
    if (authority === undefined) continue;
    execution.state.warm(authority);
    await execution.pacer.breathe();
    const account = execution.state.account(authority);
    const code = account?.code.bytes;
    if (code !== undefined && code.length !== 0 && !isDelegation(code)) continue;
    if ((account?.nonce ?? 0n) !== authorization.nonce) continue;
    if (account !== undefined) refund += AUTHORIZATION_GAS - AUTHORIZATION_BASE_GAS;
    execution.state.setCode(authority, delegationCode(authorization.address));
    execution.state.setNonce(authority, authorization.nonce + 1n);
  }
  return refund;
}

/** Returns the signer of an authorization; undefined when it cannot be valid on a chain. */
export function authorityOf(authorization: Authorization, chainId: bigint): Address | undefined {
  if (authorization.chainId !== 0n && authorization.chainId !== chainId) return undefined;
  return authorization.nonce >= MAX_UINT64 ? undefined : signerOf(authorization);
}

/** Returns the signer of an authorization, valid or not; undefined when its signature has none. */
export function signerOf({ chainId, address, nonce, r, s, yParity }: Authorization): Address | undefined {
  if (s > HALF_CURVE_ORDER || (yParity !== 0n && yParity !== 1n)) return undefined;
  const payload = rlpList([
    rlpString(minimalDigits(chainId)),
    rlpString(address.slice(2)),
    rlpString(minimalDigits(nonce)),
  ]);
  const digest = keccak256(hexToBytes(`0x${MAGIC}${payload}`));
  return recoverAddress(digest, { r, s, yParity: yParity === 1n ? 1 : 0 });
}
