import { sha256 } from "@noble/hashes/sha2.js";
import type { Address, Hash } from "../eth/types.ts";
import type { EvmLog } from "../primitives/receipt.ts";
import { InvalidBlockError } from "./invalid_block.ts";
import { bytesToHex } from "../primitives/hex.ts";

/** The type bytes of EIP-7685 requests. */
export const REQUEST_TYPE = { deposit: 0, withdrawal: 1, consolidation: 2 } as const;

/** keccak("DepositEvent(bytes,bytes,bytes,bytes,bytes)"). */
const DEPOSIT_TOPIC: Hash = "0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5";
const DEPOSIT_LOG_BYTES = 576;
/** Where the event's ABI encoding has each field, and how long it is (EIP-6110). */
const DEPOSIT_FIELDS = [[192, 48], [288, 32], [352, 8], [416, 96], [544, 8]] as const;

/** The body of the deposit request of a block: the deposit contract's events, one after the other. */
export function depositRequest(logs: Iterable<EvmLog>, depositContract: Address): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const log of logs) {
    if (log.address !== depositContract || log.topics[0] !== DEPOSIT_TOPIC) continue;
    if (log.data.length !== DEPOSIT_LOG_BYTES) {
      throw new InvalidBlockError(
        `unable to parse deposit data: deposit wrong length: want ${DEPOSIT_LOG_BYTES}, have ${log.data.length}`,
      );
    }
    for (const [start, length] of DEPOSIT_FIELDS) parts.push(log.data.subarray(start, start + length));
  }
  return concat(parts);
}

/** A request as the block carries it, undefined when it is empty and so left out. */
export function withType(type: number, body: Uint8Array): Uint8Array | undefined {
  return body.length === 0 ? undefined : concat([Uint8Array.of(type), body]);
}

/** EIP-7685. */
export function requestsHashOf(requests: readonly Uint8Array[]): Hash {
  return bytesToHex(sha256(concat(requests.map((request) => sha256(request)))));
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
