import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak256 } from "../../../src/crypto/keccak.ts";
import { minimalDigits, quantity } from "../../../src/primitives/hex.ts";
import { encodeRlp } from "../../../src/primitives/rlp.ts";
import type { Address } from "../../../src/eth/types.ts";
import type { Random } from "../../support/random.ts";
import { anyAddress } from "./words.ts";

/** Accounts whose keys are known here, so that they can sign EIP-7702 authorizations. */
export const AUTHORITIES: readonly { readonly address: Address; readonly key: Uint8Array }[] = [1, 2, 3].map((byte) => {
  const key = new Uint8Array(32).fill(byte);
  return { key, address: `0x${keccak256(secp256k1.getPublicKey(key, false).slice(1)).slice(12).toHex()}` };
});

const CHAIN_ID = 1337n;

/** An authorization as JSON-RPC takes it: mostly valid, else of another chain, nonce or signer. */
export function randomAuthorization(random: Random) {
  const { key } = random.pick(AUTHORITIES);
  const chainId = random.pick([CHAIN_ID, CHAIN_ID, 0n, 5n]);
  const address: Address = random.chance(0.1) ? `0x${"0".repeat(40)}` : anyAddress(random);
  const nonce = BigInt(random.below(3));
  const message = encodeRlp([minimalDigits(chainId), address.slice(2), minimalDigits(nonce)]);
  const digest = keccak256(Uint8Array.fromHex(`05${message}`));
  const signature = secp256k1.sign(digest, key, { prehash: false, format: "recovered" });
  const number = (bytes: Uint8Array) => quantity(BigInt(`0x${bytes.toHex()}`));
  return {
    chainId: quantity(chainId),
    address,
    nonce: quantity(random.chance(0.05) ? (1n << 64n) - 1n : nonce),
    yParity: quantity(random.chance(0.05) ? 2 : signature[0] ?? 0),
    r: number(signature.slice(1, 33)),
    s: number(signature.slice(33)),
  };
}
