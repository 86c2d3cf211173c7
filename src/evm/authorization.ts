import { MAX_UINT64 } from "../eth/hex.ts";
import type { Address, Authorization } from "../eth/types.ts";
import { recoverAddress } from "../crypto/signature.ts";
import { keccak256 } from "../crypto/keccak.ts";
import { minimalDigits } from "../primitives/hex.ts";
import { rlpList, rlpString } from "../primitives/rlp.ts";
import { hexBytes } from "../state/bytes.ts";
import { AUTHORIZATION_GAS } from "./intrinsic.ts";
import type { Execution } from "./machine.ts";
import { delegationOf } from "./precheck.ts";

/** EIP-7702, PER_AUTH_BASE_COST: what an authorization of an existing account really costs. */
const AUTHORIZATION_BASE_GAS = 12_500n;
const MAGIC = "05";
const DELEGATION_PREFIX = "ef0100";
const ZERO_ADDRESS = `0x${"0".repeat(40)}`;
/** EIP-2: a signature with a higher s is malleable. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** Applies those authorizations of EIP-7702 that are valid, skips the others, and returns the gas to refund. */
export async function applyAuthorizations(
  execution: Execution,
  authorizations: readonly Authorization[] | undefined,
): Promise<bigint> {
  let refund = 0n;
  for (const authorization of authorizations ?? []) {
    const authority = authorityOf(authorization, execution.common.chainId());
    if (authority === undefined) continue;
    execution.vm.warmth.warm(authority);
    await execution.pacer.breathe();
    const account = execution.state.account(authority);
    const code = account?.code.bytes;
    if (code !== undefined && code.length !== 0 && delegationOf(code) === undefined) continue;
    if ((account?.nonce ?? 0n) !== authorization.nonce) continue;
    if (account !== undefined) refund += AUTHORIZATION_GAS - AUTHORIZATION_BASE_GAS;
    const delegation = authorization.address === ZERO_ADDRESS ? "" : DELEGATION_PREFIX + authorization.address.slice(2);
    execution.state.setCode(authority, Uint8Array.fromHex(delegation));
    execution.state.setNonce(authority, authorization.nonce + 1n);
  }
  return refund;
}

/** Who signed an authorization, undefined when it cannot be valid. */
export function authorityOf(authorization: Authorization, chainId: bigint): Address | undefined {
  const { address, nonce, r, s, yParity } = authorization;
  if (authorization.chainId !== 0n && authorization.chainId !== chainId) return undefined;
  if (nonce >= MAX_UINT64 || s > HALF_ORDER || (yParity !== 0n && yParity !== 1n)) return undefined;
  const payload = rlpList([
    rlpString(minimalDigits(authorization.chainId)),
    rlpString(address.slice(2)),
    rlpString(minimalDigits(nonce)),
  ]);
  const digest = keccak256(hexBytes(`0x${MAGIC}${payload}`));
  return recoverAddress(digest, { r, s, yParity: yParity === 1n ? 1 : 0 });
}
