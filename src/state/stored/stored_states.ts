import type { Hash } from "../../primitives/types.ts";
import { keccakString } from "../../crypto/keccak.ts";
import { accountKey, type AccountLeaf, encodeAccount } from "../account.ts";
import { stringHex } from "../binary_string.ts";
import { NO_CODE } from "../code.ts";
import { encodeStorage, slotKey, Storage, type StorageEntry } from "../storage.ts";
import { Trie } from "../trie.ts";
import {
  Branch,
  encodeNode,
  Extension,
  type HeldNode,
  Leaf,
  type Node,
  type NodeShelf,
  refOf,
  StoredNode,
  type ValueEncoder,
} from "../trie_node.ts";
import { World } from "../world.ts";
import { DamagedStateError } from "./damage.ts";
import { NodeCache } from "./node_cache.ts";
import { type DecodedNode, decodeStoredNode, type NodeLink } from "./node_codec.ts";
import { CodeShelf } from "./stored_code.ts";
import { type NodeSink, Saving } from "./saving.ts";

/** Where stored nodes and code are read from. Both throw where nothing is. */
export interface NodeSource {
  node(id: number): Uint8Array;
  code(hash: Hash): Uint8Array;
}

/**
 * The states on disk: worlds whose nodes are read when they are asked for, each checked against its hash, and a cache of
 * the lately used ones. What is in no cache and in no unsaved world is not in memory.
 */
export class StoredStates {
  readonly #accounts: Shelf<AccountLeaf>;
  readonly #slots: Shelf<StorageEntry>;
  readonly #codes: CodeShelf;
  readonly #cache: NodeCache;

  /** `maxBytes` bounds the cache by an estimate of what a node holds in memory. */
  constructor(source: NodeSource, { maxBytes }: { readonly maxBytes: number }) {
    const cache = new NodeCache(maxBytes);
    const codes = new CodeShelf(source, cache);
    const slots = new Shelf<StorageEntry>(source, cache, {
      encode: encodeStorage,
      keyOf: ({ slot }) => slotKey(slot),
      bytesOf: () => SLOT_BYTES,
      leafOf: (node) => node.kind === "slot" ? node.entry : undefined,
    });
    this.#accounts = new Shelf<AccountLeaf>(source, cache, {
      encode: encodeAccount,
      keyOf: ({ address }) => accountKey(address),
      bytesOf: () => ACCOUNT_BYTES,
      leafOf(node) {
        if (node.kind !== "account") return undefined;
        const { address, nonce, balance, codeHash, storage } = node.account;
        return {
          address,
          nonce,
          balance,
          code: codeHash === undefined ? NO_CODE : codes.code(codeHash),
          storage: storage === undefined ? Storage.EMPTY : Storage.of(slots.trie(storage)),
        };
      },
    });
    this.#slots = slots;
    this.#codes = codes;
    this.#cache = cache;
  }

  /** How much the cache holds, bytes, estimated. */
  get cachedBytes(): number {
    return this.#cache.bytes;
  }

  /** The world under a root node; 0 stands for no accounts. Reads nothing yet. */
  world(id: number, stateRoot: Hash): World {
    if (id === 0) return World.empty();
    const ref = Uint8Array.fromHex(stateRoot.slice(2));
    return World.of(this.#accounts.trie({ id, ref: String.fromCharCode(...ref) }));
  }

  /** Begins to save worlds into `sink`. */
  saving(sink: NodeSink): Saving {
    return new Saving(sink, { accounts: this.#accounts, slots: this.#slots, codes: this.#codes });
  }
}

/** What a node holds in memory, bytes: counted objects, not measured ones. */
const ACCOUNT_BYTES = 640;
const SLOT_BYTES = 400;
const EXTENSION_BYTES = 320;
const BRANCH_BYTES = 160;
const CHILD_BYTES = 144;

interface LeafKind<V> {
  readonly encode: ValueEncoder<V>;
  readonly keyOf: (value: V) => string;
  readonly bytesOf: (value: V) => number;
  /** The value of a leaf; undefined when it is of another kind of trie. */
  readonly leafOf: (node: DecodedNode) => V | undefined;
}

/** The nodes of all tries of one kind. */
export class Shelf<V> implements NodeShelf<V> {
  readonly #source: NodeSource;
  readonly #cache: NodeCache;
  readonly #kind: LeafKind<V>;

  constructor(source: NodeSource, cache: NodeCache, kind: LeafKind<V>) {
    this.#source = source;
    this.#cache = cache;
    this.#kind = kind;
  }

  get encode(): ValueEncoder<V> {
    return this.#kind.encode;
  }

  /** The trie under a node. */
  trie({ id, ref }: NodeLink): Trie<V> {
    return new Trie(this.#kind.encode, new StoredNode(this, { id, ref, held: undefined }));
  }

  load(node: StoredNode<V>): HeldNode<V> {
    const bytes = this.#source.node(node.id);
    let held: HeldNode<V>;
    let hash: string;
    try {
      const decoded = decodeStoredNode(bytes);
      held = this.#held(decoded);
      hash = keccakString(encodeNode(held, decoded.depth, this.#kind.encode));
    } catch (error) {
      throw new DamagedStateError(`the stored node ${node.id} is damaged: it cannot be read`, { cause: error });
    }
    if (hash !== node.ref) {
      throw new DamagedStateError(`the stored node ${node.id} is damaged: its hash is not ${stringHex(node.ref)}`);
    }
    held.ref = node.ref;
    node.held = held;
    this.#cache.add(node, this.#bytesOf(held));
    return held;
  }

  /** The stored form of a node that was just saved. */
  keep(node: HeldNode<V>, id: number): StoredNode<V> {
    const stored = new StoredNode<V>(this, { id, ref: node.ref, held: node });
    this.#cache.add(stored, this.#bytesOf(node));
    return stored;
  }

  #held(node: DecodedNode): HeldNode<V> {
    switch (node.kind) {
      case "branch":
        return new Branch<V>(node.bitmap, node.children.map((child) => this.#linked(child)));
      case "extension":
        return new Extension<V>(node.key, node.length, this.#linked(node.child));
      default: {
        const value = this.#kind.leafOf(node);
        if (value === undefined) throw new Error(`a stored ${node.kind} stands where another kind belongs`);
        return new Leaf(this.#kind.keyOf(value), value);
      }
    }
  }

  #linked(link: NodeLink | DecodedNode): Node<V> {
    if ("id" in link) return new StoredNode<V>(this, { id: link.id, ref: link.ref, held: undefined });
    const held = this.#held(link);
    refOf(held, link.depth, this.#kind.encode);
    return held;
  }

  #bytesOf(node: HeldNode<V>): number {
    if (node.kind === 0) return this.#kind.bytesOf(node.value);
    return node.kind === 1 ? EXTENSION_BYTES : BRANCH_BYTES + CHILD_BYTES * node.children.length;
  }
}
