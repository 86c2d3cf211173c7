import type { Code } from "../../src/state/code.ts";
import type { Hash } from "../../src/eth/types.ts";
import type { NodeSink } from "../../src/state/stored/saving.ts";
import type { NodeSource } from "../../src/state/stored/stored_states.ts";

/** Stored nodes and code in memory, in place of a file. */
export class NodeMap implements NodeSource, NodeSink {
  readonly nodes = new Map<number, Uint8Array>();
  readonly codes = new Map<Hash, Uint8Array>();
  reads = 0;
  #last = 0;

  node(bytes: Uint8Array): number;
  node(id: number): Uint8Array;
  node(what: number | Uint8Array): number | Uint8Array {
    if (typeof what !== "number") {
      this.nodes.set(++this.#last, what.slice());
      return this.#last;
    }
    this.reads++;
    const bytes = this.nodes.get(what);
    if (bytes === undefined) throw new Error(`there is no node ${what}`);
    return bytes;
  }

  code(code: Code): void;
  code(hash: Hash): Uint8Array;
  code(what: Code | Hash): Uint8Array | void {
    if (typeof what !== "string") {
      this.codes.set(what.hash, what.bytes);
      return;
    }
    const bytes = this.codes.get(what);
    if (bytes === undefined) throw new Error(`there is no code ${what}`);
    return bytes;
  }
}
