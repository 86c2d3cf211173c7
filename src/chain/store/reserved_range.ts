import type { Hash } from "../../eth/types.ts";
import { BlockRecord, type RecentBlocks } from "./block_record.ts";
import { nextBaseFee, nextExcessBlobGas, nextGasLimit } from "../consensus/header_rules.ts";
import type { Rules } from "../../evm/forks.ts";
import { encodeHeader, type Header } from "../../primitives/header.ts";
import { keccakDigits } from "../../primitives/hash.ts";

/** The fields in which an empty block differs from the one before it, its place and time apart. */
type HeaderDrift = Pick<Header, "gasLimit" | "baseFeePerGas" | "excessBlobGas">;

export interface RangeParts {
  /** The first block of the range. */
  readonly header: Header;
  readonly totalDifficulty: bigint;
  readonly count: bigint;
  /** Seconds between blocks. */
  readonly step: bigint;
  /** The block gas limit that the headers move towards. */
  readonly gasCeiling: bigint;
  /** They hold for the whole range. */
  readonly rules: Rules;
}

/** The hashes of one range begin alike, in this many characters with `0x`; the other 16 are the block's number. */
const PREFIX_LENGTH = 50;
const NUMBER_DIGITS = 16;
/** The blocks of a range that stay made: the lately read ones. */
const MAX_MADE = 1024;

/**
 * Empty blocks that are made when they are read: mining a million of them takes no longer than mining one. Their hashes are
 * assigned, not computed: each would need the one before it. They are linked by them like all other blocks.
 */
export class ReservedRange {
  readonly first: bigint;
  readonly count: bigint;
  /** The beginning of the hashes of these blocks: equal for a range and for a part of it. */
  readonly prefix: string;
  readonly #parts: RangeParts;
  readonly #made = new Map<bigint, BlockRecord>();
  /** The drift of the first blocks, up to the one from which nothing changes any more. */
  readonly #drifts: HeaderDrift[];
  readonly #recent: RecentBlocks;
  #isSettled = false;

  constructor(parts: RangeParts, recent: RecentBlocks) {
    this.first = parts.header.number;
    this.count = parts.count;
    this.#parts = parts;
    this.#recent = recent;
    this.prefix = keccakDigits(encodeHeader(parts.header)).slice(0, PREFIX_LENGTH);
    this.#drifts = [driftOf(parts.header)];
  }

  get last(): bigint {
    return this.first + this.count - 1n;
  }

  /** The values that the range is made of, to be written down. */
  get parts(): RangeParts {
    return this.#parts;
  }

  /** The same blocks up to `last`. */
  upTo(last: bigint): ReservedRange {
    return new ReservedRange({ ...this.#parts, count: last - this.first + 1n }, this.#recent);
  }

  hashAt(number: bigint): Hash {
    return `0x${this.prefix.slice(2)}${number.toString(16).padStart(NUMBER_DIGITS, "0")}`;
  }

  /** The number of the block with this hash; undefined when it is none of these. */
  numberOf(hash: Hash): bigint | undefined {
    if (prefixOf(hash) !== this.prefix) return undefined;
    const number = BigInt(`0x${hash.slice(PREFIX_LENGTH)}`);
    return number >= this.first && number <= this.last ? number : undefined;
  }

  /** One of the blocks. */
  at(number: bigint): BlockRecord {
    const known = this.#made.get(number);
    if (known !== undefined) return known;
    const header = this.#headerAt(number);
    const record = new BlockRecord({
      header,
      hash: this.hashAt(number),
      totalDifficulty: this.#parts.totalDifficulty,
      body: { transactions: [], uncles: [], withdrawals: header.withdrawalsRoot === undefined ? undefined : [] },
      receipts: [],
    }, this.#recent);
    if (this.#made.size >= MAX_MADE) {
      const [oldest] = this.#made.keys();
      if (oldest !== undefined) this.#made.delete(oldest);
    }
    this.#made.set(number, record);
    return record;
  }

  #headerAt(number: bigint): Header {
    const { header, step } = this.#parts;
    const offset = number - this.first;
    if (offset === 0n) return header;
    const parentHash = this.hashAt(number - 1n);
    return {
      ...header,
      parentHash,
      number,
      timestamp: header.timestamp + offset * step,
      mixHash: keccakDigits(parentHash.slice(2)),
      ...this.#driftAt(offset),
    };
  }

  #next(header: Header): HeaderDrift {
    const { gasCeiling, rules } = this.#parts;
    return driftOf({
      gasLimit: nextGasLimit(header.gasLimit, gasCeiling),
      baseFeePerGas: nextBaseFee(header, rules) ?? undefined,
      excessBlobGas: nextExcessBlobGas(header, rules) ?? undefined,
    });
  }

  #driftAt(offset: bigint): HeaderDrift {
    while (!this.#isSettled && BigInt(this.#drifts.length) <= offset) {
      const last = this.#drifts.at(-1);
      const next = this.#next({ ...this.#parts.header, ...last });
      this.#isSettled = last !== undefined && last.gasLimit === next.gasLimit &&
        last.baseFeePerGas === next.baseFeePerGas && last.excessBlobGas === next.excessBlobGas;
      if (!this.#isSettled) this.#drifts.push(next);
    }
    const settled = this.#drifts.length - 1;
    return this.#drifts[offset > BigInt(settled) ? settled : Number(offset)] ?? driftOf(this.#parts.header);
  }
}

/** The beginning of a hash, which tells the range that it may be of. */
export function prefixOf(hash: Hash): string {
  return hash.slice(0, PREFIX_LENGTH);
}

/** Without the fields that the header does not have. */
function driftOf(
  { gasLimit, baseFeePerGas, excessBlobGas }:
    & { readonly [field in keyof HeaderDrift]: HeaderDrift[field] | undefined }
    & {
      readonly gasLimit: bigint;
    },
): HeaderDrift {
  return {
    gasLimit,
    ...(baseFeePerGas === undefined ? {} : { baseFeePerGas }),
    ...(excessBlobGas === undefined ? {} : { excessBlobGas }),
  };
}
