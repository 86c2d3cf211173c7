import { keccak256 } from "../crypto/keccak.ts";
import type { EvmLog } from "./receipt.ts";
import type { Hex } from "./types.ts";

const BLOOM_BYTES = 256;

/** The bloom filter of logs (yellow paper 4.3.1): three bits for each address and topic. */
export function bloomOf(logs: readonly EvmLog[]): Uint8Array {
  const bloom = new Uint8Array(BLOOM_BYTES);
  for (const log of logs) {
    add(bloom, log.address);
    for (const topic of log.topics) add(bloom, topic);
  }
  return bloom;
}

function add(bloom: Uint8Array, value: Hex): void {
  const hash = keccak256(Uint8Array.fromHex(value.slice(2)));
  for (let index = 0; index < 6; index += 2) {
    const bit = (((hash[index] ?? 0) << 8) | (hash[index + 1] ?? 0)) & 0x7ff;
    const at = BLOOM_BYTES - 1 - (bit >> 3);
    bloom[at] = (bloom[at] ?? 0) | (1 << (bit & 7));
  }
}
