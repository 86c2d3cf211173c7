import { Pacer } from "../../concurrency/pacer.ts";
import { linksOf } from "../../state/stored/node_codec.ts";
import type { Database, Statement } from "./database.ts";
import { MAX_NODES, type Packs, without } from "./packs.ts";

/** Nodes are removed when so many bytes of them were added, and as many as were left the last time. */
const MIN_BYTES = 16 * 2 ** 20;
/** Packs that one transaction looks through. */
const PACKS_AT_ONCE = 32;
/** A pack is written anew when less of it is left, in hundredths. */
const MAX_LEFT_PERCENT = 75;

/**
 * Removes the nodes that no kept state needs, for --gcmode full. First it marks what the kept states reach, then it goes
 * through the packs. The chain goes on meanwhile: a state that is made during the marking shares nodes only with states that
 * were kept at its beginning, and what was added since then is not touched. A crash leaves nodes for the next time.
 */
export class Sweep {
  readonly #database: Database;
  readonly #packs: Packs;
  readonly #roots: Statement;
  readonly #next: Statement;
  readonly #delete: Statement;
  readonly #rewrite: Statement;
  /** The bytes that were left the last time. */
  #left = 0;
  /** `packs.added` at the last time. */
  #base = 0;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(database: Database, packs: Packs) {
    this.#database = database;
    this.#packs = packs;
    this.#roots = database.prepare("SELECT root FROM state UNION SELECT root FROM snapshot");
    this.#next = database.prepare("SELECT id, nodes FROM pack WHERE id > ? AND id <= ? ORDER BY id LIMIT ?");
    this.#delete = database.prepare("DELETE FROM pack WHERE id = ?");
    this.#rewrite = database.prepare("UPDATE pack SET nodes = ? WHERE id = ?");
  }

  /** Resolves when nothing is being removed. */
  get idle(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  /** Called after each commit. */
  committed(): void {
    const added = this.#packs.added - this.#base;
    const enough = this.#database.sweptBytes ?? Math.max(MIN_BYTES, this.#left);
    if (this.#running !== undefined || this.#isClosed || added < enough) return;
    this.#base = this.#packs.added;
    // A failed write is reported by the database, and is tried again when as much was added.
    this.#running = this.#run().catch(() => {}).finally(() => {
      this.#running = undefined;
    });
  }

  close(): void {
    this.#isClosed = true;
  }

  async #run(): Promise<void> {
    const pacer = new Pacer({});
    const newest = this.#packs.last;
    const marks = await this.#mark(pacer);
    let left = 0;
    for (let from = 0; !this.#isClosed;) {
      const rows = this.#next.all(from, newest, PACKS_AT_ONCE);
      const last = rows.at(-1);
      if (last === undefined) break;
      from = Number(last["id"]);
      left += this.#database.transaction(() =>
        rows.reduce((sum, row) => sum + this.#sweep(Number(row["id"]), { bytes: row["nodes"] as Uint8Array, marks }), 0)
      );
      await pacer.pause();
    }
    this.#left = left;
  }

  /** The places of the nodes that are needed, by pack. */
  async #mark(pacer: Pacer): Promise<ReadonlyMap<number, ReadonlySet<number>>> {
    const marks = new Map<number, Set<number>>();
    const pending = this.#roots.all().map(({ root }) => Number(root));
    for (let id = pending.pop(); id !== undefined && !this.#isClosed; id = pending.pop()) {
      if (id === 0) continue;
      const pack = Math.floor(id / MAX_NODES);
      const places = marks.get(pack) ?? new Set<number>();
      if (places.has(id % MAX_NODES)) continue;
      places.add(id % MAX_NODES);
      marks.set(pack, places);
      pending.push(...linksOf(this.#packs.node(id)).nodes);
      await pacer.breathe();
    }
    return marks;
  }

  /** Removes what is not marked of one pack; returns the bytes that are left. */
  #sweep(
    id: number,
    { bytes, marks }: { readonly bytes: Uint8Array; readonly marks: ReadonlyMap<number, ReadonlySet<number>> },
  ): number {
    const places = marks.get(id);
    if (places === undefined) {
      this.#delete.run(id);
      this.#packs.forget(id);
      return 0;
    }
    const rest = without(bytes, (place) => places.has(place));
    if (rest.length * 100 >= bytes.length * MAX_LEFT_PERCENT) return bytes.length;
    this.#rewrite.run(rest, id);
    this.#packs.forget(id);
    return rest.length;
  }
}
