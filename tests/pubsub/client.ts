import type { BlockReader } from "../../src/node/mod.ts";
import { unreachable } from "../support/unreachable.ts";
import { ethFilterRows } from "../../src/namespaces/eth/filter.ts";
import { ethSubscriptions } from "../../src/namespaces/eth/subscribe.ts";
import type { ChainEventSource } from "../../src/events/mod.ts";
import { Feed, type FilterLimits, Filters, type MemoryLimits } from "../../src/pubsub/mod.ts";
import { DEFAULT_FILTER_LIMITS } from "../../src/pubsub/filters.ts";
import type { Connection, ConnectionHandler } from "../../src/rpc/connection.ts";
import { createDispatcher } from "../../src/rpc/dispatcher.ts";
import { DEFAULT_LIMITS } from "../../src/rpc/limits.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { createRegistry, type Registry } from "../../src/rpc/registry.ts";

/** The real rows on a chain of the test's own, behind the real dispatcher. */
export interface Service {
  readonly feed: Feed;
  readonly filters: Filters;
  readonly registry: Registry;
  readonly warnings: string[];
}

export interface ServiceOptions {
  readonly clock?: () => number;
  readonly filterLimits?: Partial<FilterLimits>;
  readonly maxHeldChanges?: number;
  readonly criteria?: MemoryLimits;
  readonly pageUnits?: number;
}

export function createService(chain: ChainEventSource, options: ServiceOptions = {}): Service {
  const warnings: string[] = [];
  const { pageUnits, criteria, filterLimits, ...filterOptions } = options;
  const log = { warn: (message: string) => void warnings.push(message) };
  const feed = new Feed(chain, {
    log,
    ...(pageUnits === undefined ? {} : { pageUnits }),
    ...(criteria === undefined ? {} : { criteria }),
  });
  let filterId = 0;
  const limits = { ...DEFAULT_FILTER_LIMITS, ...filterLimits };
  const filters = new Filters(feed, { newId: () => `0xf${++filterId}`, limits, ...filterOptions });
  const logLimits = { maxBlockRange: 0, maxAlternatives: 1000 };
  const blocks = {
    ...unreachable<BlockReader>("blocks"),
    logs: (query: unknown) => RawJson.of([readable(query)]),
  };
  const registry = createRegistry([{
    namespace: "eth",
    methods: ethFilterRows({ node: { blocks }, filters, limits: logLimits }),
    subscriptions: ethSubscriptions({ feed, limits: logLimits }),
  }], { allow: ["eth"] });
  return { feed, filters, registry, warnings };
}

/** One notification, with the subscription as the client named it. */
export interface Notified {
  readonly subscription: string;
  readonly result: unknown;
}

/** What a call got. */
export interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A client whose reading the test decides: what it has not taken stays queued, as behind a slow socket. */
export class Client {
  readonly frames: string[] = [];
  readonly notified: Notified[] = [];
  ended: { code: number; reason: string } | null = null;
  readonly #handler: ConnectionHandler;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  readonly #drained: (() => void)[] = [];
  readonly #arrivals: (() => void)[] = [];
  #queued: string[] = [];
  #reading = true;
  #lastId = 0;

  constructor(service: Service, options: { log?: { error: (message: string) => void } } = {}) {
    const connection: Connection = {
      peer: { address: "memory", origin: null, principal: null },
      send: (text) => this.#receive(text),
      isBehind: () => false,
      drained: () =>
        this.#queued.length === 0 ? Promise.resolve() : new Promise((resolve) => this.#drained.push(resolve)),
      close: (code, reason) => this.#end(code, reason),
    };
    let subscription = 0;
    this.#handler = createDispatcher(connection, {
      registry: service.registry,
      limits: DEFAULT_LIMITS,
      log: { debug: () => {}, error: options.log?.error ?? ((message) => console.error(message)) },
      newSubscriptionId: () => `0x${(++subscription).toString(16)}`,
    });
  }

  /** How many frames wait to be read. */
  get queued(): number {
    return this.#queued.length;
  }

  /** Calls a method; resolves with the whole answer. */
  call(method: string, params: readonly unknown[]): Promise<Answer> {
    const { request, answer } = this.#request(method, params);
    this.#handler.message(JSON.stringify(request));
    return answer;
  }

  /** Calls several methods in one message. */
  batch(calls: readonly (readonly [method: string, params: readonly unknown[]])[]): Promise<Answer[]> {
    const requests = calls.map(([method, params]) => this.#request(method, params));
    this.#handler.message(JSON.stringify(requests.map(({ request }) => request)));
    return Promise.all(requests.map(({ answer }) => answer));
  }

  /** Sends one message as it is. */
  send(text: string): void {
    this.#handler.message(text);
  }

  /** Subscribes; resolves with the id, and fails the test when it is refused. */
  async subscribe(...params: readonly unknown[]): Promise<string> {
    const { result, error } = await this.call("eth_subscribe", params);
    if (typeof result !== "string") throw new Error(`refused: ${JSON.stringify(error)}`);
    return result;
  }

  /** Stops reading: what is sent from now on is queued. */
  pause(): void {
    this.#reading = false;
  }

  /** Reads on, everything that was queued first. */
  resume(): void {
    this.#reading = true;
    for (const text of this.#queued.splice(0)) this.#take(text);
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  /** Takes the oldest queued frames. */
  read(count: number): void {
    for (const text of this.#queued.splice(0, count)) this.#take(text);
    if (this.#queued.length === 0) { for (const resolve of this.#drained.splice(0)) resolve(); }
  }

  close(): void {
    this.#end(1000, "");
  }

  /** Resolves when `count` notifications have arrived. */
  async arrived(count: number, options: { deadlineMs?: number } = {}): Promise<void> {
    await this.until(() => this.notified.length >= count, options);
  }

  /** Resolves when `condition` holds after a frame; fails the test after the deadline. */
  async until(condition: () => boolean, { deadlineMs = 5000 }: { deadlineMs?: number } = {}): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error("nothing more arrived in time")), deadlineMs);
    try {
      while (!condition()) {
        await Promise.race([new Promise<void>((resolve) => this.#arrivals.push(resolve)), late.promise]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #request(method: string, params: readonly unknown[]): { request: unknown; answer: Promise<Answer> } {
    const id = ++this.#lastId;
    const answer = new Promise<Answer>((resolve) => this.#answers.set(id, resolve));
    return { request: { jsonrpc: "2.0", id, method, params }, answer };
  }

  #receive(text: string): void {
    if (this.ended !== null) return;
    if (this.#reading) this.#take(text);
    else this.#queued.push(text);
  }

  #take(text: string): void {
    this.frames.push(text);
    const frame = JSON.parse(text);
    if (frame.method === "eth_subscription") this.notified.push(frame.params);
    else for (const answer of Array.isArray(frame) ? frame : [frame]) this.#answer(answer);
    for (const resolve of this.#arrivals.splice(0)) resolve();
  }

  #answer(answer: Answer): void {
    if (answer.id === undefined) return;
    this.#answers.get(answer.id)?.(answer);
    this.#answers.delete(answer.id);
  }

  #end(code: number, reason: string): void {
    if (this.ended !== null) return;
    this.ended = { code, reason };
    this.#queued = [];
    for (const resolve of [...this.#drained.splice(0), ...this.#arrivals.splice(0)]) resolve();
    queueMicrotask(() => this.#handler.closed());
  }
}

/** JSON has no bigint. */
function readable(query: unknown): unknown {
  return JSON.parse(JSON.stringify(query, (_, value) => typeof value === "bigint" ? `0x${value.toString(16)}` : value));
}
