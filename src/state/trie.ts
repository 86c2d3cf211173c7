import { keccakString } from "../crypto/keccak.ts";
import {
  Branch,
  childIndex,
  encodeNode,
  Extension,
  Leaf,
  nibbleAt,
  type Node,
  refOf,
  type StoredNode,
  type ValueEncoder,
} from "./trie_node.ts";
import type { Hash } from "../primitives/types.ts";
import { stringHex } from "./binary_string.ts";

const EMPTY_NODE = Uint8Array.of(0x80);

/** The root of a trie without entries, as a binary string. */
export const EMPTY_ROOT: string = keccakString(EMPTY_NODE);

/**
 * An immutable Merkle Patricia trie: a change copies the nodes on its path and shares all others, so that an old root
 * costs only what differs from it. Hashes are computed when a root is asked for, and kept.
 */
export class Trie<V> {
  #node: Node<V> | undefined;
  readonly #encode: ValueEncoder<V>;

  constructor(encode: ValueEncoder<V>, node?: Node<V>) {
    this.#encode = encode;
    this.#node = node;
  }

  get isEmpty(): boolean {
    return this.#node === undefined;
  }

  /** The root node, for the code that saves it. */
  get node(): Node<V> | undefined {
    return this.#node;
  }

  /** Takes the same root node in its stored form. */
  keepStored(node: StoredNode<V>): void {
    this.#node = node;
  }

  get(key: string): V | undefined {
    let node = this.#node;
    let depth = 0;
    while (node !== undefined) {
      if (node.kind === 2) {
        const nibble = nibbleAt(key, depth++);
        if ((node.bitmap & (1 << nibble)) === 0) return undefined;
        node = node.children[childIndex(node.bitmap, nibble)];
      } else if (node.kind === 0) {
        return node.key === key ? node.value : undefined;
      } else if (node.kind === 1) {
        // A wrong turn here is found out at the leaf, which compares the whole key.
        depth += node.length;
        node = node.child;
      } else node = node.load();
    }
    return undefined;
  }

  put(key: string, value: V): Trie<V> {
    return new Trie(this.#encode, insert(this.#node, key, 0, value));
  }

  delete(key: string): Trie<V> {
    if (this.#node === undefined) return this;
    const node = remove(this.#node, key, 0);
    return node === this.#node ? this : new Trie(this.#encode, node);
  }

  /** The root hash as a binary string. */
  root(): string {
    const node = this.#node;
    if (node === undefined) return EMPTY_ROOT;
    const ref = refOf(node, 0, this.#encode);
    // A root is a hash even when the node is short.
    return ref.length < 32 ? keccakString(encodeNode(node, 0, this.#encode)) : ref;
  }

  /** The nodes on the way to `key`, root first, those embedded in their parent left out; empty for an empty trie. */
  prove(key: string): Uint8Array[] {
    const proof: Uint8Array[] = [];
    let node = this.#node;
    let depth = 0;
    while (node !== undefined) {
      if (depth === 0 || refOf(node, depth, this.#encode).length === 32) {
        proof.push(encodeNode(node, depth, this.#encode).slice());
      }
      if (node.kind === 3) node = node.load();
      if (node.kind === 0) break;
      if (node.kind === 1) {
        if (commonNibbles(node.key, key, { from: depth, length: node.length }) < node.length) break;
        depth += node.length;
        node = node.child;
      } else {
        const nibble = nibbleAt(key, depth++);
        node = (node.bitmap & (1 << nibble)) === 0 ? undefined : node.children[childIndex(node.bitmap, nibble)];
      }
    }
    return proof;
  }

  /** All values, in the order of their keys. */
  *values(): IterableIterator<V> {
    for (const [, value] of this.entriesFrom("")) yield value;
  }

  /** All entries from `key` on, in the order of their keys. */
  *entriesFrom(key: string): IterableIterator<readonly [string, V]> {
    // A node whose path begins as the key does may have smaller keys below it; no other node that is visited has any.
    const pending: { readonly node: Node<V>; readonly depth: number; readonly isBound: boolean }[] = [];
    if (this.#node !== undefined) pending.push({ node: this.#node, depth: 0, isBound: true });
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const node = next.node.kind === 3 ? next.node.load() : next.node;
      const { depth } = next;
      const rest = key.length * 2 - depth;
      const isBound = next.isBound && rest > 0;
      if (node.kind === 0) {
        if (!isBound || node.key >= key) yield [node.key, node.value];
      } else if (node.kind === 1) {
        const { length } = node;
        const same = isBound ? commonNibbles(node.key, key, { from: depth, length: Math.min(length, rest) }) : 0;
        const isApart = same < length && same < rest;
        if (isBound && isApart && nibbleAt(node.key, depth + same) < nibbleAt(key, depth + same)) continue;
        pending.push({ node: node.child, depth: depth + length, isBound: isBound && !isApart });
      } else {
        const first = isBound ? nibbleAt(key, depth) : 0;
        let index = node.children.length;
        for (let nibble = 15; nibble >= first; nibble--) {
          if ((node.bitmap & (1 << nibble)) === 0) continue;
          const child = node.children[--index];
          if (child !== undefined) {
            pending.push({ node: child, depth: depth + 1, isBound: isBound && nibble === first });
          }
        }
      }
    }
  }
}

function commonNibbles(a: string, b: string, span: { from: number; length: number }): number {
  let count = 0;
  while (count < span.length && nibbleAt(a, span.from + count) === nibbleAt(b, span.from + count)) count++;
  return count;
}

function extend<V>(key: string, length: number, child: Node<V>): Node<V> {
  return length === 0 ? child : new Extension(key, length, child);
}

function insert<V>(node: Node<V> | undefined, key: string, depth: number, value: V): Node<V> {
  if (node === undefined) return new Leaf(key, value);
  switch (node.kind) {
    case 3:
      return insert(node.load(), key, depth, value);
    case 0: {
      if (node.key === key) return new Leaf(key, value);
      const shared = commonNibbles(node.key, key, { from: depth, length: key.length * 2 - depth });
      return extend(key, shared, fork(node, new Leaf(key, value), depth + shared));
    }
    case 1: {
      const shared = commonNibbles(node.key, key, { from: depth, length: node.length });
      if (shared === node.length) {
        return new Extension(node.key, node.length, insert(node.child, key, depth + shared, value));
      }
      // `fork` reads the nibble from the extension's key and puts what is left of its path below it.
      const rest = extend(node.key, node.length - shared - 1, node.child);
      const branch = forkAt(
        nibbleAt(node.key, depth + shared),
        rest,
        nibbleAt(key, depth + shared),
        new Leaf(key, value),
      );
      return extend(key, shared, branch);
    }
    case 2: {
      const nibble = nibbleAt(key, depth);
      const bit = 1 << nibble;
      const index = childIndex(node.bitmap, nibble);
      const children = node.children.slice();
      if ((node.bitmap & bit) === 0) children.splice(index, 0, new Leaf(key, value));
      else children[index] = insert(children[index], key, depth + 1, value);
      return new Branch(node.bitmap | bit, children);
    }
  }
}

/** A branch over an existing leaf, which gets a node of its own because its path is shorter now, and a new one. */
function fork<V>(old: Leaf<V>, added: Leaf<V>, depth: number): Branch<V> {
  return forkAt(nibbleAt(old.key, depth), new Leaf(old.key, old.value), nibbleAt(added.key, depth), added);
}

function forkAt<V>(nibble: number, node: Node<V>, otherNibble: number, other: Node<V>): Branch<V> {
  return new Branch((1 << nibble) | (1 << otherNibble), nibble < otherNibble ? [node, other] : [other, node]);
}

function remove<V>(node: Node<V>, key: string, depth: number): Node<V> | undefined {
  switch (node.kind) {
    case 3: {
      const held = node.load();
      const changed = remove(held, key, depth);
      return changed === held ? node : changed;
    }
    case 0:
      return node.key === key ? undefined : node;
    case 1: {
      const child = remove(node.child, key, depth + node.length);
      if (child === node.child) return node;
      return child === undefined ? undefined : prepend(node.key, node.length, child);
    }
    case 2: {
      const nibble = nibbleAt(key, depth);
      const bit = 1 << nibble;
      if ((node.bitmap & bit) === 0) return node;
      const index = childIndex(node.bitmap, nibble);
      const old = node.children[index];
      if (old === undefined) return node;
      const child = remove(old, key, depth + 1);
      if (child === old) return node;
      const children = node.children.slice();
      if (child !== undefined) {
        children[index] = child;
        return new Branch(node.bitmap, children);
      }
      children.splice(index, 1);
      const last = children[0];
      const bitmap = node.bitmap & ~bit;
      if (children.length > 1 || last === undefined) return new Branch(bitmap, children);
      return prepend(withNibble(key, depth, 31 - Math.clz32(bitmap)), 1, last);
    }
  }
}

/** Puts `length` nibbles of path in front of a node that lost its branch. */
function prepend<V>(key: string, length: number, node: Node<V>): Node<V> {
  const held = node.kind === 3 ? node.load() : node;
  if (held.kind === 0) return new Leaf(held.key, held.value);
  if (held.kind === 1) return new Extension(held.key, held.length + length, held.child);
  return new Extension(key, length, node);
}

/** A key that agrees with another one in front of a nibble, and has that nibble. */
function withNibble(key: string, index: number, nibble: number): string {
  const at = index >> 1;
  const byte = key.charCodeAt(at);
  const changed = (index & 1) === 0 ? nibble << 4 | byte & 15 : byte & 0xf0 | nibble;
  return key.slice(0, at) + String.fromCharCode(changed) + key.slice(at + 1);
}

/** The RLP of an index: the key of an item of a block. */
function indexKey(index: number): string {
  if (index === 0) return "\x80";
  if (index < 0x80) return String.fromCharCode(index);
  if (index < 0x100) return String.fromCharCode(0x81, index);
  if (index < 0x10000) return String.fromCharCode(0x82, index >> 8, index & 0xff);
  return String.fromCharCode(0x83, index >> 16, (index >> 8) & 0xff, index & 0xff);
}

/** The root of an index-keyed trie: transactions, receipts and withdrawals of a block, each in its encoding. */
export function orderedTrieRoot(values: readonly Uint8Array[]): Hash {
  let trie = new Trie<Uint8Array>((value) => value);
  values.forEach((value, index) => {
    trie = trie.put(indexKey(index), value);
  });
  return stringHex(trie.root());
}
