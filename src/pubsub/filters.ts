import type { LogQuery } from "../eth/types.ts";
import type { Awaitable } from "../rpc/awaitable.ts";
import { limitError, serverError } from "../rpc/error.ts";
import { RawJson } from "../rpc/raw_json.ts";
import { LogMatcher } from "./criteria.ts";
import type { Feed } from "./feed.ts";
import { ChangeBuffer } from "./change_buffer.ts";
import type { Subscriber } from "./subscriber.ts";

/** The time for which a filter is kept without a poll, milliseconds (eth/filters/filter_system.go). */
export const FILTER_TIMEOUT_MS = 5 * 60 * 1000;
/** The most filters of the whole process; geth has no bound. */
export const MAX_FILTERS = 2048;
/** The most filters of one connection, so that a single client cannot use all of them. */
export const MAX_FILTERS_PER_CONNECTION = 256;
/** The most changes that one filter keeps between two polls; geth has no bound. */
export const MAX_HELD_CHANGES = 10_000;
/** The memory of the changes of all filters, and of those of one connection, bytes; geth has no bound. */
export const MAX_HELD_BYTES = 256 * 1024 * 1024;
export const MAX_HELD_BYTES_PER_CONNECTION = 32 * 1024 * 1024;

export interface FiltersOptions {
  /** Makes an id that cannot be guessed: filters are shared by all connections. */
  readonly newId: () => string;
  /** Milliseconds, never going back. */
  readonly clock?: () => number;
  readonly maxFilters?: number;
  readonly maxFiltersPerConnection?: number;
  readonly maxHeldChanges?: number;
  readonly maxHeldBytes?: number;
  readonly maxHeldBytesPerConnection?: number;
}

interface Filter {
  readonly changes: ChangeBuffer;
  /** The query of eth_getFilterLogs; null for other kinds. */
  readonly query: LogQuery | null;
  /** The connection that made it; any other may poll it. */
  readonly connection: number;
  stop: () => void;
  deadline: number;
}

/**
 * The polling filters of the process, on the same stream as subscriptions. A filter that is not polled any more is
 * dropped when it is next fed or when anybody polls or makes one, so none of them needs a timer.
 */
export class Filters {
  readonly #feed: Feed;
  readonly #options: Required<FiltersOptions>;
  /** In the order of their deadlines: a poll moves a filter to the end. */
  readonly #filters = new Map<string, Filter>();
  /** The bytes that the filters of each connection hold. */
  readonly #held = new Map<number, number>();
  /** The hash that was encoded last: all filters that hold it share the text. */
  #hash = new RawJson('""');

  constructor(feed: Feed, options: FiltersOptions) {
    this.#feed = feed;
    this.#options = {
      clock: () => performance.now(),
      maxFilters: MAX_FILTERS,
      maxFiltersPerConnection: MAX_FILTERS_PER_CONNECTION,
      maxHeldChanges: MAX_HELD_CHANGES,
      maxHeldBytes: MAX_HELD_BYTES,
      maxHeldBytesPerConnection: MAX_HELD_BYTES_PER_CONNECTION,
      ...options,
    };
  }

  /** The number of filters. */
  get size(): number {
    return this.#filters.size;
  }

  /** Collects the hashes of new blocks. */
  addBlocks(connection: number): Awaitable<string> {
    return this.#add({ query: null, connection }, (push) => ({
      kind: "heads",
      headers: false,
      notify: ({ hash }) => push(this.#encoded(hash)),
    }));
  }

  /** Collects transactions that enter the pool, or their hashes. */
  addPending(connection: number, { full }: { full: boolean }): Awaitable<string> {
    return this.#add({ query: null, connection }, (push) => ({
      kind: "pending",
      whole: full,
      notify: ({ hash, json }) => push(full && json !== null ? json : this.#encoded(hash)),
    }));
  }

  /** Collects logs of new and of abandoned blocks within `range`. */
  addLogs(
    connection: number,
    { query, fromBlock, toBlock }: { query: LogQuery; fromBlock: bigint | null; toBlock: bigint | null },
  ): Awaitable<string> {
    const matcher = new LogMatcher(query);
    return this.#add({ query, connection }, (notify) => ({
      kind: "logs",
      matcher,
      fromBlock,
      toBlock,
      deliveredAbove: 0n,
      notify,
    }));
  }

  /** Returns the changes since the last call. Fails once when some of them were dropped. */
  changes(id: string): RawJson {
    const filter = this.#get(id);
    this.#filters.delete(id);
    filter.deadline = this.#deadline();
    this.#filters.set(id, filter);
    const dropped = filter.changes.takeDropped();
    if (dropped > 0) {
      const limit = filter.changes.size;
      throw limitError(`filter dropped its ${dropped} oldest changes: poll more often`, limit, limit + dropped);
    }
    return RawJson.array(this.#counted(filter, () => filter.changes.take()));
  }

  /** Returns the query of a log filter. As in geth, this does not extend the life of the filter. */
  logQuery(id: string): LogQuery {
    const { query } = this.#get(id);
    if (query === null) throw serverError("filter not found");
    return query;
  }

  /** Removes a filter; returns false when there is none with this id. */
  uninstall(id: string): boolean {
    this.#sweep();
    const filter = this.#filters.get(id);
    if (filter === undefined) return false;
    this.#drop(id, filter);
    return true;
  }

  #add(
    of: Pick<Filter, "query" | "connection">,
    make: (push: (item: RawJson) => void) => Subscriber,
  ): Awaitable<string> {
    this.#sweep();
    const { maxFilters, maxFiltersPerConnection, maxHeldChanges, newId } = this.#options;
    if (this.#filters.size >= maxFilters) {
      throw limitError("too many filters", maxFilters, this.#filters.size + 1);
    }
    const own = [...this.#filters.values()].filter(({ connection }) => connection === of.connection).length;
    if (own >= maxFiltersPerConnection) {
      throw limitError("too many filters of this connection", maxFiltersPerConnection, own + 1);
    }
    const id = newId();
    const changes = new ChangeBuffer(maxHeldChanges);
    const subscriber: Subscriber = {
      ...make((item) => {
        if (filter.deadline < this.#options.clock()) this.uninstall(id);
        else this.#push(filter, item);
      }),
      lost: () => this.uninstall(id),
    };
    const filter: Filter = { ...of, changes, stop: () => {}, deadline: this.#deadline() };
    this.#filters.set(id, filter);
    const started = (stop: () => void) => {
      filter.stop = stop;
      return id;
    };
    const stop = this.#feed.subscribe(subscriber);
    return stop instanceof Promise ? stop.then(started) : started(stop);
  }

  #get(id: string): Filter {
    this.#sweep();
    const filter = this.#filters.get(id);
    if (filter === undefined) throw serverError("filter not found");
    return filter;
  }

  #deadline(): number {
    return this.#options.clock() + FILTER_TIMEOUT_MS;
  }

  #sweep(): void {
    const now = this.#options.clock();
    for (const [id, filter] of this.#filters) {
      if (filter.deadline >= now) return;
      this.#drop(id, filter);
    }
  }

  #drop(id: string, filter: Filter): void {
    this.#filters.delete(id);
    filter.stop();
    this.#counted(filter, () => filter.changes.trim(0));
  }

  /** Adds a change; the oldest ones make room when the connection holds more than its share. */
  #push(filter: Filter, item: RawJson): void {
    this.#counted(filter, () => filter.changes.push(item, { shared: item === this.#hash }));
    const { maxHeldBytes, maxHeldBytesPerConnection } = this.#options;
    const share = Math.min(maxHeldBytesPerConnection, maxHeldBytes / this.#held.size);
    const excess = (this.#held.get(filter.connection) ?? 0) - share;
    if (excess > 0) this.#counted(filter, () => filter.changes.trim(filter.changes.bytes - excess));
  }

  /** Counts what `work` changes in the memory of a filter. */
  #counted<T>({ changes, connection }: Filter, work: () => T): T {
    const before = changes.bytes;
    const result = work();
    const held = (this.#held.get(connection) ?? 0) + changes.bytes - before;
    if (held > 0) this.#held.set(connection, held);
    else this.#held.delete(connection);
    return result;
  }

  #encoded(hash: string): RawJson {
    const text = `"${hash}"`;
    if (this.#hash.text !== text) this.#hash = new RawJson(text);
    return this.#hash;
  }
}
