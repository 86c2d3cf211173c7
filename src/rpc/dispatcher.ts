import { type AnswerBudget, Answers } from "./answers.ts";
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
  type IdText,
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
  /** What waits for readers is counted here; by default all connections of the process share one. */
  budget?: AnswerBudget | undefined;
  /** Replaces the source of random ids, for tests. */
  newSubscriptionId?: () => string;
}

/** What one message has set off. */
interface Turn {
  /** Those that wait for its answer to leave; most messages have none. */
  subscriptions: LiveSubscription[] | undefined;
  /** The answer that is given when there is no room for the real one. */
  refused(error: RpcError): string;
}

/** The turn of a call, or of a notification, which has no id. */
class SingleTurn implements Turn {
  subscriptions: LiveSubscription[] | undefined;
  readonly #id: IdText | undefined;

  constructor(id?: IdText) {
    this.#id = id;
  }

  refused(error: RpcError): string {
    return this.#id === undefined ? "" : errorText(error, this.#id);
  }
}

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
  readonly #answers: Answers;
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
    this.#answers = new Answers(connection, {
      budget: options.budget,
      resume: (data) => this.#read(data),
      idle: () => this.#settleDrain(),
    });
    const { timeLimitMs } = options;
    this.#timeLimit = timeLimitMs === undefined ? undefined : new TimeLimit(timeLimitMs, () => this.#scopes.abort());
  }

  message(data: string | Uint8Array): void {
    if (this.#closed) return;
    if (this.#answers.open) return this.#read(data);
    const full = this.#answers.defer(data);
    if (full !== undefined) this.#read(data, failure(full));
  }

  closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timeLimit?.clear();
    this.#scopes.abort();
    this.#reverseCalls.close();
    this.#subscriptions.close();
    this.#answers.close();
    this.#settleDrain();
  }

  drain(): Promise<void> {
    this.#drained ??= Promise.withResolvers<void>();
    this.#settleDrain();
    return this.#drained.promise;
  }

  #settleDrain(): void {
    if (this.#inflight === 0 && this.#answers.isIdle) this.#drained?.resolve();
  }

  /** Takes up a message; with a `refusal`, that is the outcome of each of its calls. */
  #read(data: string | Uint8Array, refusal?: Outcome): void {
    const message = parseMessage(data, { maxBatchItems: this.#options.limits.batchItems });
    if (message.kind === "batch") this.#batch(message.items, refusal);
    else if (message.kind === "malformed") this.#say(errorText(message.error));
    else if (message.kind === "oversized") this.#say(`[${errorText(BATCH_TOO_LARGE, message.id)}]`);
    else this.#single(message, refusal);
  }

  /** Sends what must not wait: a refusal, of which a peer that does not read may cause any number. */
  #say(text: string): void {
    this.#connection.send(text);
  }

  #single(item: Item, refused: Outcome | undefined): void {
    if (item.kind === "invalid") return this.#say(errorText(INVALID_REQUEST, item.id));
    if (item.kind === "response") return this.#settle(item);
    const refusal = refused ?? this.#refusal();
    if (item.kind === "notification") {
      const turn = new SingleTurn();
      return this.#finish(after(refusal ?? this.#execute(item, turn), () => undefined), turn);
    }
    if (refusal !== undefined) return this.#say(answerText(item.id, refusal));
    const turn = new SingleTurn(item.id);
    this.#finish(after(this.#execute(item, turn), (settled) => answerText(item.id, settled)), turn);
  }

  #batch(items: readonly Item[], refused: Outcome | undefined): void {
    if (items.length === 0) return this.#say(errorText(EMPTY_BATCH));
    for (const item of items) {
      if (item.kind === "response") this.#settle(item);
    }
    const refusal = refused ?? this.#refusal();
    let kept = 0;
    const batch = new Batch(items, {
      maxResponseBytes: this.#options.limits.batchResponseBytes,
      execute: (request) => refusal ?? this.#execute(request, turn),
      keep: (units) => {
        const full = this.#answers.reserve(units);
        if (full === undefined) kept += units;
        return full;
      },
      cancelled: () => this.#closed,
    });
    const turn: Turn = { subscriptions: undefined, refused: (error) => batch.refused(error) };
    const frame = batch.run();
    if (refusal !== undefined && typeof frame === "string") return this.#say(frame);
    this.#finish(
      after(frame, (text) => {
        this.#answers.release(kept);
        return text;
      }),
      turn,
    );
  }

  /** Sends the answer of one message, and only then lets go of the subscriptions that it made. */
  #finish(answer: Awaitable<string | undefined>, turn: Turn): void {
    if (answer instanceof Promise) {
      this.#inflight += 1;
      answer.then((text) => {
        this.#inflight -= 1;
        this.#finish(text, turn);
        this.#settleDrain();
      });
      return;
    }
    const { subscriptions = NONE } = turn;
    const sent = subscriptions === NONE ? undefined : () => LiveSubscription.release(subscriptions);
    if (answer === undefined || this.#answers.pass(answer)) return sent?.();
    this.#answers.send({
      text: answer,
      ...(sent === undefined ? {} : { sent }),
      refused: (error) => {
        // Nobody has been told their ids.
        for (const { id } of subscriptions) this.#subscriptions.unsubscribe(id);
        return turn.refused(error);
      },
    });
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
    if (this.#timeLimit === undefined) return this.#outcome(request, turn);
    return this.#timeLimit.bound(() => this.#outcome(request, turn));
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
      (turn.subscriptions ??= []).push(subscription);
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

const NONE: readonly LiveSubscription[] = [];

function after<T, U>(value: Awaitable<T>, next: (value: T) => U): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
