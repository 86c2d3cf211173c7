import type { Awaitable } from "./awaitable.ts";
import type { Principal } from "./principal.ts";
import type { RawJson } from "./raw_json.ts";
import type { Schema } from "./schema.ts";

/** One positional parameter of a method. */
export interface Parameter<T> {
  readonly name: string;
  readonly schema: Schema<T>;
  /** May be absent or null at the end of the list; the handler then gets `undefined`. */
  readonly optional: boolean;
  readonly summary?: string;
}

export type ParameterValues<P extends readonly Parameter<unknown>[]> = {
  [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

/** The context of one call, as its handler sees it. */
export interface CallContext {
  /** Aborts when the connection is gone or the server gives up on the call. */
  readonly signal: AbortSignal;
  /** The connection: the scope of subscriptions and of per-connection limits. */
  readonly connection: CallerConnection;
  /** True once the call's handler has been started: its method exists, and its arguments were read. */
  readonly reached: boolean;
}

/** The part of a connection that a handler may use. */
export interface CallerConnection {
  /** Unique in the process, never reused. */
  readonly id: number;
  /** The remote address as text, for log lines. */
  readonly peer: string;
  /** The caller, as the handshake identified it; null where no credentials are asked for. */
  readonly principal: Principal | null;
  /** Calls `listener` once when the connection has ended; not for one that carries a single message, as over HTTP. */
  onEnd(listener: () => void): void;
  /** Calls a method of the client and resolves with its result; rejects when the connection ends. */
  call(method: string, params: readonly unknown[]): Promise<unknown>;
}

/** One row of a namespace table: a method with its parameters, its result and its documentation. */
export interface Method {
  readonly summary: string;
  readonly params: readonly Parameter<unknown>[];
  readonly result: Schema<unknown>;
  readonly handler: (args: readonly unknown[], call: CallContext) => Awaitable<unknown>;
  /** True when the call changes nothing and its answer may be large: it is run again if the answer found no room to wait. */
  readonly repeatable?: boolean;
}

/** The receiving end of a subscription's notifications. */
export interface Sink {
  /** The subscription's id as the client knows it. */
  readonly id: string;
  /** True once unsubscribed or disconnected; notify is a no-op then. */
  readonly closed: boolean;
  /** Queues one notification; it is buffered until the subscribe call has been answered. */
  notify(result: unknown): void;
  /** Resolves when the connection's queue has room again, or the sink is closed. Long replays wait for it. */
  ready(): Promise<void>;
  /** Ends the subscription and the connection, because notifications would otherwise be lost without a sign. */
  fail(reason: string): void;
}

/** One row of a namespace's subscription kinds. */
export interface Subscription {
  readonly summary: string;
  readonly params: readonly Parameter<unknown>[];
  /** The shape of the `result` of each notification. */
  readonly result: Schema<unknown>;
  /** Starts the feed; the returned function ends it, and is called exactly once. */
  readonly start: (args: readonly unknown[], sink: Sink, call: CallContext) => Awaitable<() => void>;
}

/** One namespace's rows. Keys of `methods` are whole names (`eth_call`), keys of `subscriptions` are kinds (`newHeads`). */
export interface NamespaceTable {
  readonly namespace: string;
  /** These rows are enabled only if one of these namespaces is too (`eth_sendUnsignedTransaction` needs `anvil` or `hardhat`). */
  readonly requiresOneOf?: readonly string[];
  readonly methods: { readonly [name: string]: Method };
  readonly subscriptions?: { readonly [kind: string]: Subscription };
}

export function required<T>(name: string, schema: Schema<T>, summary?: string): Parameter<T> {
  return { name, schema, optional: false, ...(summary === undefined ? {} : { summary }) };
}

export function optional<T>(name: string, schema: Schema<T>, summary?: string): Parameter<T | undefined> {
  return { name, schema, optional: true, ...(summary === undefined ? {} : { summary }) };
}

/** Types a method's handler from its parameters. */
export function method<const P extends readonly Parameter<unknown>[], R>(row: {
  summary: string;
  params: P;
  result: Schema<R>;
  handler: (args: ParameterValues<P>, call: CallContext) => Awaitable<R | RawJson>;
  repeatable?: boolean;
}): Method {
  // The dispatcher reads each argument with the row's own schemas before it calls, so the tuple is what P says.
  return row as unknown as Method;
}

/** Types a subscription's start function from its parameters. */
export function subscription<const P extends readonly Parameter<unknown>[]>(row: {
  summary: string;
  params: P;
  result: Schema<unknown>;
  start: (args: ParameterValues<P>, sink: Sink, call: CallContext) => Awaitable<() => void>;
}): Subscription {
  return row as unknown as Subscription;
}
