import { bytesString } from "../binary_string.ts";
import { Branch, Extension, type HeldNode, Leaf, type Node } from "../trie_node.ts";

/** Bytes that are no node of a Merkle Patricia trie. */
export class ProofNodeError extends Error {
  override readonly name = "ProofNodeError";
}

/** Makes a node of which only the hash is known. */
export type UnknownChild = (ref: string, path: string) => Node<Uint8Array>;

const KEY_NIBBLES = 64;
const HASH_BYTES = 32;
const BRANCH_ITEMS = 17;

/** An item of an RLP list: its content, and itself with its header. */
interface Item {
  readonly isList: boolean;
  readonly content: Uint8Array;
  readonly whole: Uint8Array;
}

/**
 * Reads a node, as RLP, at a place in the trie: `path` has a character below 16 for each nibble on the way to it. Throws
 * {@link ProofNodeError}.
 */
export function readProofNode(bytes: Uint8Array, path: string, unknown: UnknownChild): HeldNode<Uint8Array> {
  const [list, ...rest] = itemsOf(bytes);
  if (list === undefined || !list.isList || rest.length > 0) throw new ProofNodeError("a node is one list");
  return nodeOf(itemsOf(list.content), path, unknown);
}

function nodeOf(items: readonly Item[], path: string, unknown: UnknownChild): HeldNode<Uint8Array> {
  const [first, second] = items;
  if (items.length === 2 && first !== undefined && second !== undefined) {
    const { nibbles, isLeaf } = pathOf(first);
    const below = path + nibbles;
    if (isLeaf) {
      if (below.length !== KEY_NIBBLES) throw new ProofNodeError("a leaf ends a key of 32 bytes");
      return new Leaf(keyOf(below), second.content);
    }
    if (nibbles.length === 0) throw new ProofNodeError("an extension has a path");
    const child = childOf(second, below, unknown);
    if (child === undefined) throw new ProofNodeError("an extension has a child");
    return new Extension(keyOf(below), nibbles.length, child);
  }
  if (items.length !== BRANCH_ITEMS) throw new ProofNodeError(`a node has 2 or 17 items, not ${items.length}`);
  const children: Node<Uint8Array>[] = [];
  let bitmap = 0;
  items.slice(0, BRANCH_ITEMS - 1).forEach((item, nibble) => {
    const child = childOf(item, path + String.fromCharCode(nibble), unknown);
    if (child === undefined) return;
    children.push(child);
    bitmap |= 1 << nibble;
  });
  return new Branch(bitmap, children);
}

function childOf(item: Item, path: string, unknown: UnknownChild): Node<Uint8Array> | undefined {
  if (path.length > KEY_NIBBLES) throw new ProofNodeError("a path is longer than a key");
  if (item.isList) {
    const child = nodeOf(itemsOf(item.content), path, unknown);
    // A node shorter than a hash stands in its parent itself.
    child.ref = bytesString(item.whole);
    return child;
  }
  if (item.content.length === 0) return undefined;
  if (item.content.length !== HASH_BYTES) throw new ProofNodeError("a child is a hash or a node");
  return unknown(bytesString(item.content), path);
}

/** Reads the compact form of a path (yellow paper, appendix C). */
function pathOf({ content }: Item): { readonly nibbles: string; readonly isLeaf: boolean } {
  const flag = (content[0] ?? 0xff) >> 4;
  if (flag > 3) throw new ProofNodeError("a path has one of four forms");
  let nibbles = "";
  for (const byte of content) nibbles += String.fromCharCode(byte >> 4, byte & 15);
  return { nibbles: nibbles.slice((flag & 1) === 1 ? 1 : 2), isLeaf: flag >= 2 };
}

/** A key that begins with these nibbles. */
function keyOf(nibbles: string): string {
  let key = "";
  for (let at = 0; at < KEY_NIBBLES; at += 2) {
    const [high, low] = [nibbles.charCodeAt(at), nibbles.charCodeAt(at + 1)];
    key += String.fromCharCode((high || 0) << 4 | (low || 0));
  }
  return key;
}

function itemsOf(bytes: Uint8Array): Item[] {
  const items: Item[] = [];
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    let start = at;
    let length = 1;
    if (first >= 0x80) {
      const isList = first >= 0xc0;
      const short = first - (isList ? 0xc0 : 0x80);
      const lengthBytes = short > 55 ? short - 55 : 0;
      length = short;
      if (lengthBytes > 0) {
        length = 0;
        for (let index = 1; index <= lengthBytes; index++) length = length * 256 + (bytes[at + index] ?? 0);
      }
      start = at + 1 + lengthBytes;
    }
    const end = start + length;
    if (end > bytes.length) throw new ProofNodeError("a node is cut off");
    items.push({ isList: first >= 0xc0, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) });
    at = end;
  }
  return items;
}
