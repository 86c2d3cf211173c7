// EIP-196 and EIP-197. Texts are those of geth's crypto/bn256/gnark and of gnark-crypto.
import { bn254 } from "@noble/curves/bn254.js";

const COORDINATE_BYTES = 32;
const POINT_BYTES = 64;
const PAIR_BYTES = 192;
const INVALID_ELEMENT = "invalid fp.Element encoding";
const NOT_ON_CURVE = "point is not on curve";

const { Fp, Fp2, Fr, Fp12 } = bn254.fields;
const G1 = bn254.G1.Point;
const G2 = bn254.G2.Point;
type PointG1 = typeof G1.BASE;
type PointG2 = typeof G2.BASE;

/** The sum of two points; what the input does not hold is zero. */
export function bn254Add(input: Uint8Array): Uint8Array | string {
  const one = pointAt(input, 0);
  if (typeof one === "string") return one;
  const other = pointAt(input, POINT_BYTES);
  return typeof other === "string" ? other : encode(one.add(other));
}

/** A point times a scalar. */
export function bn254Multiply(input: Uint8Array): Uint8Array | string {
  const point = pointAt(input, 0);
  if (typeof point === "string") return point;
  return encode(point.multiplyUnsafe(Fr.create(numberAt(input, POINT_BYTES))));
}

/** One word: 1 when the product of the pairings is one. */
export function bn254Pairing(input: Uint8Array): Uint8Array | string {
  if (input.length % PAIR_BYTES !== 0) return "bad elliptic curve pairing size";
  const pairs: { g1: PointG1; g2: PointG2 }[] = [];
  for (let at = 0; at < input.length; at += PAIR_BYTES) {
    const g1 = pointAt(input, at);
    if (typeof g1 === "string") return g1;
    const g2 = twistPointAt(input, at + POINT_BYTES);
    if (typeof g2 === "string") return g2;
    if (!g1.is0() && !g2.is0()) pairs.push({ g1, g2 });
  }
  const output = new Uint8Array(COORDINATE_BYTES);
  output[COORDINATE_BYTES - 1] = pairs.length === 0 || Fp12.eql(bn254.pairingBatch(pairs), Fp12.ONE) ? 1 : 0;
  return output;
}

function pointAt(input: Uint8Array, at: number): PointG1 | string {
  const x = numberAt(input, at);
  const y = numberAt(input, at + COORDINATE_BYTES);
  if (x >= Fp.ORDER || y >= Fp.ORDER) return INVALID_ELEMENT;
  if (x === 0n && y === 0n) return G1.ZERO;
  if (Fp.sqr(y) !== Fp.add(Fp.mul(Fp.sqr(x), x), 3n)) return NOT_ON_CURVE;
  return G1.fromAffine({ x, y });
}

function twistPointAt(input: Uint8Array, at: number): PointG2 | string {
  const coordinates = [0, 1, 2, 3].map((index) => numberAt(input, at + index * COORDINATE_BYTES));
  if (coordinates.some((value) => value >= Fp.ORDER)) return INVALID_ELEMENT;
  const [xImaginary = 0n, xReal = 0n, yImaginary = 0n, yReal = 0n] = coordinates;
  if (coordinates.every((value) => value === 0n)) return G2.ZERO;
  const x = { c0: xReal, c1: xImaginary };
  const y = { c0: yReal, c1: yImaginary };
  if (!Fp2.eql(Fp2.sqr(y), Fp2.add(Fp2.mul(Fp2.sqr(x), x), G2.CURVE().b))) return NOT_ON_CURVE;
  const point = G2.fromAffine({ x, y });
  return point.isTorsionFree() ? point : "point is not in correct subgroup";
}

function numberAt(input: Uint8Array, at: number): bigint {
  return BigInt(`0x0${input.subarray(at, at + COORDINATE_BYTES).toHex().padEnd(COORDINATE_BYTES * 2, "0")}`);
}

function encode(point: PointG1): Uint8Array {
  const { x, y } = point.toAffine();
  return Uint8Array.fromHex([x, y].map((value) => value.toString(16).padStart(COORDINATE_BYTES * 2, "0")).join(""));
}
