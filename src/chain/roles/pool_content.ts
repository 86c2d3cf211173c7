import type { Address } from "../../eth/types.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import type { PoolReader } from "../../node/pool.ts";
import type { PoolReads } from "../pool/pool.ts";
import type { PoolEntry } from "../pool/pool_entry.ts";
import { quantity } from "../../primitives/hex.ts";
import { checksumAddress } from "../../primitives/checksum.ts";

/** Reads the pool in the form of geth's txpool namespace (internal/ethapi TxPoolAPI). */
export class EmbeddedPoolReader implements PoolReader {
  readonly #pool: PoolReads;

  constructor(pool: PoolReads) {
    this.#pool = pool;
  }

  status(): RawJson {
    const accounts = [...this.#pool.accounts()];
    const count = (part: "pending" | "queued") =>
      quantity(accounts.reduce((sum, account) => sum + account[part].length, 0));
    return RawJson.of({ pending: count("pending"), queued: count("queued") });
  }

  content(): RawJson {
    return this.#bySender((entry) => entry.json.text);
  }

  inspect(): RawJson {
    return this.#bySender((entry) => JSON.stringify(summary(entry)));
  }

  contentFrom(address: Address): RawJson {
    const { pending, queued } = this.#pool.of(address);
    const json = (entry: PoolEntry) => entry.json.text;
    return new RawJson(`{"pending":${byNonce(pending, json)},"queued":${byNonce(queued, json)}}`);
  }

  pendingOf(senders: ReadonlySet<Address>): RawJson {
    const own = [...this.#pool.accounts()].filter(({ address }) => senders.has(address));
    return RawJson.array(own.flatMap(({ pending }) => pending.map((entry) => entry.json)));
  }

  #bySender(text: (entry: PoolEntry) => string): RawJson {
    const parts = { pending: [] as string[], queued: [] as string[] };
    const accounts = [...this.#pool.accounts()].sort((one, other) => one.address < other.address ? -1 : 1);
    for (const { address, pending, queued } of accounts) {
      const key = checksumAddress(address);
      if (pending.length > 0) parts.pending.push(`"${key}":${byNonce(pending, text)}`);
      if (queued.length > 0) parts.queued.push(`"${key}":${byNonce(queued, text)}`);
    }
    return new RawJson(`{"pending":{${parts.pending.join(",")}},"queued":{${parts.queued.join(",")}}}`);
  }
}

function byNonce(transactions: readonly PoolEntry[], text: (entry: PoolEntry) => string): string {
  return `{${transactions.map((entry) => `"${entry.transaction.nonce}":${text(entry)}`).join(",")}}`;
}

/** Returns geth's line: `0x…: 1 wei + 21000 gas × 1000000000 wei`. */
function summary({ transaction }: PoolEntry): string {
  const to = transaction.to === null ? "contract creation" : checksumAddress(transaction.to);
  return `${to}: ${transaction.value} wei + ${transaction.gasLimit} gas × ${transaction.gasFeeCap} wei`;
}
