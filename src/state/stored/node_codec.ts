import type { Address, Hash } from "../../primitives/types.ts";
import { writeNumber } from "../rlp_bytes.ts";
import type { HeldNode, Node } from "../trie_node.ts";
import { stringHex } from "../binary_string.ts";

// The bytes of a stored node, in format 1. Every node begins with its kind and its depth in nibbles.
//   account    address(20) number(nonce) number(balance) flags [hash of the code(32)] [link to the root of the slots]
//   slot       number(slot) number(value)
//   extension  key(32) of a leaf below, nibbles(1), link
//   branch     bitmap(2), a link for each child
// A link is the number of a node and its hash(32), or 0 and the bytes of the node, where its parent embeds it (shorter than
// 32 bytes in the yellow paper's encoding). A node's number takes 7 bits per byte, the lowest first; other numbers are RLP.
// The keys of leaves are the hashes of their addresses and slots.

const KIND = { account: 0, extension: 1, branch: 2, slot: 3 } as const;
const FLAG = { code: 1, storage: 2 } as const;
const HASH_BYTES = 32;
const ADDRESS_BYTES = 20;
/** No node comes near it: 16 links, each with a hash or less than 32 bytes of nodes. */
const MAX_NODE_BYTES = 65_536;

/** An account as its node has it. */
export interface AccountParts {
  readonly address: Address;
  readonly nonce: bigint;
  readonly balance: bigint;
  /** Undefined without code. */
  readonly codeHash: Hash | undefined;
  /** Undefined without slots. */
  readonly storage: NodeLink | undefined;
}

export interface SlotParts {
  readonly slot: bigint;
  readonly value: bigint;
}

/** Where a stored node is, and its hash as a binary string. */
export interface NodeLink {
  readonly id: number;
  readonly ref: string;
}

/** What a node's bytes say. Links to nodes that it embeds are those nodes. */
export type DecodedNode =
  | { readonly kind: "account"; readonly depth: number; readonly account: AccountParts }
  | { readonly kind: "slot"; readonly depth: number; readonly entry: SlotParts }
  | {
    readonly kind: "extension";
    readonly depth: number;
    readonly key: string;
    readonly length: number;
    readonly child: NodeLink | DecodedNode;
  }
  | {
    readonly kind: "branch";
    readonly depth: number;
    readonly bitmap: number;
    readonly children: readonly (NodeLink | DecodedNode)[];
  };

const out = new Uint8Array(MAX_NODE_BYTES);
let end = 0;

/** What is needed to write a node: how its value is written, and the numbers of the children that are saved. */
export interface NodeWriter<V> {
  /** Writes a leaf's value with {@link writeAccount} or {@link writeSlot}. */
  readonly value: (value: V) => void;
  readonly valueKind: "account" | "slot";
  /** The number of a saved child. */
  readonly idOf: (node: Node<V>) => number;
}

/** The bytes of a node, valid until the next call. The hashes of its children are known already. */
export function encodeStoredNode<V>(node: HeldNode<V>, depth: number, writer: NodeWriter<V>): Uint8Array {
  end = 0;
  writeNode(node, depth, writer);
  return out.subarray(0, end);
}

function writeNode<V>(node: HeldNode<V>, depth: number, writer: NodeWriter<V>): void {
  switch (node.kind) {
    case 0:
      out[end++] = KIND[writer.valueKind];
      out[end++] = depth;
      writer.value(node.value);
      return;
    case 1:
      out[end++] = KIND.extension;
      out[end++] = depth;
      writeText(node.key);
      out[end++] = node.length;
      writeLink(node.child, depth + node.length, writer);
      return;
    case 2:
      out[end++] = KIND.branch;
      out[end++] = depth;
      out[end++] = node.bitmap >> 8;
      out[end++] = node.bitmap & 0xff;
      for (const child of node.children) writeLink(child, depth + 1, writer);
  }
}

function writeLink<V>(node: Node<V>, depth: number, writer: NodeWriter<V>): void {
  if (node.kind === 3 || node.ref.length === HASH_BYTES) return writeStoredLink(writer.idOf(node), node.ref);
  out[end++] = 0;
  writeNode(node, depth, writer);
}

function writeStoredLink(id: number, ref: string): void {
  let rest = id;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out[end++] = 0x80 | rest % 0x80;
  out[end++] = rest;
  writeText(ref);
}

function writeText(text: string): void {
  for (let i = 0; i < text.length; i++) out[end++] = text.charCodeAt(i);
}

/** Writes the value of an account's leaf. */
export function writeAccount(account: AccountParts): void {
  out.subarray(end, end + ADDRESS_BYTES).setFromHex(account.address.slice(2));
  end += ADDRESS_BYTES;
  end = writeNumber(account.nonce, { out, at: end });
  end = writeNumber(account.balance, { out, at: end });
  const { codeHash, storage } = account;
  out[end++] = (codeHash === undefined ? 0 : FLAG.code) | (storage === undefined ? 0 : FLAG.storage);
  if (codeHash !== undefined) {
    out.subarray(end, end + HASH_BYTES).setFromHex(codeHash.slice(2));
    end += HASH_BYTES;
  }
  if (storage !== undefined) writeStoredLink(storage.id, storage.ref);
}

/** Writes the value of a slot's leaf. */
export function writeSlot(entry: SlotParts): void {
  end = writeNumber(entry.slot, { out, at: end });
  end = writeNumber(entry.value, { out, at: end });
}

/** Reads a node; throws when the bytes are not those of one. */
export function decodeStoredNode(bytes: Uint8Array): DecodedNode {
  const reader = new NodeReader(bytes);
  const node = reader.node();
  if (!reader.isDone) throw new Error("a stored node goes on after its end");
  return node;
}

/** The nodes and the code that a stored node points at, those of embedded nodes included. */
export function linksOf(bytes: Uint8Array): { readonly nodes: readonly number[]; readonly codes: readonly Hash[] } {
  const nodes: number[] = [];
  const codes: Hash[] = [];
  collect(decodeStoredNode(bytes), { nodes, codes });
  return { nodes, codes };
}

function collect(node: NodeLink | DecodedNode, into: { readonly nodes: number[]; readonly codes: Hash[] }): void {
  if ("id" in node) into.nodes.push(node.id);
  else if (node.kind === "extension") collect(node.child, into);
  else if (node.kind === "branch") { for (const child of node.children) collect(child, into); }
  else if (node.kind === "account") {
    const { codeHash, storage } = node.account;
    if (codeHash !== undefined) into.codes.push(codeHash);
    if (storage !== undefined) into.nodes.push(storage.id);
  }
}

class NodeReader {
  /** One string for the whole node: its pieces are cut out of it, which costs a tenth of small arrays (binary_string.ts). */
  readonly #text: string;
  #at = 0;

  constructor(bytes: Uint8Array) {
    if (bytes.length > MAX_NODE_BYTES) throw new Error(`a stored node of ${bytes.length} bytes`);
    this.#text = String.fromCharCode.apply(null, bytes as unknown as number[]);
  }

  get isDone(): boolean {
    return this.#at === this.#text.length;
  }

  node(): DecodedNode {
    const kind = this.#byte();
    const depth = this.#byte();
    switch (kind) {
      case KIND.account: {
        const address = stringHex(this.#piece(ADDRESS_BYTES));
        const [nonce, balance] = [this.#number(), this.#number()];
        const flags = this.#byte();
        const codeHash = (flags & FLAG.code) === 0 ? undefined : stringHex(this.#piece(HASH_BYTES));
        const storage = (flags & FLAG.storage) === 0 ? undefined : this.#storedLink(this.#id());
        return { kind: "account", depth, account: { address, nonce, balance, codeHash, storage } };
      }
      case KIND.slot: {
        const [slot, value] = [this.#number(), this.#number()];
        return { kind: "slot", depth, entry: { slot, value } };
      }
      case KIND.extension: {
        const key = this.#piece(HASH_BYTES);
        const length = this.#byte();
        return { kind: "extension", depth, key, length, child: this.#link() };
      }
      case KIND.branch: {
        const bitmap = this.#byte() << 8 | this.#byte();
        const children: (NodeLink | DecodedNode)[] = [];
        for (let rest = bitmap; rest !== 0; rest &= rest - 1) children.push(this.#link());
        return { kind: "branch", depth, bitmap, children };
      }
      default:
        throw new Error(`a stored node of the unknown kind ${kind}`);
    }
  }

  #link(): NodeLink | DecodedNode {
    const id = this.#id();
    return id === 0 ? this.node() : this.#storedLink(id);
  }

  #storedLink(id: number): NodeLink {
    return { id, ref: this.#piece(HASH_BYTES) };
  }

  #id(): number {
    let id = 0;
    let factor = 1;
    for (;;) {
      const byte = this.#byte();
      id += (byte & 0x7f) * factor;
      if (byte < 0x80) return id;
      factor *= 0x80;
    }
  }

  #number(): bigint {
    const first = this.#byte();
    if (first < 0x80) return BigInt(first);
    const length = first - 0x80;
    return length === 0 ? 0n : BigInt(stringHex(this.#piece(length)));
  }

  #byte(): number {
    const byte = this.#text.charCodeAt(this.#at++);
    if (Number.isNaN(byte)) throw new Error("a stored node ends too early");
    return byte;
  }

  #piece(length: number): string {
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#text.length) throw new Error("a stored node ends too early");
    return this.#text.slice(from, this.#at);
  }
}
