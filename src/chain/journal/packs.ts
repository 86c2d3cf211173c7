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
  #nodes: Uint8Array[] = [];
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
    if (this.#nodes.length === MAX_NODES || this.#bytes > MAX_PACK_BYTES) this.flush();
    this.#nodes.push(bytes.slice());
    this.#bytes += bytes.length;
    return (this.#last + 1) * MAX_NODES + this.#nodes.length - 1;
  }

  /** Writes the nodes that were added; called at the end of the transaction. */
  flush(): void {
    if (this.#nodes.length === 0) return;
    const pack = packed(this.#nodes);
    this.#insert.run(++this.#last, pack);
    this.#added += pack.length;
    this.#nodes = [];
    this.#bytes = 0;
  }

  /** Forgets the nodes that were added: the transaction failed. The ids of packs that it wrote are left out. */
  discard(): void {
    this.#nodes = [];
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

/** Puts nodes into the bytes of a pack; an empty one is a node that was removed. */
export function packed(nodes: readonly Uint8Array[]): Uint8Array {
  const start = LENGTH_BYTES * (nodes.length + 1);
  const bytes = new Uint8Array(nodes.reduce((sum, { length }) => sum + length, start));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, nodes.length);
  let at = start;
  nodes.forEach((node, index) => {
    view.setUint32(LENGTH_BYTES * (index + 1), node.length);
    bytes.set(node, at);
    at += node.length;
  });
  return bytes;
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
