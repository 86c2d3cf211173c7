import "../state/no_env.ts";
import type { CustomCrypto } from "@ethereumjs/common";
import { keccak256 } from "../crypto/keccak.ts";
import { recoverPublicKey } from "../crypto/signature.ts";

/** The crypto for every Common of this chain, in place of the library's JavaScript. */
export const customCrypto: CustomCrypto = {
  keccak256,
  ecrecover: (digest, v, r, s, chainId) => recoverPublicKey(digest, { r, s, yParity: parityOf(v, chainId) }),
};

/** The parity in a `v`: itself (EIP-2718 types), 27 or 28, or folded with the chain id (EIP-155). */
function parityOf(v: bigint, chainId: bigint | undefined): 0 | 1 {
  const parity = v === 0n || v === 1n ? v : chainId === undefined ? v - 27n : v - chainId * 2n - 35n;
  if (parity !== 0n && parity !== 1n) throw new Error("Invalid signature v value");
  return parity === 1n ? 1 : 0;
}
