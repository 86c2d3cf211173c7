import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak256 } from "../crypto/keccak.ts";
import { hexToBytes, wordHex } from "../primitives/hex.ts";
import type { Address, Data, Signature } from "../primitives/types.ts";
import { Pacer } from "../concurrency/pacer.ts";
import { keccakOfData } from "../primitives/hash.ts";
import { serverError } from "../rpc/error.ts";
import { CURVE_ORDER } from "../primitives/signature.ts";

const ADDRESS_BYTES = 20;
const PRIVATE_KEY_BYTES = 32;
const SIGNATURE_BYTES = 65;

/** The yellow paper's v of a message signature: 27 plus the recovery bit. */
const V_OFFSET = 27;

/** Returns the account that a private key controls. */
export function addressOfKey(privateKey: Uint8Array): Address {
  return addressOfPoint(secp256k1.getPublicKey(privateKey, false));
}

/** Signs a 32-byte digest by RFC 6979, as geth does, so that equal inputs give equal signatures. */
export function signDigest(privateKey: Uint8Array, digest: Uint8Array): Signature {
  const signed = secp256k1.sign(digest, privateKey, { prehash: false, format: "recovered" });
  const numbers = signed.subarray(1).toHex();
  return {
    r: BigInt(`0x${numbers.slice(0, 64)}`),
    s: BigInt(`0x${numbers.slice(64)}`),
    yParity: signed[0] === 0 ? 0 : 1,
  };
}

/** Returns the digest of EIP-191's personal message, which eth_sign and personal_sign sign instead of the caller's bytes. */
export function messageDigest(message: Data, signal?: AbortSignal): Promise<Uint8Array> {
  const pacer = new Pacer({ signal });
  const bytes = (message.length - 2) / 2;
  const prefix = new TextEncoder().encode(`\x19Ethereum Signed Message:\n${bytes}`);
  return keccakOfData(message, { prefix, breathe: () => pacer.breathe() });
}

/** Encodes a message signature as r, s and v, where v is 27 or 28. */
export function signatureData(signature: Signature): Data {
  return `${wordHex(signature.r)}${wordHex(signature.s).slice(2)}${(V_OFFSET + signature.yParity).toString(16)}`;
}

/** Returns the signer of `message`; throws geth's errors (internal/ethapi, EcRecover) for an invalid signature. */
export async function recoverMessageSigner(message: Data, signature: Data): Promise<Address> {
  const bytes = hexToBytes(signature);
  if (bytes.length !== SIGNATURE_BYTES) throw serverError(`signature must be ${SIGNATURE_BYTES} bytes long`);
  const v = bytes[SIGNATURE_BYTES - 1];
  if (v !== V_OFFSET && v !== V_OFFSET + 1) throw serverError("invalid Ethereum signature (V is not 27 or 28)");
  const recoverable = Uint8Array.of(v - V_OFFSET, ...bytes.subarray(0, SIGNATURE_BYTES - 1));
  const digest = await messageDigest(message);
  try {
    const point = secp256k1.Signature.fromBytes(recoverable, "recovered").recoverPublicKey(digest);
    return addressOfPoint(point.toBytes(false));
  } catch {
    // libsecp256k1's message for r or s out of range and for a point off the curve.
    throw serverError("recovery failed");
  }
}

/**
 * Reads the argument of personal_importRawKey: 64 hex digits without `0x`, as geth's crypto.HexToECDSA does. The errors are
 * geth's and describe only the form of the key.
 */
export function parsePrivateKey(text: string): Uint8Array {
  const alien = [...text].find((character) => !/^[0-9a-fA-F]$/.test(character));
  if (alien !== undefined) throw serverError(`invalid hex character ${goCharacter(alien)} in private key`);
  if (text.length % 2 !== 0) throw serverError("invalid hex data for private key");
  if (text.length !== 2 * PRIVATE_KEY_BYTES) throw serverError("invalid length, need 256 bits");
  const value = BigInt(`0x${text}`);
  if (value >= CURVE_ORDER) throw serverError("invalid private key, >=N");
  if (value === 0n) throw serverError("invalid private key, zero or negative");
  return Uint8Array.fromHex(text);
}

/** Makes a private key from the system's random numbers. */
export function randomPrivateKey(): Uint8Array {
  return secp256k1.utils.randomSecretKey();
}

function addressOfPoint(uncompressed: Uint8Array): Address {
  return `0x${keccak256(uncompressed.subarray(1)).subarray(-ADDRESS_BYTES).toHex()}`;
}

/** Go's %q of the first byte of a character, which is what hex.InvalidByteError holds. */
function goCharacter(character: string): string {
  const byte = new TextEncoder().encode(character)[0] ?? 0;
  if (character === "'" || character === "\\") return `'\\${character}'`;
  if (byte >= 0x20 && byte < 0x7f) return `'${character}'`;
  const named = new Map([[7, "a"], [8, "b"], [9, "t"], [10, "n"], [11, "v"], [12, "f"], [13, "r"]]).get(byte);
  if (named !== undefined) return `'\\${named}'`;
  // From 0xa1 on, Go takes the byte for a Latin-1 character, which prints (0xad, the soft hyphen, does not).
  if (byte > 0xa0 && byte !== 0xad) return `'${String.fromCodePoint(byte)}'`;
  return byte < 0x80 ? `'\\x${byte.toString(16).padStart(2, "0")}'` : `'\\u${byte.toString(16).padStart(4, "0")}'`;
}
