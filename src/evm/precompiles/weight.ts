import { modExpLengths } from "../../crypto/arithmetic/modexp.ts";

// Work below these bounds takes less than 5 ms (measured).
const MAX_HASHED_BYTES = 1 << 16;
const MAX_BLAKE_ROUNDS = 20_000;
const MAX_MODEXP_WORK = 2_000_000;
const MODEXP_HEADER_BYTES = 96;

/** True for more bytes than are hashed in one step: 20 to 60 ns each. */
export function isLong({ length }: Uint8Array): boolean {
  return length > MAX_HASHED_BYTES;
}

/** True for more rounds of BLAKE2b than fit into one step: 0.2 us each. */
export function isManyRounds(input: Uint8Array): boolean {
  return input.length >= 4 && new DataView(input.buffer, input.byteOffset).getUint32(0) > MAX_BLAKE_ROUNDS;
}

/** True for a MODEXP that takes long: quadratic in the operands, linear in the exponent. */
export function isHeavyModExp(input: Uint8Array): boolean {
  const lengths = modExpLengths(input);
  const [base, exponent, modulus] = [lengths.base, lengths.exponent, lengths.modulus].map(Number) as [
    number,
    number,
    number,
  ];
  // What the input does not hold reads as zeros: the exponent is never longer than what is there.
  const given = Math.max(0, Math.min(exponent, input.length - MODEXP_HEADER_BYTES - base));
  const width = Math.max(base, modulus);
  return given * width * width > MAX_MODEXP_WORK || width > MAX_HASHED_BYTES;
}
