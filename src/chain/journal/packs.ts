import type { Hash } from "../../eth/types.ts";
import { serverError } from "../../rpc/error.ts";
import { hexToBytes } from "../../primitives/hex.ts";
import type { Database, Statement } from "./database.ts";

/** Nodes of one pack: a node's id is its pack times this, and its place in it. */
export const MAX_NODES = 65_536;
/** A pack is read as a whole, so a commit that adds more bytes than this fills several. */
const MAX_PACK_BYTES = 32 * 1024;
const LENGTH_BYTES = 4;
/** Packs that stay in memory, bytes. */
export const PACK_CACHE_BYTES = 16 * 2 ** 20;

/**
 * The nodes of tries. What one commit adds goes into one row, a pack, or few, so that a commit writes one place of the
 * file. A node's id is its pack and its place in it. A pack is the number of nodes, the length of each, and the nodes; a node that
 * was removed has length 0.
 */
export class Packs {
  readonly #insert: Statement;
  readonly #read: Statement;
  readonly #insertCode: Statement;
  readonly #readCode: Statement;
  readonly #cacheBytes: number;
  readonly #cache = new Map<number, Uint8Array>();
  #cachedBytes = 0;
  #last: number;
  #added = 0;
  /** The nodes that were added since the last pack, one after the other, and the length of each. */
  #nodes = new Uint8Array(MAX_PACK_BYTES * 2);
  #lengths: number[] = [];
  #bytes = 0;

  constructor(database: Database, cacheBytes: number) {
    this.#cacheBytes = cacheBytes;
    this.#insert = database.prepare("INSERT INTO pack (id, nodes) VALUES (?, ?)");
    this.#read = database.prepare("SELECT nodes FROM pack WHERE id = ?");
    this.#insertCode = database.prepare("INSERT OR IGNORE INTO code (hash, bytes) VALUES (?, ?)");
    this.#readCode = database.prepare("SELECT bytes FROM code WHERE hash = ?");
    this.#last = Number(database.prepare("SELECT coalesce(max(id), 0) AS last FROM pack").get()?.["last"]);
  }

  /** The newest pack. */
  get last(): number {
    return this.#last;
  }

  /** The bytes that this process has added. */
  get added(): number {
    return this.#added;
  }

  /** Forgets what was read of a pack that has changed on disk. */
  forget(pack: number): void {
    this.#cachedBytes -= this.#cache.get(pack)?.length ?? 0;
    this.#cache.delete(pack);
  }

  /** Adds a node to the transaction; returns its id. The bytes are copied. */
  add(bytes: Uint8Array): number {
    if (this.#lengths.length === MAX_NODES || this.#bytes > MAX_PACK_BYTES) this.flush();
    // A typed array of its own for each node would fragment the memory of the process (measured).
    if (this.#bytes + bytes.length > this.#nodes.length) {
      const larger = new Uint8Array((this.#bytes + bytes.length) * 2);
      larger.set(this.#nodes.subarray(0, this.#bytes));
      this.#nodes = larger;
    }
    this.#nodes.set(bytes, this.#bytes);
    this.#bytes += bytes.length;
    this.#lengths.push(bytes.length);
    return (this.#last + 1) * MAX_NODES + this.#lengths.length - 1;
  }

  /** Writes the nodes that were added; called at the end of the transaction. */
  flush(): void {
    if (this.#lengths.length === 0) return;
    const pack = packed(this.#lengths, this.#nodes.subarray(0, this.#bytes));
    this.#insert.run(++this.#last, pack);
    this.#added += pack.length;
    this.#lengths = [];
    this.#bytes = 0;
  }

  /** Forgets the nodes that were added: the transaction failed. The ids of packs that it wrote are left out. */
  discard(): void {
    this.#lengths = [];
    this.#bytes = 0;
  }

  /** Returns a node; throws when it is not there. */
  node(id: number): Uint8Array {
    const bytes = nodeOf(this.#pack(Math.floor(id / MAX_NODES)), id % MAX_NODES);
    if (bytes === undefined) throw serverError(`missing trie node ${id}: state is not available`);
    return bytes;
  }

  addCode(hash: Hash, bytes: Uint8Array): void {
    this.#insertCode.run(hexToBytes(hash), bytes);
  }

  code(hash: Hash): Uint8Array {
    const bytes = this.#readCode.get(hexToBytes(hash))?.["bytes"];
    if (!(bytes instanceof Uint8Array)) throw serverError(`missing code ${hash}: state is not available`);
    return bytes;
  }

  #pack(id: number): Uint8Array | undefined {
    const cached = this.#cache.get(id);
    if (cached !== undefined) {
      this.#cache.delete(id);
      this.#cache.set(id, cached);
      return cached;
    }
    const bytes = this.#read.get(id)?.["nodes"];
    if (!(bytes instanceof Uint8Array)) return undefined;
    this.#cache.set(id, bytes);
    this.#cachedBytes += bytes.length;
    for (const [oldest, { length }] of this.#cache) {
      if (this.#cachedBytes <= this.#cacheBytes) break;
      this.#cache.delete(oldest);
      this.#cachedBytes -= length;
    }
    return bytes;
  }
}

/** Makes a pack of nodes that lie one after the other; one of length 0 is a node that was removed. */
export function packed(lengths: readonly number[], nodes: Uint8Array): Uint8Array {
  const start = LENGTH_BYTES * (lengths.length + 1);
  const bytes = new Uint8Array(start + nodes.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, lengths.length);
  lengths.forEach((length, index) => view.setUint32(LENGTH_BYTES * (index + 1), length));
  bytes.set(nodes, start);
  return bytes;
}

/** The pack without the nodes that `isKept` refuses, by their places. */
export function without(pack: Uint8Array, isKept: (place: number) => boolean): Uint8Array {
  const rest = new Uint8Array(pack.length);
  let bytes = 0;
  const lengths = nodesIn(pack).map((node, place) => {
    if (!isKept(place)) return 0;
    rest.set(node, bytes);
    bytes += node.length;
    return node.length;
  });
  return packed(lengths, rest.subarray(0, bytes));
}

/** The nodes of a pack. */
export function nodesIn(pack: Uint8Array): Uint8Array[] {
  const view = new DataView(pack.buffer, pack.byteOffset, pack.byteLength);
  const count = view.getUint32(0);
  let at = LENGTH_BYTES * (count + 1);
  return Array.from({ length: count }, (_, index) => {
    const length = view.getUint32(LENGTH_BYTES * (index + 1));
    at += length;
    return pack.subarray(at - length, at);
  });
}

function nodeOf(pack: Uint8Array | undefined, index: number): Uint8Array | undefined {
  if (pack === undefined) return undefined;
  const view = new DataView(pack.buffer, pack.byteOffset, pack.byteLength);
  const count = view.getUint32(0);
  if (index >= count) return undefined;
  let at = LENGTH_BYTES * (count + 1);
  for (let i = 0; i < index; i++) at += view.getUint32(LENGTH_BYTES * (i + 1));
  const length = view.getUint32(LENGTH_BYTES * (index + 1));
  return length === 0 ? undefined : pack.subarray(at, at + length);
}
