import { keccakString } from "../../crypto/keccak.ts";
import type { Hash } from "../../primitives/types.ts";
import { accountKey } from "../account.ts";
import { type BaseTries, type MissingProof, MissingState, UnknownNode } from "../base.ts";
import { storageTrie } from "../base_tries.ts";
import { bytesString } from "../binary_string.ts";
import { EMPTY_ROOT, Trie } from "../trie.ts";
import { type HeldNode, type NodeShelf, StoredNode } from "../trie_node.ts";
import { readProofNode } from "./proof_node.ts";

/** Where nodes are kept between runs, by their hashes, binary strings. */
export interface NodeMemory {
  recall(hash: string): Uint8Array | undefined;
  keep(hash: string, node: Uint8Array): void;
}

/** A node that knows the way to itself. */
class WitnessNode extends StoredNode<Uint8Array> {
  readonly path: string;

  constructor(shelf: NodeShelf<Uint8Array>, ref: string, path: string) {
    super(shelf, { id: 0, ref, held: undefined });
    this.path = path;
  }
}

/** The tries of slots that are kept made: making one anew costs its nodes. */
const MAX_STORAGES = 1_024;
const KEY_BYTES = 32;
/** The nodes that are kept as they were shown, some 60 MB; those that were followed are in the tries themselves. */
const MAX_SHOWN = 100_000;

/**
 * The tries of a state of which the root is known, made of the nodes that proofs have shown. Nodes are found by their hashes, so
 * that a wrong one is never used: the tries are those of the root, or unknown.
 */
export class WitnessTries implements BaseTries {
  readonly accounts: Trie<Uint8Array>;
  readonly #shelf: NodeShelf<Uint8Array> = { load: (node) => this.#load(node) };
  /** Nodes that were shown, by hash. */
  readonly #shown = new Map<string, Uint8Array>();
  readonly #storages = new Map<string, Trie<Uint8Array>>();

  readonly #memory: NodeMemory | undefined;

  constructor(stateRoot: Hash, memory?: NodeMemory) {
    this.#memory = memory;
    this.accounts = this.#trie(bytesString(Uint8Array.fromHex(stateRoot.slice(2))));
  }

  storage(root: string): Trie<Uint8Array> {
    const known = this.#storages.get(root);
    if (known !== undefined) return known;
    if (this.#storages.size >= MAX_STORAGES) this.#storages.clear();
    const trie = this.#trie(root);
    this.#storages.set(root, trie);
    return trie;
  }

  /** Takes the nodes of a proof; returns how many of them were not known. */
  show(nodes: readonly Uint8Array[]): number {
    const before = this.#shown.size;
    for (const node of nodes) {
      const hash = keccakString(node);
      if (this.#shown.has(hash)) continue;
      this.#shown.set(hash, node);
      if (this.#shown.size > MAX_SHOWN) this.#forgetOldest();
      this.#memory?.keep(hash, node);
    }
    return this.#shown.size - before;
  }

  /** True when the node of a missing proof has been shown. */
  isShown({ address, slot, path }: MissingProof): boolean {
    const key = keyWith(path);
    try {
      const trie = slot === undefined ? this.accounts : storageTrie(this, { address, key: accountKey(address) });
      trie.get(key);
      return true;
    } catch (error) {
      if (error instanceof MissingState) return false;
      if (!(error instanceof UnknownNode)) throw error;
      return error.path.length > path.length;
    }
  }

  #forgetOldest(): void {
    for (const hash of this.#shown.keys()) {
      this.#shown.delete(hash);
      return;
    }
  }

  #trie(root: string): Trie<Uint8Array> {
    return new Trie(identity, root === EMPTY_ROOT ? undefined : new WitnessNode(this.#shelf, root, ""));
  }

  #recall(hash: string): Uint8Array | undefined {
    const node = this.#memory?.recall(hash);
    return node !== undefined && keccakString(node) === hash ? node : undefined;
  }

  #load(node: StoredNode<Uint8Array>): HeldNode<Uint8Array> {
    const path = node instanceof WitnessNode ? node.path : "";
    const bytes = this.#shown.get(node.ref) ?? this.#recall(node.ref);
    if (bytes === undefined) throw new UnknownNode(path);
    const held = readProofNode(bytes, path, (ref, below) => new WitnessNode(this.#shelf, ref, below));
    held.ref = node.ref;
    node.held = held;
    return held;
  }
}

/** A key that begins with a path. */
function keyWith(path: string): string {
  let key = "";
  for (let at = 0; at < 2 * KEY_BYTES; at += 2) {
    key += String.fromCharCode((path.charCodeAt(at) || 0) << 4 | (path.charCodeAt(at + 1) || 0));
  }
  return key;
}

function identity(value: Uint8Array): Uint8Array {
  return value;
}
