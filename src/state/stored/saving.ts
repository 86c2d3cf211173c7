import { type AccountLeaf, encodeAccount } from "../account.ts";
import { type Code, NO_CODE } from "../code.ts";
import { encodeStorage, type Storage, type StorageEntry } from "../storage.ts";
import type { Trie } from "../trie.ts";
import { type HeldNode, type Node, refOf, type StoredNode, type ValueEncoder } from "../trie_node.ts";
import type { World } from "../world.ts";
import { encodeStoredNode, type NodeLink, type NodeWriter, writeAccount, writeSlot } from "./node_codec.ts";
import type { CodeShelf } from "./stored_code.ts";

/** Where new nodes and code are written. */
export interface NodeSink {
  /** Writes a node, whose bytes are valid during the call; answers its number, which is above all numbers before. */
  node(bytes: Uint8Array): number;
  /** Writes code, which may be there already. */
  code(code: Code): void;
}

/** What makes the stored forms of saved nodes. */
interface Keeper<V> {
  keep(node: HeldNode<V>, id: number): StoredNode<V>;
}

/** The shelves that what is saved belongs to. */
export interface Shelves {
  readonly accounts: Keeper<AccountLeaf>;
  readonly slots: Keeper<StorageEntry>;
  readonly codes: CodeShelf;
}

/**
 * One step of saving: what of some worlds is not on disk goes to a sink, children before parents. Nothing changes in memory
 * before {@link done}, so that a transaction that fails leaves the worlds as unsaved as they were.
 */
export class Saving {
  readonly #sink: NodeSink;
  readonly #codes: CodeShelf;
  readonly #newCodes = new Set<Code>();
  readonly #slots: TrieSaving<StorageEntry>;
  readonly #accounts: TrieSaving<AccountLeaf>;

  constructor(sink: NodeSink, { accounts, slots, codes }: Shelves) {
    this.#sink = sink;
    this.#codes = codes;
    this.#slots = new TrieSaving(sink, slots, { value: writeSlot, valueKind: "slot", encode: encodeStorage });
    this.#accounts = new TrieSaving(sink, accounts, {
      value: (leaf) => {
        const { address, nonce, balance, code, storage } = leaf;
        const codeHash = code === NO_CODE ? undefined : code.hash;
        writeAccount({ address, nonce, balance, codeHash, storage: this.#rootOf(storage) });
      },
      valueKind: "account",
      encode: encodeAccount,
      before: ({ code, storage }) => {
        this.#code(code);
        this.#slots.save(storage.trie);
      },
    });
  }

  /** Saves what of a world is not saved; answers the number of its root, 0 when it has no accounts. */
  world(world: World): number {
    if (world.base !== null) throw new Error("a world over a base cannot be saved");
    return this.#accounts.save(world.trie);
  }

  /** Makes what was written droppable from memory. To be called once it is certain to stay on disk. */
  done(): void {
    this.#slots.done();
    this.#accounts.done();
    for (const code of this.#newCodes) this.#codes.keep(code);
  }

  #code(code: Code): void {
    if (code === NO_CODE || this.#codes.has(code) || this.#newCodes.has(code)) return;
    this.#sink.code(code);
    this.#newCodes.add(code);
  }

  #rootOf(storage: Storage): NodeLink | undefined {
    const id = this.#slots.save(storage.trie);
    return id === 0 ? undefined : { id, ref: storage.root() };
  }
}

/** What is saved of the tries of one kind. */
class TrieSaving<V> {
  readonly #sink: NodeSink;
  readonly #keeper: Keeper<V>;
  readonly #encode: ValueEncoder<V>;
  readonly #writer: NodeWriter<V>;
  readonly #before: ((value: V) => void) | undefined;
  readonly #ids = new Map<Node<V>, number>();
  readonly #tries = new Set<Trie<V>>();

  constructor(
    sink: NodeSink,
    keeper: Keeper<V>,
    options: Omit<NodeWriter<V>, "idOf"> & {
      readonly encode: ValueEncoder<V>;
      /** Saves what a value points at. */
      readonly before?: (value: V) => void;
    },
  ) {
    const { value, valueKind } = options;
    this.#sink = sink;
    this.#keeper = keeper;
    this.#encode = options.encode;
    this.#before = options.before;
    this.#writer = { value, valueKind, idOf: (node) => this.#idOf(node) };
  }

  /** Saves a trie; answers the number of its root, 0 when it is empty. */
  save(trie: Trie<V>): number {
    const { node } = trie;
    if (node === undefined) return 0;
    if (node.kind === 3) return node.id;
    this.#tries.add(trie);
    const known = this.#ids.get(node);
    if (known !== undefined) return known;
    // Asked for here, so that all hashes below are known.
    trie.root();
    this.#below(node, 0);
    return this.#write(node, 0);
  }

  /** Puts the stored forms in place of the nodes. */
  done(): void {
    const stored = new Map<Node<V>, StoredNode<V>>();
    const formOf = (node: Node<V>): Node<V> => {
      const id = node.kind === 3 ? undefined : this.#ids.get(node);
      if (id === undefined || node.kind === 3) return node;
      let form = stored.get(node);
      if (form === undefined) stored.set(node, form = this.#keeper.keep(node, id));
      return form;
    };
    for (const node of this.#ids.keys()) {
      if (node.kind === 1) node.child = formOf(node.child);
      else if (node.kind === 2) node.children.forEach((child, index) => node.children[index] = formOf(child));
    }
    for (const trie of this.#tries) {
      const form = trie.node === undefined ? undefined : formOf(trie.node);
      if (form?.kind === 3) trie.keepStored(form);
    }
  }

  #idOf(node: Node<V>): number {
    const id = node.kind === 3 ? node.id : this.#ids.get(node);
    if (id === undefined) throw new Error("a node was written before its child");
    return id;
  }

  /** Saves all that is below a node. */
  #below(node: HeldNode<V>, depth: number): void {
    if (node.kind === 0) this.#before?.(node.value);
    else if (node.kind === 1) this.#child(node.child, depth + node.length);
    else for (const child of node.children) this.#child(child, depth + 1);
  }

  #child(node: Node<V>, depth: number): void {
    if (node.kind === 3 || this.#ids.has(node)) return;
    this.#below(node, depth);
    // A node that its parent embeds is written as a part of it.
    if (refOf(node, depth, this.#encode).length === 32) this.#write(node, depth);
  }

  #write(node: HeldNode<V>, depth: number): number {
    const id = this.#sink.node(encodeStoredNode(node, depth, this.#writer));
    this.#ids.set(node, id);
    return id;
  }
}
