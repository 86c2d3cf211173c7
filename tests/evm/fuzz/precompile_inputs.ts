import { bls12_381 } from "@noble/curves/bls12-381.js";
import { bn254 } from "@noble/curves/bn254.js";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";

const DIGEST = sha256(new TextEncoder().encode("a digest"));
const KEY = new Uint8Array(32).fill(7);

function word(value: bigint | number): string {
  return value.toString(16).padStart(64, "0");
}

/** A base field element of BLS12-381: 48 bytes behind 16 zeros (EIP-2537). */
function blsField(value: bigint): string {
  return value.toString(16).padStart(128, "0");
}

function ecRecover(): string {
  const signature = secp256k1.sign(DIGEST, KEY, { prehash: false, format: "recovered" });
  return DIGEST.toHex() + word(27 + (signature[0] ?? 0)) + signature.slice(1).toHex();
}

function p256Verify(): string {
  const signature = p256.sign(DIGEST, KEY, { prehash: false, format: "compact" });
  return DIGEST.toHex() + signature.toHex() + p256.getPublicKey(KEY, false).slice(1).toHex();
}

function modExp(base: string, exponent: string, modulus: string): string {
  return [base, exponent, modulus].map((digits) => word(digits.length / 2)).join("") + base + exponent + modulus;
}

/** EIP-152's input: rounds, state, block, offsets, final flag. */
function blake2f(rounds: number, flag: number): string {
  const middle = Uint8Array.from({ length: 208 }, (_, index) => index * 37 & 0xff);
  return rounds.toString(16).padStart(8, "0") + middle.toHex() + flag.toString(16).padStart(2, "0");
}

/** The blob of zeros: its commitment and every proof are the point at infinity (EIP-4844). */
function pointEvaluation(): string {
  const infinity = `c0${"00".repeat(47)}`;
  const hash = sha256(Uint8Array.fromHex(infinity));
  hash[0] = 1;
  return hash.toHex() + word(5) + word(0) + infinity + infinity;
}

const bnG1 = word(1) + word(2);
const bnMinusG1 = word(1) + word(bn254.fields.Fp.ORDER - 2n);
const bnPoint = bn254.G2.Point.BASE.toAffine();
const bnG2 = [bnPoint.x.c1, bnPoint.x.c0, bnPoint.y.c1, bnPoint.y.c0].map(word).join("");
const blsPoint1 = bls12_381.G1.Point.BASE.toAffine();
const blsG1 = blsField(blsPoint1.x) + blsField(blsPoint1.y);
const blsMinusG1 = blsField(blsPoint1.x) + blsField(bls12_381.fields.Fp.neg(blsPoint1.y));
const blsPoint2 = bls12_381.G2.Point.BASE.toAffine();
const blsG2 = [blsPoint2.x.c0, blsPoint2.x.c1, blsPoint2.y.c0, blsPoint2.y.c1].map(blsField).join("");
/** A point of the curve that is not in the subgroup: `[p]` of x = 4 (y found by the square root). */
const blsOutside = blsField(4n) +
  blsField(bls12_381.fields.Fp.sqrt(bls12_381.fields.Fp.create(4n ** 3n + 4n)));

/** Call data that precompiled contracts accept, and some that they just do not. */
export const PRECOMPILE_INPUTS: readonly string[] = [
  ecRecover(),
  p256Verify(),
  modExp("03", "05", "07"),
  modExp("ff".repeat(40), "010001", "fd".repeat(40)),
  modExp("", "", "00"),
  modExp("02", "ff".repeat(33), ""),
  bnG1 + bnG1,
  bnG1 + bnMinusG1,
  bnG1 + word(9),
  bnG1 + bnG2 + bnMinusG1 + bnG2,
  bnG1 + bnG2,
  word(1) + word(3) + word(0),
  blake2f(0, 0),
  blake2f(12, 1),
  blake2f(300, 2),
  pointEvaluation(),
  pointEvaluation().replace(/.$/, "1"),
  blsG1 + blsMinusG1,
  blsG1 + blsG1,
  blsG1 + word(17),
  blsG1 + word(17) + blsG1 + word(3),
  blsOutside + word(2),
  blsG2 + blsG2,
  blsG2 + word(2n ** 256n - 1n),
  blsG1 + blsG2 + blsMinusG1 + blsG2,
  blsG1 + blsG2,
  blsOutside + blsG2,
  blsField(3n),
  blsField(3n) + blsField(5n),
  blsField(bls12_381.fields.Fp.ORDER),
  "ff".repeat(128),
  "",
].map((digits) => `0x${digits}`);
