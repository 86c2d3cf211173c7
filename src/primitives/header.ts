import { keccakDigits } from "./hash.ts";
import { RlpError, type RlpItem, rlpList, rlpNumber, rlpString } from "./rlp.ts";
import { detached, numberOfDigits } from "./hex.ts";
import type { Address, Data, Hash } from "./types.ts";

/** A block header as its bytes say; the optional fields appear with their forks and never leave again. */
export interface Header {
  readonly parentHash: Hash;
  readonly unclesHash: Hash;
  readonly coinbase: Address;
  readonly stateRoot: Hash;
  readonly transactionsRoot: Hash;
  readonly receiptsRoot: Hash;
  readonly logsBloom: Data;
  readonly difficulty: bigint;
  readonly number: bigint;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
  readonly extraData: Data;
  /** PREVRANDAO after the merge (EIP-4399). */
  readonly mixHash: Hash;
  readonly nonce: Data;
  /** London, EIP-1559. */
  readonly baseFeePerGas?: bigint;
  /** Shanghai, EIP-4895. */
  readonly withdrawalsRoot?: Hash;
  /** Cancun, EIP-4844. */
  readonly blobGasUsed?: bigint;
  readonly excessBlobGas?: bigint;
  /** Cancun, EIP-4788. */
  readonly parentBeaconBlockRoot?: Hash;
  /** Prague, EIP-7685. */
  readonly requestsHash?: Hash;
}

/** The hash of no uncles: keccak(rlp([])). */
export const EMPTY_UNCLES_HASH: Hash = "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347";
/** The root of a trie without entries. */
export const EMPTY_ROOT: Hash = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";
/** EIP-7685: sha256 of no requests. */
export const EMPTY_REQUESTS_HASH: Hash = "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
export const EMPTY_BLOOM: Data = `0x${"0".repeat(512)}`;
export const EMPTY_NONCE: Data = "0x0000000000000000";

/** The same bloom; one string stands for all empty ones (514 characters a block, measured as 5 % of a quiet chain). */
export function sharedBloom(bloom: Data): Data {
  return bloom === EMPTY_BLOOM ? EMPTY_BLOOM : bloom;
}

/** Encodes a header as consensus does, in hex digits. */
export function encodeHeader(header: Header): string {
  const items = [
    rlpString(header.parentHash.slice(2)),
    rlpString(header.unclesHash.slice(2)),
    rlpString(header.coinbase.slice(2)),
    rlpString(header.stateRoot.slice(2)),
    rlpString(header.transactionsRoot.slice(2)),
    rlpString(header.receiptsRoot.slice(2)),
    rlpString(header.logsBloom.slice(2)),
    rlpNumber(header.difficulty),
    rlpNumber(header.number),
    rlpNumber(header.gasLimit),
    rlpNumber(header.gasUsed),
    rlpNumber(header.timestamp),
    rlpString(header.extraData.slice(2)),
    rlpString(header.mixHash.slice(2)),
    rlpString(header.nonce.slice(2)),
  ];
  if (header.baseFeePerGas !== undefined) items.push(rlpNumber(header.baseFeePerGas));
  if (header.withdrawalsRoot !== undefined) items.push(rlpString(header.withdrawalsRoot.slice(2)));
  if (header.blobGasUsed !== undefined) items.push(rlpNumber(header.blobGasUsed));
  if (header.excessBlobGas !== undefined) items.push(rlpNumber(header.excessBlobGas));
  if (header.parentBeaconBlockRoot !== undefined) items.push(rlpString(header.parentBeaconBlockRoot.slice(2)));
  if (header.requestsHash !== undefined) {
    // A field that is missing before one that is not is an empty string (testing_buildBlockV1 can leave one out).
    if (header.parentBeaconBlockRoot === undefined) items.push(rlpString(""));
    items.push(rlpString(header.requestsHash.slice(2)));
  }
  return rlpList(items);
}

/** The block hash. */
export function headerHash(header: Header): Hash {
  return keccakDigits(encodeHeader(header));
}

/** Reads a header; throws when it does not have the fields of any fork. */
export function decodeHeader(item: RlpItem): Header {
  if (typeof item === "string") throw new RlpError("rlp: expected input list for types.Header");
  if (item.length < 15) throw new RlpError("rlp: too few elements for types.Header");
  if (item.length > 21) throw new RlpError("rlp: input list has too many elements for types.Header");
  const fields = item.map((field) => {
    if (typeof field !== "string") throw new RlpError("rlp: expected input string or byte for types.Header");
    return field;
  });
  const text = (index: number, size?: number): Data => {
    const digits = fields[index] ?? "";
    if (size !== undefined && digits.length !== size * 2) {
      throw new RlpError(`rlp: input string has ${digits.length / 2} bytes, want ${size}, for types.Header`);
    }
    return detached(`0x${digits}` as const);
  };
  const number = (index: number): bigint => {
    const digits = fields[index] ?? "";
    if (digits.startsWith("00")) throw new RlpError("rlp: non-canonical integer (leading zero bytes) for types.Header");
    return numberOfDigits(digits);
  };
  return {
    parentHash: text(0, 32),
    unclesHash: text(1, 32),
    coinbase: text(2, 20),
    stateRoot: text(3, 32),
    transactionsRoot: text(4, 32),
    receiptsRoot: text(5, 32),
    logsBloom: sharedBloom(text(6, 256)),
    difficulty: number(7),
    number: number(8),
    gasLimit: number(9),
    gasUsed: number(10),
    timestamp: number(11),
    extraData: text(12),
    mixHash: text(13, 32),
    nonce: text(14, 8),
    ...(fields.length > 15 ? { baseFeePerGas: number(15) } : {}),
    ...(fields.length > 16 ? { withdrawalsRoot: text(16, 32) } : {}),
    ...(fields.length > 17 ? { blobGasUsed: number(17) } : {}),
    ...(fields.length > 18 ? { excessBlobGas: number(18) } : {}),
    ...(fields.length > 19 && fields[19] !== "" ? { parentBeaconBlockRoot: text(19, 32) } : {}),
    ...(fields.length > 20 ? { requestsHash: text(20, 32) } : {}),
  };
}
