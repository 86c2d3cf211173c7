import type { Step } from "../../../evm/hooks.ts";

/** The most zeros that geth's tracers read beyond the memory's end (eth/tracers/internal, memoryPadLimit). */
const PAD_LIMIT_BYTES = 1_048_576n;

/**
 * Returns the part of the memory that an instruction is about to read; undefined where geth's GetMemoryCopyPadded fails: the
 * instruction need not have been paid for, so the range may be anything. As there, only the low 64 bits count, as a
 * signed number.
 */
export function opcodeMemory(
  step: Step,
  range: { readonly offset: bigint; readonly size: bigint },
): Uint8Array<ArrayBuffer> | undefined {
  const offset = BigInt.asIntN(64, range.offset);
  const size = BigInt.asIntN(64, range.size);
  if (offset < 0n || size < 0n || offset + size - BigInt(step.memoryBytes) > PAD_LIMIT_BYTES) return undefined;
  return step.memory(Number(offset), Number(size));
}
