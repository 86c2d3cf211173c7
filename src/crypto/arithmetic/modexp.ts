const WORD_BYTES = 32;
const HEADER_BYTES = 3 * WORD_BYTES;
/** EIP-7823. */
const MAX_OPERAND_BYTES = 1024n;
const WINDOW_BITS = 4;

/** The lengths that the input of MODEXP begins with (EIP-198). */
export interface ModExpLengths {
  readonly base: bigint;
  readonly exponent: bigint;
  readonly modulus: bigint;
}

export function modExpLengths(input: Uint8Array): ModExpLengths {
  const word = (index: number) => numberOf(slice(input, index * WORD_BYTES, WORD_BYTES));
  return { base: word(0), exponent: word(1), modulus: word(2) };
}

/** The first 32 bytes of the exponent, which decide the price. */
export function modExpHead(input: Uint8Array, { base, exponent }: ModExpLengths): bigint {
  if (BigInt(input.length - HEADER_BYTES) <= base) return 0n;
  const size = exponent > WORD_BYTES ? WORD_BYTES : Number(exponent);
  return numberOf(slice(input, HEADER_BYTES + Number(base), size));
}

/** MODEXP without the limit on its operands. */
export function modExp(input: Uint8Array): Uint8Array | string {
  const lengths = modExpLengths(input);
  if (lengths.base === 0n && lengths.modulus === 0n) return new Uint8Array(0);
  const [baseSize, exponentSize, size] = [lengths.base, lengths.exponent, lengths.modulus].map(Number) as Sizes;
  const base = numberOf(slice(input, HEADER_BYTES, baseSize));
  const modulus = numberOf(slice(input, HEADER_BYTES + baseSize + exponentSize, size));
  if (modulus === 0n) return new Uint8Array(size);
  const exponent = slice(input, HEADER_BYTES + baseSize, exponentSize);
  return Uint8Array.fromHex(power(base % modulus, exponent, modulus).toString(16).padStart(size * 2, "0"));
}

/** MODEXP with the limit of EIP-7823. */
export function boundedModExp(input: Uint8Array): Uint8Array | string {
  const { base, exponent, modulus } = modExpLengths(input);
  if (base > MAX_OPERAND_BYTES || exponent > MAX_OPERAND_BYTES || modulus > MAX_OPERAND_BYTES) {
    return "one or more of base/exponent/modulus length exceeded 1024 bytes";
  }
  return modExp(input);
}

type Sizes = [base: number, exponent: number, modulus: number];

/** Bytes of the input, with zeros for those behind its end. */
function slice(input: Uint8Array, at: number, size: number): Uint8Array {
  const given = input.subarray(at, at + size);
  if (given.length === size) return given;
  const padded = new Uint8Array(size);
  padded.set(given);
  return padded;
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toHex()}`);
}

/** Left to right, four bits of the exponent at a time. */
function power(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
  const powers = [1n % modulus];
  for (let index = 1; index < 1 << WINDOW_BITS; index++) powers.push((powers[index - 1] ?? 0n) * base % modulus);
  let result = powers[0] ?? 0n;
  let started = false;
  for (const byte of exponent) {
    for (const window of [byte >> WINDOW_BITS, byte & (1 << WINDOW_BITS) - 1]) {
      if (started) { for (let bit = 0; bit < WINDOW_BITS; bit++) result = result * result % modulus; }
      if (window === 0) continue;
      result = started ? result * (powers[window] ?? 0n) % modulus : powers[window] ?? 0n;
      started = true;
    }
  }
  return result;
}
