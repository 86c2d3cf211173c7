// The two additions of EIP-2537, which need no more than a field. Texts are those of geth's core/vm/contracts.go.
import { bls12_381 } from "@noble/curves/bls12-381.js";

/** A field element: 16 zeros and 48 bytes. */
const ELEMENT_BYTES = 64;
const PADDING_BYTES = 16;
const POINT_BYTES = 2 * ELEMENT_BYTES;

const { Fp, Fp2 } = bls12_381.fields;
const G1 = bls12_381.G1.Point;
const G2 = bls12_381.G2.Point;

export function blsG1Add(input: Uint8Array): Uint8Array | string {
  if (input.length !== 2 * POINT_BYTES) return "invalid input length";
  const one = pointAt(input, 0);
  if (typeof one === "string") return one;
  const other = pointAt(input, POINT_BYTES);
  if (typeof other === "string") return other;
  const { x, y } = one.add(other).toAffine();
  return encode([x, y]);
}

export function blsG2Add(input: Uint8Array): Uint8Array | string {
  if (input.length !== 4 * POINT_BYTES) return "invalid input length";
  const one = twistPointAt(input, 0);
  if (typeof one === "string") return one;
  const other = twistPointAt(input, 2 * POINT_BYTES);
  if (typeof other === "string") return other;
  const { x, y } = one.add(other).toAffine();
  return encode([x.c0, x.c1, y.c0, y.c1]);
}

function pointAt(input: Uint8Array, at: number): typeof G1.BASE | string {
  const elements = elementsAt(input, at, 2);
  if (typeof elements === "string") return elements;
  const [x = 0n, y = 0n] = elements;
  if (x === 0n && y === 0n) return G1.ZERO;
  const isOnCurve = Fp.sqr(y) === Fp.add(Fp.mul(Fp.sqr(x), x), G1.CURVE().b);
  return isOnCurve ? G1.fromAffine({ x, y }) : "invalid point: not on curve";
}

function twistPointAt(input: Uint8Array, at: number): typeof G2.BASE | string {
  const elements = elementsAt(input, at, 4);
  if (typeof elements === "string") return elements;
  const [x0 = 0n, x1 = 0n, y0 = 0n, y1 = 0n] = elements;
  if (elements.every((element) => element === 0n)) return G2.ZERO;
  const x = { c0: x0, c1: x1 };
  const y = { c0: y0, c1: y1 };
  const isOnCurve = Fp2.eql(Fp2.sqr(y), Fp2.add(Fp2.mul(Fp2.sqr(x), x), G2.CURVE().b));
  return isOnCurve ? G2.fromAffine({ x, y }) : "invalid point: not on curve";
}

function elementsAt(input: Uint8Array, at: number, count: number): bigint[] | string {
  const elements: bigint[] = [];
  for (let index = 0; index < count; index++) {
    const start = at + index * ELEMENT_BYTES;
    if (input.subarray(start, start + PADDING_BYTES).some((byte) => byte !== 0)) {
      return "invalid field element top bytes";
    }
    const value = BigInt(`0x${input.subarray(start + PADDING_BYTES, start + ELEMENT_BYTES).toHex()}`);
    if (value >= Fp.ORDER) return "invalid fp.Element encoding";
    elements.push(value);
  }
  return elements;
}

function encode(elements: readonly bigint[]): Uint8Array {
  return Uint8Array.fromHex(elements.map((element) => element.toString(16).padStart(ELEMENT_BYTES * 2, "0")).join(""));
}
