const numberBytes = new Uint8Array(32);

/** Writes the RLP of a number below 2^256 and returns where it ends: for tries, which encode into buffers they keep. */
export function writeNumber(value: bigint, { out, at }: { readonly out: Uint8Array; readonly at: number }): number {
  if (value < 0x80n) {
    out[at] = value === 0n ? 0x80 : Number(value);
    return at + 1;
  }
  const hex = value.toString(16);
  const { written } = numberBytes.setFromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
  out[at] = 0x80 + written;
  for (let i = 0; i < written; i++) out[at + 1 + i] = numberBytes[i] ?? 0;
  return at + 1 + written;
}
