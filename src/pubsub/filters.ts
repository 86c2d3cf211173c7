import type { LogQuery } from "../eth/types.ts";
import type { Awaitable } from "../rpc/awaitable.ts";
import { limitError, serverError } from "../rpc/error.ts";
import { RawJson } from "../rpc/raw_json.ts";
import { LogMatcher } from "./criteria.ts";
import type { Feed } from "./feed.ts";
import { FilterSource, type Reader } from "./filter_source.ts";
import type { LogPlace, Subscriber } from "./subscriber.ts";

/** The time for which a filter is kept without a poll, milliseconds (eth/filters/filter_system.go). */
export const FILTER_TIMEOUT_MS = 5 * 60 * 1000;
/** The most changes that one filter keeps between two polls; geth has no bound. */
export const MAX_HELD_CHANGES = 10_000;
/** A longer key costs more than the source that two filters would share. */
const MAX_KEY_CHARACTERS = 4096;

/** Bounds on the filters of the process; geth has none. */
export interface FilterLimits {
  readonly filters: number;
  readonly filtersPerConnection: number;
  /** The memory of the changes that filters have not been asked for, of all and of one connection, bytes. */
  readonly bytes: number;
  readonly bytesPerConnection: number;
}

const MIB = 2 ** 20;
export const DEFAULT_FILTER_LIMITS: FilterLimits = {
  filters: 2048,
  filtersPerConnection: 256,
  bytes: 256 * MIB,
  bytesPerConnection: 32 * MIB,
};

export interface FiltersOptions {
  /** Makes an id that cannot be guessed: filters are shared by all connections. */
  readonly newId: () => string;
  /** Milliseconds, never going back. */
  readonly clock?: () => number;
  readonly limits?: FilterLimits;
  readonly maxHeldChanges?: number;
}

/** The connection that makes a filter; any other may poll it. */
export interface FilterOwner {
  readonly id: number;
  /** Calls `listener` once when the connection has ended; a request over HTTP has no end. */
  onEnd(listener: () => void): void;
}

/** A source of changes, subscribed to the stream. */
interface Shared {
  readonly key: string | undefined;
  readonly source: FilterSource;
  /** Resolves when the source is subscribed; undefined from then on. */
  ready: Promise<void> | undefined;
  stop: () => void;
}

interface Filter extends Reader {
  readonly shared: Shared;
  /** The query of eth_getFilterLogs; null for other kinds. */
  readonly query: LogQuery | null;
  /** Gives back the memory of the criteria. */
  readonly release: () => void;
  deadline: number;
}

/** What a new filter collects. */
interface Wanted {
  /** Filters of one key collect the same. */
  readonly key: string;
  readonly query: LogQuery | null;
  make(push: (item: RawJson, place: LogPlace | null) => void): Subscriber;
}

/**
 * The polling filters of the process, on the same stream as subscriptions. Equal filters share one subscriber and one
 * buffer. A filter ends with its connection, or when it is not polled any more: it is then dropped when any filter is next
 * fed, polled or made, so none of them needs a timer.
 */
export class Filters {
  readonly #feed: Feed;
  readonly #options: Required<FiltersOptions>;
  /** In the order of their deadlines: a poll moves a filter to the end. */
  readonly #filters = new Map<string, Filter>();
  /** The ids of the filters of each connection. */
  readonly #owners = new Map<number, Set<string>>();
  readonly #shared = new Map<string, Shared>();
  /** The bytes that each connection is charged for. */
  readonly #held = new Map<number, number>();

  constructor(feed: Feed, options: FiltersOptions) {
    this.#feed = feed;
    this.#options = {
      clock: () => performance.now(),
      limits: DEFAULT_FILTER_LIMITS,
      maxHeldChanges: MAX_HELD_CHANGES,
      ...options,
    };
  }

  /** The number of filters. */
  get size(): number {
    return this.#filters.size;
  }

  /** Collects the hashes of new blocks. */
  addBlocks(owner: FilterOwner): Awaitable<string> {
    return this.#add(owner, {
      key: "blocks",
      query: null,
      make: (push) => ({ kind: "heads", headers: false, notify: ({ hash }) => push(new RawJson(`"${hash}"`), null) }),
    });
  }

  /** Collects transactions that enter the pool, or their hashes. */
  addPending(owner: FilterOwner, { full }: { full: boolean }): Awaitable<string> {
    return this.#add(owner, {
      key: full ? "transactions" : "transaction hashes",
      query: null,
      make: (push) => ({
        kind: "pending",
        whole: full,
        notify: ({ hash, json }) => push(full && json !== null ? json : new RawJson(`"${hash}"`), null),
      }),
    });
  }

  /** Collects logs of new and of abandoned blocks within `range`. */
  addLogs(
    owner: FilterOwner,
    { query, fromBlock, toBlock }: { query: LogQuery; fromBlock: bigint | null; toBlock: bigint | null },
  ): Awaitable<string> {
    const { addresses, topics } = query;
    return this.#add(owner, {
      key: JSON.stringify([addresses, topics, `${fromBlock}`, `${toBlock}`]),
      query,
      make: (push) => ({
        kind: "logs",
        matcher: new LogMatcher(query),
        fromBlock,
        toBlock,
        deliveredAbove: 0n,
        notify: push,
      }),
    });
  }

  /** Returns the changes since the last call. Fails once when some of them were dropped. */
  changes(id: string): RawJson {
    const filter = this.#get(id);
    this.#filters.delete(id);
    filter.deadline = this.#deadline();
    this.#filters.set(id, filter);
    const { source } = filter.shared;
    const { items, dropped } = this.#counted(filter, () => source.take(filter));
    if (dropped > 0) {
      const limit = source.waiting(filter);
      throw limitError(`filter dropped its ${dropped} oldest changes: poll more often`, limit, limit + dropped);
    }
    return RawJson.array(items);
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
    return this.#drop(id);
  }

  #add(owner: FilterOwner, wanted: Wanted): Awaitable<string> {
    this.#sweep();
    this.#checkCount(owner);
    const key = wanted.key.length > MAX_KEY_CHARACTERS ? undefined : wanted.key;
    const known = key === undefined ? undefined : this.#shared.get(key);
    const source = known?.source ?? new FilterSource(this.#options.maxHeldChanges);
    const subscriber = wanted.make((item, place) => this.#push(source, { item, place }));
    const release = this.#feed.takeCriteria(subscriber, owner.id);
    const shared = known ?? { key, source, ready: undefined, stop: () => {} };
    const id = this.#options.newId();
    const filter: Filter = {
      connection: owner.id,
      shared,
      query: wanted.query,
      release,
      deadline: this.#deadline(),
      next: 0,
      knownAbove: 0n,
    };
    this.#filters.set(id, filter);
    this.#own(owner, id);
    source.join(filter);
    try {
      if (known === undefined) this.#start(shared, { ...subscriber, lost: () => this.#lose(shared) });
    } catch (cause) {
      this.#drop(id);
      throw cause;
    }
    const begin = () => {
      // The filter begins when its client can be told of it.
      source.leave(filter);
      source.join(filter);
      filter.knownAbove = this.#feed.headNumber;
      return id;
    };
    if (shared.ready === undefined) return begin();
    return shared.ready.then(() => {
      if (this.#filters.has(id)) return begin();
      return id;
    }).catch((cause) => {
      this.#drop(id);
      throw cause;
    });
  }

  /** Subscribes a source to the stream. */
  #start(shared: Shared, subscriber: Subscriber): void {
    if (shared.key !== undefined) this.#shared.set(shared.key, shared);
    const started = (stop: () => void) => {
      shared.ready = undefined;
      if (shared.source.isUnread) stop();
      else shared.stop = stop;
    };
    const stop = this.#feed.subscribe(subscriber);
    if (stop instanceof Promise) shared.ready = stop.then(started);
    else started(stop);
  }

  #checkCount(owner: FilterOwner): void {
    const { filters, filtersPerConnection } = this.#options.limits;
    if (this.#filters.size >= filters) throw limitError("too many filters", filters, this.#filters.size + 1);
    const own = this.#owners.get(owner.id)?.size ?? 0;
    if (own < filtersPerConnection) return;
    throw limitError("too many filters of this connection", filtersPerConnection, own + 1);
  }

  #own(owner: FilterOwner, id: string): void {
    let ids = this.#owners.get(owner.id);
    if (ids === undefined) {
      this.#owners.set(owner.id, ids = new Set());
      owner.onEnd(() => this.#dropAll(owner.id));
    }
    ids.add(id);
  }

  #dropAll(connection: number): void {
    for (const id of [...this.#owners.get(connection) ?? []]) this.#drop(id);
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
      this.#drop(id);
    }
  }

  #drop(id: string): boolean {
    const filter = this.#filters.get(id);
    if (filter === undefined) return false;
    const { connection, shared } = filter;
    this.#filters.delete(id);
    const ids = this.#owners.get(connection);
    if (ids?.delete(id) && ids.size === 0) this.#owners.delete(connection);
    filter.release();
    this.#counted(filter, () => shared.source.leave(filter));
    if (!shared.source.isUnread) return true;
    if (shared.key !== undefined) this.#shared.delete(shared.key);
    shared.stop();
    return true;
  }

  #lose(shared: Shared): void {
    for (const [id, filter] of this.#filters) if (filter.shared === shared) this.#drop(id);
  }

  /** Adds a change; the oldest ones of a connection make room when it holds more than its share. */
  #push(source: FilterSource, { item, place }: { item: RawJson; place: LogPlace | null }): void {
    this.#sweep();
    const before = [...source.connections].map((connection) => [connection, source.bytesOf(connection)] as const);
    source.push(item, place);
    for (const [connection, bytes] of before) this.#charge(connection, source.bytesOf(connection) - bytes);
    const { bytes, bytesPerConnection } = this.#options.limits;
    const share = Math.min(bytesPerConnection, bytes / this.#held.size);
    for (const [connection] of before) {
      const excess = (this.#held.get(connection) ?? 0) - share;
      if (excess <= 0) continue;
      const own = source.bytesOf(connection);
      source.trim(connection, own - excess);
      this.#charge(connection, source.bytesOf(connection) - own);
    }
  }

  /** Charges a connection for what `work` changes in the memory of its filters. */
  #counted<T>({ connection, shared: { source } }: Filter, work: () => T): T {
    const before = source.bytesOf(connection);
    const result = work();
    this.#charge(connection, source.bytesOf(connection) - before);
    return result;
  }

  #charge(connection: number, bytes: number): void {
    const held = (this.#held.get(connection) ?? 0) + bytes;
    if (held > 0) this.#held.set(connection, held);
    else this.#held.delete(connection);
  }
}
