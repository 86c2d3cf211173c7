import type { BlockBody, IncludedTransaction } from "./block.ts";
import type { Address, Hash } from "../../eth/types.ts";
import { decodeBody, decodeReceipts, encodeBody, encodeReceipts } from "./block_codec.ts";
import type { ReceiptData } from "../../primitives/receipt.ts";
import type { Header } from "../../primitives/header.ts";
import { decodeRlp } from "../../primitives/rlp.ts";
import type { World } from "../../state/world.ts";

/** The parts of a new block. */
export interface BlockRecordParts {
  readonly header: Header;
  readonly hash: Hash;
  /** The sum of difficulties up to here. */
  readonly totalDifficulty: bigint;
  readonly body: BlockBody;
  readonly receipts: readonly ReceiptData[];
}

/** A block that was kept, without its body and receipts. */
export interface KeptBlock {
  readonly header: Header;
  readonly hash: Hash;
  readonly totalDifficulty: bigint;
  readonly hashes: readonly Hash[];
  readonly senders: readonly Address[];
  /** The places of the transactions that were run without a signature. */
  readonly impersonated: readonly number[];
  readonly bytes: BlockBytes;
}

/** The rest of a block as `block_codec.ts` writes it; read from disk each time, or held. */
export interface BlockBytes {
  readonly body: Uint8Array;
  readonly receipts: Uint8Array;
}

/** A block with the state after it. */
export interface ExecutedBlock {
  readonly record: BlockRecord;
  readonly world: World;
}

const NO_BYTES: BlockBytes = { body: new Uint8Array(), receipts: new Uint8Array() };

/**
 * One block of the chain, as kept: the header and the hashes and senders of its transactions as values, everything else
 * as bytes once it is not among the recently used (measured by the library's objects: 1,093 MB after 100,000
 * transactions, against 756 MB for bytes).
 */
export class BlockRecord {
  readonly header: Header;
  readonly hash: Hash;
  readonly totalDifficulty: bigint;
  readonly hashes: readonly Hash[];
  readonly #senders: readonly Address[];
  readonly #impersonated: ReadonlySet<number> | null;
  readonly #recent: RecentBlocks;
  #decoded: { readonly body: BlockBody; readonly receipts: readonly ReceiptData[] } | null = null;
  #bytes: BlockBytes | null = null;

  constructor(parts: BlockRecordParts | KeptBlock, recent: RecentBlocks) {
    this.header = parts.header;
    this.hash = parts.hash;
    this.totalDifficulty = parts.totalDifficulty;
    this.#recent = recent;
    let impersonated: readonly number[];
    if ("bytes" in parts) {
      this.hashes = parts.hashes;
      this.#senders = parts.senders;
      impersonated = parts.impersonated;
      this.#bytes = parts.bytes;
    } else {
      const { transactions } = parts.body;
      this.hashes = transactions.map((included) => included.hash);
      this.#senders = transactions.map((included) => recent.shared(included.sender));
      impersonated = transactions.flatMap((included, index) => included.impersonated ? [index] : []);
      this.#decoded = { body: parts.body, receipts: parts.receipts };
      recent.use(this);
    }
    this.#impersonated = impersonated.length === 0 ? null : new Set(impersonated);
  }

  get number(): bigint {
    return this.header.number;
  }

  /** The transactions, uncles and withdrawals. */
  body(): BlockBody {
    return this.#decode().body;
  }

  receipts(): readonly ReceiptData[] {
    return this.#decode().receipts;
  }

  /** Keeps bytes only, or not even those where they can be read. */
  compact(): void {
    if (this.#decoded === null) return;
    this.#bytes ??= {
      body: Uint8Array.fromHex(encodeBody(this.#decoded.body)),
      receipts: Uint8Array.fromHex(encodeReceipts(this.#decoded.receipts)),
    };
    this.#decoded = null;
  }

  /** Reads body and receipts from `bytes` from now on, once they are not among the recently used. */
  keepIn(bytes: BlockBytes): void {
    this.#bytes = bytes;
  }

  #decode(): { readonly body: BlockBody; readonly receipts: readonly ReceiptData[] } {
    this.#recent.use(this);
    if (this.#decoded !== null) return this.#decoded;
    const bytes = this.#bytes ?? NO_BYTES;
    const decoded = decodeBody(decodeRlp(bytes.body.toHex()));
    const transactions = decoded.transactions.map((transaction, index): IncludedTransaction => ({
      transaction,
      hash: this.hashes[index] ?? "0x",
      sender: this.#senders[index] ?? "0x",
      impersonated: this.#impersonated?.has(index) ?? false,
    }));
    const receipts = decodeReceipts(decodeRlp(bytes.receipts.toHex()), {
      header: this.header,
      transactions,
    });
    this.#decoded = { body: { ...decoded, transactions }, receipts };
    return this.#decoded;
  }
}

/** The blocks that are kept decoded: the newest and the lately read. */
const RECENT_BLOCKS = 16;
const MAX_SHARED_ADDRESSES = 65_536;

/** Which blocks are decoded; the least recently used ones are turned into bytes. */
export class RecentBlocks {
  readonly #blocks = new Set<BlockRecord>();
  readonly #addresses = new Map<Address, Address>();

  /** The one string of an address: a sender of a thousand transactions is kept once. */
  shared(address: Address): Address {
    const known = this.#addresses.get(address);
    if (known !== undefined) return known;
    if (this.#addresses.size >= MAX_SHARED_ADDRESSES) this.#addresses.clear();
    this.#addresses.set(address, address);
    return address;
  }

  use(block: BlockRecord): void {
    this.#blocks.delete(block);
    this.#blocks.add(block);
    if (this.#blocks.size <= RECENT_BLOCKS) return;
    for (const oldest of this.#blocks) {
      this.#blocks.delete(oldest);
      oldest.compact();
      break;
    }
  }
}
