import { positional, readArguments } from "./arguments.ts";
import { Batch } from "./batch.ts";
import { CallScopes } from "./call_scope.ts";
import type { Connection, ConnectionHandler } from "./connection.ts";
import { CODE, limitError, RpcError, serverError } from "./error.ts";
import type { Limits } from "./limits.ts";
import type { Log } from "./log.ts";
import {
  answerText,
  errorText,
  failure,
  type Item,
  type Outcome,
  parseMessage,
  type Request,
  success,
} from "./message.ts";
import type { Awaitable, CallerConnection } from "./method.ts";
import { checkNameLength } from "./name_length.ts";
import type { Registry } from "./registry.ts";
import { ReverseCalls } from "./reverse_calls.ts";
import { readSubscribe, readUnsubscribe } from "./subscribe.ts";
import { LiveSubscription, randomSubscriptionId, Subscriptions } from "./subscription.ts";
import type { SubscriptionTally } from "./tally.ts";
import { TimeLimit } from "./time_limit.ts";

/** One run of a handler; calls that reach no handler are not recorded, as in geth's metrics. */
export interface CallRecord {
  readonly method: string;
  readonly milliseconds: number;
  readonly ok: boolean;
}

export interface DispatcherOptions {
  registry: Registry;
  limits: Limits;
  log: Log;
  /** What all calls of one connection may take together; for connections that carry one message. */
  timeLimitMs?: number | undefined;
  /** Called after each run of a handler; looked up for each, so that it can change. */
  observe?: ((record: CallRecord) => void) | undefined;
  /** Counts subscriptions and their notifications by kind. */
  tally?: SubscriptionTally | undefined;
  /** Replaces the source of random ids, for tests. */
  newSubscriptionId?: () => string;
}

/** What one message has set off: the subscriptions that wait for its answer to leave. */
type Turn = LiveSubscription[];

let lastConnectionId = 0;

/** Serves one connection: reads its messages, runs their calls and answers each exactly once. */
export function createDispatcher(connection: Connection, options: DispatcherOptions): ConnectionHandler {
  return new Dispatcher(connection, options);
}

class Dispatcher implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #options: DispatcherOptions;
  readonly #caller: CallerConnection;
  readonly #reverseCalls: ReverseCalls;
  readonly #subscriptions: Subscriptions;
  readonly #scopes: CallScopes;
  readonly #timeLimit: TimeLimit | undefined;
  #inflight = 0;
  #closed = false;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(connection: Connection, options: DispatcherOptions) {
    const { limits, log, newSubscriptionId: newId = randomSubscriptionId } = options;
    this.#connection = connection;
    this.#options = options;
    this.#reverseCalls = new ReverseCalls(connection);
    this.#subscriptions = new Subscriptions(connection, { limit: limits.subscriptions, log, newId });
    this.#caller = {
      id: ++lastConnectionId,
      peer: connection.peer.address,
      call: (method, params) => {
        return connection.oneShot ? Promise.reject(noNotifications()) : this.#reverseCalls.call(method, params);
      },
    };
    this.#scopes = new CallScopes(this.#caller);
    const { timeLimitMs } = options;
    this.#timeLimit = timeLimitMs === undefined ? undefined : new TimeLimit(timeLimitMs, () => this.#scopes.abort());
  }

  message(data: string | Uint8Array): void {
    if (this.#closed) return;
    const message = parseMessage(data, { maxBatchItems: this.#options.limits.batchItems });
    if (message.kind === "batch") this.#batch(message.items);
    else if (message.kind === "malformed") this.#connection.send(errorText(message.error));
    else if (message.kind === "oversized") this.#connection.send(`[${errorText(BATCH_TOO_LARGE, message.id)}]`);
    else this.#single(message);
  }

  closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timeLimit?.clear();
    this.#scopes.abort();
    this.#reverseCalls.close();
    this.#subscriptions.close();
  }

  drain(): Promise<void> {
    this.#drained ??= Promise.withResolvers<void>();
    if (this.#inflight === 0) this.#drained.resolve();
    return this.#drained.promise;
  }

  #single(item: Item): void {
    if (item.kind === "invalid") return this.#connection.send(errorText(INVALID_REQUEST, item.id));
    if (item.kind === "response") return this.#settle(item);
    const turn: Turn = [];
    const outcome = this.#refusal() ?? this.#execute(item, turn);
    if (item.kind === "notification") return this.#finish(after(outcome, () => undefined), turn);
    this.#finish(after(outcome, (settled) => answerText(item.id, settled)), turn);
  }

  #batch(items: readonly Item[]): void {
    if (items.length === 0) return this.#connection.send(errorText(EMPTY_BATCH));
    for (const item of items) {
      if (item.kind === "response") this.#settle(item);
    }
    const turn: Turn = [];
    const refusal = this.#refusal();
    const batch = new Batch(items, {
      maxResponseBytes: this.#options.limits.batchResponseBytes,
      execute: (request) => refusal ?? this.#execute(request, turn),
      cancelled: () => this.#closed,
    });
    this.#finish(batch.run(), turn);
  }

  /** Sends the answer of one message, and only then lets go of the subscriptions that it made. */
  #finish(answer: Awaitable<string | undefined>, turn: Turn): void {
    if (answer instanceof Promise) {
      this.#inflight += 1;
      answer.then((text) => {
        this.#inflight -= 1;
        this.#finish(text, turn);
        if (this.#inflight === 0) this.#drained?.resolve();
      });
      return;
    }
    if (answer !== undefined && !this.#closed) this.#connection.send(answer);
    if (turn.length > 0) LiveSubscription.release(turn);
  }

  /** Why no call is taken now, if so. */
  #refusal(): Outcome | undefined {
    if (this.#drained !== undefined) return failure(serverError("server is shutting down"));
    const limit = this.#options.limits.inflightCalls;
    if (limit === 0 || this.#inflight < limit) return undefined;
    return failure(limitError("too many calls in flight on this connection", limit, this.#inflight + 1));
  }

  #settle(response: Item & { kind: "response" }): void {
    if (this.#reverseCalls.settle(response)) return;
    this.#options.log.debug("Unsolicited RPC response", { id: response.id, peer: this.#caller.peer });
  }

  #execute(request: Request, turn: Turn): Awaitable<Outcome> {
    const run = () => this.#outcome(request, turn);
    return this.#timeLimit === undefined ? run() : this.#timeLimit.bound(run);
  }

  /** Never throws and never rejects: whatever happens becomes the outcome. */
  #outcome(request: Request, turn: Turn): Awaitable<Outcome> {
    try {
      const result = this.#invoke(request, turn);
      if (!(result instanceof Promise)) return success(result);
      return result.then(success).catch((error) => this.#failure(request, error));
    } catch (error) {
      return this.#failure(request, error);
    }
  }

  #invoke(request: Request, turn: Turn): Awaitable<unknown> {
    const { method: name, params } = request;
    const row = this.#options.registry.method(name);
    if (row !== undefined) {
      const args = readArguments(positional(params), row.params);
      const scope = this.#scopes.open();
      return this.#run(name, { start: () => row.handler(args, scope), done: () => scope.end() });
    }
    checkNameLength("method", name);
    if (name.endsWith("_subscribe")) return this.#subscribe(request, turn);
    if (name.endsWith("_unsubscribe")) return this.#unsubscribe(params);
    // geth drops these before look-up: a client may echo what it was sent (rpc/handler.go `handleResponses`).
    if (request.kind === "notification" && name.endsWith("_subscription")) return undefined;
    throw new RpcError(CODE.methodNotFound, `the method ${name} does not exist/is not available`);
  }

  #subscribe(request: Request, turn: Turn): Awaitable<string> {
    if (this.#connection.oneShot) throw noNotifications();
    const { row, args } = readSubscribe(request, this.#options.registry);
    const scope = this.#scopes.open();
    const tally = this.#options.tally?.of(row);
    const live = this.#subscriptions.open(row.namespace, tally).start((sink) => {
      const start = () => row.subscription.start(args, sink, scope);
      return after(this.#run(request.method, { start, done: (ok) => ok || scope.abort() }), (stop) => {
        if (tally !== undefined) tally.live += 1;
        return () => {
          if (tally !== undefined) tally.live -= 1;
          scope.abort();
          stop();
        };
      });
    });
    return after(live, (subscription) => {
      turn.push(subscription);
      return subscription.id;
    });
  }

  #unsubscribe(params: unknown): true {
    if (!this.#subscriptions.unsubscribe(readUnsubscribe(params))) throw serverError("subscription not found");
    return true;
  }

  /** Runs a handler and tells the observer how it went. */
  #run<T>(method: string, run: { start: () => Awaitable<T>; done: (ok: boolean) => void }): Awaitable<T> {
    const { observe } = this.#options;
    const begin = observe === undefined ? 0 : performance.now();
    const settled = (ok: boolean) => {
      run.done(ok);
      observe?.({ method, milliseconds: performance.now() - begin, ok });
    };
    try {
      const result = run.start();
      if (!(result instanceof Promise)) {
        settled(true);
        return result;
      }
      return result.then((value) => {
        settled(true);
        return value;
      }, (error) => {
        settled(false);
        throw error;
      });
    } catch (error) {
      settled(false);
      throw error;
    }
  }

  #failure(request: Request, error: unknown): Outcome {
    if (error instanceof RpcError) {
      try {
        return failure(error);
      } catch (cause) {
        return this.#failure(request, new Error("the error's data cannot be encoded", { cause }));
      }
    }
    const fields = { method: request.method, peer: this.#caller.peer, cause: error };
    // A handler that was aborted with its connection has every right to fail.
    if (this.#closed) this.#options.log.debug("RPC call ended with its connection", fields);
    else this.#options.log.error("RPC method handler crashed", fields);
    return failure(new RpcError(CODE.internal, "method handler crashed"));
  }
}

/** geth's rpc/errors.go `ErrNotificationsUnsupported`. */
function noNotifications(): RpcError {
  return new RpcError(CODE.methodNotFound, "notifications not supported");
}

const INVALID_REQUEST = new RpcError(CODE.invalidRequest, "invalid request");
const EMPTY_BATCH = new RpcError(CODE.invalidRequest, "empty batch");
const BATCH_TOO_LARGE = new RpcError(CODE.invalidRequest, "batch too large");

function after<T, U>(value: Awaitable<T>, next: (value: T) => U): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
