import type { Hash } from "../../primitives/types.ts";
import { type Code, codeOf } from "../code.ts";
import type { Cached, NodeCache } from "./node_cache.ts";
import { DamagedStateError } from "./damage.ts";

/** Where code is read from; throws where there is none. */
export interface CodeSource {
  code(hash: Hash): Uint8Array;
}

/** The code that is on disk: read when its bytes are asked for, and checked against its hash. */
export class CodeShelf {
  readonly #source: CodeSource;
  readonly #cache: NodeCache;
  /** The code that this process made and saved. */
  readonly #saved = new WeakSet<Code>();

  constructor(source: CodeSource, cache: NodeCache) {
    this.#source = source;
    this.#cache = cache;
  }

  code(hash: Hash): Code {
    return new StoredCode(hash, { source: this.#source, cache: this.#cache });
  }

  /** True when a code is on disk already. */
  has(code: Code): boolean {
    return code instanceof StoredCode || this.#saved.has(code);
  }

  /** Notes that a code is on disk now. */
  keep(code: Code): void {
    this.#saved.add(code);
  }
}

class StoredCode implements Code, Cached {
  readonly hash: Hash;
  readonly hashBytes: Uint8Array;
  isUsed = false;
  readonly #source: CodeSource;
  readonly #cache: NodeCache;
  #bytes: Uint8Array | undefined;

  constructor(hash: Hash, { source, cache }: { readonly source: CodeSource; readonly cache: NodeCache }) {
    this.hash = hash;
    this.hashBytes = Uint8Array.fromHex(hash.slice(2));
    this.#source = source;
    this.#cache = cache;
  }

  get bytes(): Uint8Array {
    this.isUsed = true;
    if (this.#bytes !== undefined) return this.#bytes;
    const code = codeOf(this.#source.code(this.hash));
    if (code.hash !== this.hash) {
      throw new DamagedStateError(`the stored code ${this.hash} is damaged: it has another hash`);
    }
    this.#bytes = code.bytes;
    this.#cache.add(this, code.bytes.length);
    return code.bytes;
  }

  drop(): void {
    this.#bytes = undefined;
  }
}
