import { keccakString } from "../crypto/keccak.ts";

/** Turns a trie's values into their bytes; the result is read before the next call, so it may be a reused buffer. */
export type ValueEncoder<V> = (value: V) => Uint8Array;

/**
 * The nodes of a Merkle Patricia trie (yellow paper, appendix D). Keys are binary strings; a node knows a key that begins with
 * the path to it and its own, and is told its depth in nibbles, so that no path is ever cut into pieces. No key is a prefix of
 * another, so a branch carries no value. `ref` caches what a parent embeds: the hash, or the node when it is shorter
 * than 32 bytes; empty until asked for.
 */
export type Node<V> = HeldNode<V> | StoredNode<V>;

/** A node that is in memory. */
export type HeldNode<V> = Leaf<V> | Extension<V> | Branch<V>;

export class Leaf<V> {
  readonly kind = 0;
  ref = "";
  readonly key: string;
  readonly value: V;

  constructor(key: string, value: V) {
    this.key = key;
    this.value = value;
  }
}

export class Extension<V> {
  readonly kind = 1;
  ref = "";
  /** A key that begins as those below do; its nibbles from the node's depth on are the path. */
  readonly key: string;
  readonly length: number;
  /** Replaced by the same node in its stored form once it is saved. */
  child: Node<V>;

  constructor(key: string, length: number, child: Node<V>) {
    this.key = key;
    this.length = length;
    this.child = child;
  }
}

export class Branch<V> {
  readonly kind = 2;
  ref = "";
  /** Bit n is set when nibble n has a child; `children` holds only those, in order. */
  readonly bitmap: number;
  readonly children: Node<V>[];

  constructor(bitmap: number, children: Node<V>[]) {
    this.bitmap = bitmap;
    this.children = children;
  }
}

/** Where the nodes of one kind of trie are kept outside of memory. */
export interface NodeShelf<V> {
  /** Reads a node; throws when it is not there, or not the one that was put there. */
  load(node: StoredNode<V>): HeldNode<V>;
}

/** A node that is on disk, and in memory only while it is in use. */
export class StoredNode<V> {
  readonly kind = 3;
  readonly ref: string;
  /** The place of the node on its shelf. */
  readonly id: number;
  readonly shelf: NodeShelf<V>;
  /** The node itself while it is in memory. */
  held: HeldNode<V> | undefined;
  /** True when it was read since the cache last looked. */
  isUsed = true;

  constructor(shelf: NodeShelf<V>, { id, ref, held }: { id: number; ref: string; held: HeldNode<V> | undefined }) {
    this.shelf = shelf;
    this.id = id;
    this.ref = ref;
    this.held = held;
  }

  /** The node itself. */
  load(): HeldNode<V> {
    this.isUsed = true;
    return this.held ?? this.shelf.load(this);
  }

  /** Leaves the node to the disk. */
  drop(): void {
    this.held = undefined;
  }
}

export function nibbleAt(key: string, index: number): number {
  const byte = key.charCodeAt(index >> 1);
  return (index & 1) === 0 ? byte >> 4 : byte & 15;
}

/** Returns the index of the child for `nibble` among a branch's children, present or not. */
export function childIndex(bitmap: number, nibble: number): number {
  let below = bitmap & ((1 << nibble) - 1);
  let count = 0;
  while (below !== 0) {
    below &= below - 1;
    count++;
  }
  return count;
}

const HASH_BYTES = 32;
const LIST_HEADER_ROOM = 9;
const BRANCH_SLOTS = 17;

let scratch = new Uint8Array(1024);

function ensureScratch(bytes: number): void {
  if (scratch.length < bytes) scratch = new Uint8Array(bytes * 2);
}

function writeString(text: string, at: number): number {
  for (let i = 0; i < text.length; i++) scratch[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function writeRef(ref: string, at: number): number {
  if (ref.length < HASH_BYTES) return writeString(ref, at);
  scratch[at] = 0x80 + HASH_BYTES;
  return writeString(ref, at + 1);
}

/** RLP string header for `length` bytes, unless the string is its own encoding. */
function writeBytes(bytes: Uint8Array, at: number): number {
  const length = bytes.length;
  if (length === 1 && (bytes[0] ?? 0) < 0x80) {
    scratch[at] = bytes[0] ?? 0;
    return at + 1;
  }
  const start = writeHeader(0x80, length, at);
  scratch.set(bytes, start);
  return start + length;
}

function writeHeader(base: number, length: number, at: number): number {
  if (length < 56) {
    scratch[at] = base + length;
    return at + 1;
  }
  const size = length < 0x100 ? 1 : length < 0x10000 ? 2 : length < 0x1000000 ? 3 : 4;
  scratch[at] = base + 55 + size;
  for (let i = 0; i < size; i++) scratch[at + 1 + i] = (length >>> (8 * (size - 1 - i))) & 0xff;
  return at + 1 + size;
}

/** The compact ("hex prefix") form of the nibbles `from..to` of `key` (yellow paper, appendix C). */
function writePath(key: string, from: number, to: number, flag: number, at: number): number {
  const odd = (to - from) & 1;
  const bytes = ((to - from) >> 1) + 1;
  const first = odd === 1 ? ((flag + 1) << 4) | nibbleAt(key, from) : flag << 4;
  let end = at;
  // The first byte is below 0x80, so a path of one byte is its own encoding.
  if (bytes > 1) end = writeHeader(0x80, bytes, end);
  scratch[end++] = first;
  for (let i = from + odd; i < to; i += 2) scratch[end++] = (nibbleAt(key, i) << 4) | nibbleAt(key, i + 1);
  return end;
}

/** The RLP of a node at `depth`, in a buffer that the next call overwrites. */
export function encodeNode<V>(node: Node<V>, depth: number, encode: ValueEncoder<V>): Uint8Array {
  let end = LIST_HEADER_ROOM;
  switch (node.kind) {
    case 3:
      return encodeNode(node.load(), depth, encode);
    case 0: {
      const value = encode(node.value);
      ensureScratch(value.length + node.key.length + 64);
      end = writePath(node.key, depth, node.key.length * 2, 2, end);
      end = writeBytes(value, end);
      break;
    }
    case 1: {
      const ref = refOf(node.child, depth + node.length, encode);
      end = writePath(node.key, depth, depth + node.length, 0, end);
      end = writeRef(ref, end);
      break;
    }
    case 2: {
      for (const child of node.children) {
        if (child.ref === "") refOf(child, depth + 1, encode);
      }
      let next = 0;
      for (let nibble = 0; nibble < BRANCH_SLOTS; nibble++) {
        const child = (node.bitmap & (1 << nibble)) === 0 ? undefined : node.children[next++];
        if (child === undefined) scratch[end++] = 0x80;
        else end = writeRef(child.ref, end);
      }
    }
  }
  const length = end - LIST_HEADER_ROOM;
  const headerBytes = length < 56 ? 1 : length < 0x100 ? 2 : length < 0x10000 ? 3 : length < 0x1000000 ? 4 : 5;
  const start = LIST_HEADER_ROOM - headerBytes;
  writeHeader(0xc0, length, start);
  return scratch.subarray(start, end);
}

/** Returns the reference that the parent of a node embeds; computed once. */
export function refOf<V>(node: Node<V>, depth: number, encode: ValueEncoder<V>): string {
  if (node.ref !== "" || node.kind === 3) return node.ref;
  const bytes = encodeNode(node, depth, encode);
  node.ref = bytes.length < HASH_BYTES
    ? String.fromCharCode.apply(null, bytes as unknown as number[])
    : keccakString(bytes);
  return node.ref;
}
