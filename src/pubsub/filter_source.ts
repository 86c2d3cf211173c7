import type { RawJson } from "../rpc/raw_json.ts";
import { ChangeBuffer } from "./change_buffer.ts";
import type { LogPlace } from "./subscriber.ts";

/** A filter's place in what its source has collected. */
export interface Reader {
  /** The connection that made it. */
  readonly connection: number;
  /** The number of the next change that it wants. */
  next: number;
  /** Logs of blocks up to this number were there before the filter, so it is not told that they are taken back. */
  knownAbove: bigint;
}

/** The filters of one connection that read a source. */
interface Share {
  readonly readers: Set<Reader>;
  /** Changes below this number were dropped for this connection, because it held too much. */
  floor: number;
}

/** The changes that a filter had not been given, and how many more there were. */
export interface Taken {
  readonly items: readonly RawJson[];
  readonly dropped: number;
}

/**
 * What equal filters collect, kept once for all of them. Each connection is charged for what its filters have not been
 * given yet.
 */
export class FilterSource {
  readonly #changes: ChangeBuffer;
  readonly #shares = new Map<number, Share>();

  constructor(maxChanges: number) {
    this.#changes = new ChangeBuffer(maxChanges);
  }

  get isUnread(): boolean {
    return this.#shares.size === 0;
  }

  /** The connections of its filters. */
  get connections(): Iterable<number> {
    return this.#shares.keys();
  }

  /** Adds a filter, which is given what comes from now on. */
  join(reader: Reader): void {
    reader.next = this.#changes.end;
    const share = this.#shares.get(reader.connection);
    if (share === undefined) this.#shares.set(reader.connection, { readers: new Set([reader]), floor: 0 });
    else share.readers.add(reader);
  }

  leave(reader: Reader): void {
    const share = this.#shares.get(reader.connection);
    if (share?.readers.delete(reader) && share.readers.size === 0) this.#shares.delete(reader.connection);
    this.#forget();
  }

  push(item: RawJson, place: LogPlace | null): void {
    this.#changes.push(item, place);
  }

  /** Returns what one connection is charged for, bytes. */
  bytesOf(connection: number): number {
    const share = this.#shares.get(connection);
    return share === undefined ? 0 : this.#changes.bytesFrom(oldest(share));
  }

  /** Drops the oldest changes of one connection until the others fit into `bytes`. */
  trim(connection: number, bytes: number): void {
    const share = this.#shares.get(connection);
    if (share === undefined) return;
    share.floor = Math.max(share.floor, this.#changes.startOf(bytes));
    this.#forget();
  }

  /** Gives a filter its changes. If some were dropped, it is given none, and the others the next time. */
  take(reader: Reader): Taken {
    const floor = this.#shares.get(reader.connection)?.floor ?? 0;
    const start = Math.max(this.#changes.start, floor);
    if (reader.next < start) {
      const dropped = start - reader.next;
      reader.next = start;
      return { items: [], dropped };
    }
    const items = this.#changes.from(reader.next)
      .filter(({ place }) => place === null || concerns(reader, place))
      .map(({ item }) => item);
    reader.next = this.#changes.end;
    this.#forget();
    return { items, dropped: 0 };
  }

  /** The number of changes that a filter has not been given. */
  waiting(reader: Reader): number {
    return this.#changes.end - reader.next;
  }

  #forget(): void {
    let wanted = this.#changes.end;
    for (const share of this.#shares.values()) wanted = Math.min(wanted, oldest(share));
    this.#changes.dropBelow(wanted);
  }
}

/** The number of the oldest change that a connection still wants. */
function oldest({ readers, floor }: Share): number {
  let next = Infinity;
  for (const reader of readers) next = Math.min(next, reader.next);
  return Math.max(floor, next);
}

/** As for a subscription: a log is taken back where it was given, and only there (`fan_out.ts`). */
function concerns(reader: Reader, { block, removed }: LogPlace): boolean {
  const isKnown = removed && block <= reader.knownAbove;
  if (block <= reader.knownAbove) reader.knownAbove = block - 1n;
  return !isKnown;
}
