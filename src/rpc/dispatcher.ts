import { type AnswerBudget, Answers } from "./answers.ts";
import { positional, readArguments } from "./arguments.ts";
import { Batch } from "./batch.ts";
import { type CallScope, CallScopes } from "./call_scope.ts";
import type { Connection, ConnectionHandler } from "./connection.ts";
import { CODE, limitError, RpcError, serverError } from "./error.ts";
import { type Invoke, type Layer, layered } from "./layer.ts";
import type { Limits } from "./limits.ts";
import type { Log } from "./log.ts";
import {
  answerText,
  encode,
  errorText,
  failure,
  type IdText,
  type Item,
  type Outcome,
  parseMessage,
  type Request,
  success,
} from "./message.ts";
import { type Awaitable, then, whenSettled } from "./awaitable.ts";
import type { CallerConnection } from "./method.ts";
import { checkNameLength } from "./name_length.ts";
import { RawJson } from "./raw_json.ts";
import type { Registry } from "./registry.ts";
import { ReverseCalls } from "./reverse_calls.ts";
import { readSubscribe, readUnsubscribe } from "./subscribe.ts";
import type { SubscriptionCounts } from "./subscription_counts.ts";
import { LiveSubscription, randomSubscriptionId, Subscriptions } from "./subscription.ts";
import { TimeLimit } from "./time_limit.ts";

/** What a connection's calls are served with. */
export interface DispatcherOptions {
  readonly registry: Registry;
  readonly limits: Limits;
  readonly log: Log;
  /** Milliseconds that all calls of one connection may take together; for connections that carry one message. */
  readonly timeLimitMs?: number | undefined;
  /** Around each call, the first outermost; the time limit is inside them. */
  readonly layers?: readonly Layer[];
  /** Counts subscriptions and their notifications by kind. */
  readonly subscriptionCounts?: SubscriptionCounts | undefined;
  /** Counts the answers that wait for readers; by default all connections of the process share one. */
  readonly budget?: AnswerBudget | undefined;
  /** Replaces the source of random ids, for tests. */
  readonly newSubscriptionId?: () => string;
}

/** One message whose answer has not left yet. */
interface PendingReply {
  /** The subscriptions that wait for the answer to leave; most messages have none. */
  subscriptions: LiveSubscription[] | undefined;
  /** Returns the answer that is sent when there is no room for the real one. */
  refused(error: RpcError): string;
}

/** The context of a call, with the reply that its subscriptions wait for. */
type ReplyScope = CallScope<PendingReply>;

/** The reply to a call, or to a notification, which has no id. */
class SingleReply implements PendingReply {
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
  readonly #scopes: CallScopes<PendingReply>;
  readonly #timeLimit: TimeLimit | undefined;
  readonly #answers: Answers;
  readonly #invoke: Invoke;
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
      principal: connection.peer.principal,
      call: (method, params) => {
        return this.#canSubscribe ? this.#reverseCalls.call(method, params) : Promise.reject(noNotifications());
      },
    };
    this.#scopes = new CallScopes(this.#caller);
    this.#answers = new Answers(connection, {
      budget: options.budget,
      resume: (data) => this.#read(data),
      idle: () => this.#settleDrain(),
    });
    const { timeLimitMs, layers = [] } = options;
    this.#timeLimit = timeLimitMs === undefined ? undefined : new TimeLimit(timeLimitMs, () => this.#scopes.abort());
    const around = this.#timeLimit === undefined ? layers : [...layers, this.#timeLimit.layer];
    this.#invoke = layered(around, (call, context) => this.#serve(call, context as ReplyScope));
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

  get #canSubscribe(): boolean {
    return this.#connection.canSubscribe !== false;
  }

  drain(): Promise<void> {
    this.#drained ??= Promise.withResolvers<void>();
    this.#settleDrain();
    return this.#drained.promise;
  }

  #settleDrain(): void {
    if (this.#inflight === 0 && this.#answers.isIdle) this.#drained?.resolve();
  }

  /** Takes up a message; a `refusal` is the outcome of each of its calls. */
  #read(data: string | Uint8Array, refusal?: Outcome): void {
    const message = parseMessage(data, { maxBatchItems: this.#options.limits.batchItems });
    if (message.kind === "batch") this.#batch(message.items, refusal);
    else if (message.kind === "malformed") this.#sendNow(errorText(message.error));
    else if (message.kind === "refused") this.#sendNow(errorText(message.error, message.id));
    else if (message.kind === "oversized") this.#sendNow(`[${errorText(BATCH_TOO_LARGE, message.id)}]`);
    else this.#single(message, refusal);
  }

  /** Sends at once, also to a peer that does not read: a refusal, of which it may cause any number. */
  #sendNow(text: string): void {
    this.#connection.send(text);
  }

  #single(item: Item, refused: Outcome | undefined): void {
    if (item.kind === "invalid") return this.#sendNow(errorText(INVALID_REQUEST, item.id));
    if (item.kind === "response") return this.#settle(item);
    const refusal = refused ?? this.#refusal();
    if (item.kind === "notification") {
      const reply = new SingleReply();
      return this.#finish(then(refusal ?? this.#outcome(item, reply), () => undefined), reply);
    }
    if (refusal !== undefined) return this.#sendNow(answerText(item.id, refusal));
    const reply = new SingleReply(item.id);
    this.#finish(then(this.#outcome(item, reply), (settled) => answerText(item.id, settled)), reply);
  }

  #batch(items: readonly Item[], refused: Outcome | undefined): void {
    if (items.length === 0) return this.#sendNow(errorText(EMPTY_BATCH));
    for (const item of items) {
      if (item.kind === "response") this.#settle(item);
    }
    const refusal = refused ?? this.#refusal();
    let kept = 0;
    const batch = new Batch(items, {
      maxResponseBytes: this.#options.limits.batchResponseBytes,
      execute: (request) => refusal ?? this.#outcome(request, reply),
      keep: (units) => {
        const full = this.#answers.reserve(units);
        if (full === undefined) kept += units;
        return full;
      },
      cancelled: () => this.#closed,
    });
    const reply: PendingReply = { subscriptions: undefined, refused: (error) => batch.refused(error) };
    const frame = batch.run();
    if (refusal !== undefined && typeof frame === "string") return this.#sendNow(frame);
    this.#finish(
      then(frame, (text) => {
        this.#answers.release(kept);
        return text;
      }),
      reply,
    );
  }

  /** Sends the answer of one message, and only then lets go of the subscriptions that it made. */
  #finish(answer: Awaitable<string | undefined>, reply: PendingReply): void {
    if (answer instanceof Promise) {
      this.#inflight += 1;
      answer.then((text) => {
        this.#inflight -= 1;
        this.#finish(text, reply);
        this.#settleDrain();
      });
      return;
    }
    const { subscriptions = NONE } = reply;
    const sent = subscriptions === NONE ? undefined : () => LiveSubscription.release(subscriptions);
    if (answer === undefined || this.#answers.pass(answer)) return sent?.();
    this.#answers.send({
      text: answer,
      ...(sent === undefined ? {} : { sent }),
      refused: (error) => {
        // Nobody has been told their ids.
        for (const { id } of subscriptions) this.#subscriptions.unsubscribe(id);
        return reply.refused(error);
      },
    });
  }

  /** Returns why no call is taken now; undefined when calls are taken. */
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

  /** Never throws and never rejects: whatever happens becomes the outcome. */
  #outcome(request: Request, reply: PendingReply): Awaitable<Outcome> {
    try {
      const result = this.#invoke(request, this.#scopes.open(reply));
      if (!(result instanceof Promise)) return success(result);
      return result.then(success).catch((error) => this.#failure(request, error));
    } catch (error) {
      return this.#failure(request, error);
    }
  }

  /** Runs a call, inside all layers. */
  #serve(request: Request, scope: ReplyScope): Awaitable<unknown> {
    const { method: name, params } = request;
    const row = this.#options.registry.method(name);
    if (row !== undefined) {
      const args = readArguments(positional(params), row.params);
      scope.reached = true;
      return whenSettled(() => row.handler(args, scope), () => scope.end());
    }
    checkNameLength("method", name);
    if (name.endsWith("_subscribe")) return this.#subscribe(request, scope);
    if (name.endsWith("_unsubscribe")) return this.#unsubscribe(params);
    // geth drops these before look-up: a client may echo what it was sent (rpc/handler.go `handleResponses`).
    if (request.kind === "notification" && name.endsWith("_subscription")) return undefined;
    const fallback = this.#options.registry.fallback(name);
    if (fallback === undefined) {
      throw new RpcError(CODE.methodNotFound, `the method ${name} does not exist/is not available`);
    }
    scope.reached = true;
    const raw = params === undefined ? undefined : new RawJson(encode(params));
    return whenSettled(() => fallback({ method: name, params: raw, context: scope }), () => scope.end());
  }

  #subscribe(request: Request, scope: ReplyScope): Awaitable<string> {
    if (!this.#canSubscribe) throw noNotifications();
    const { row, args } = readSubscribe(request, this.#options.registry);
    const count = this.#options.subscriptionCounts?.of(row);
    const live = this.#subscriptions.open(row.namespace, count).start((sink) => {
      scope.reached = true;
      const started = whenSettled(() => row.subscription.start(args, sink, scope), (ok) => ok || scope.abort());
      return then(started, (stop) => {
        if (count !== undefined) count.live += 1;
        return () => {
          if (count !== undefined) count.live -= 1;
          scope.abort();
          stop();
        };
      });
    });
    return then(live, (subscription) => {
      (scope.reply.subscriptions ??= []).push(subscription);
      return subscription.id;
    });
  }

  #unsubscribe(params: unknown): true {
    if (!this.#subscriptions.unsubscribe(readUnsubscribe(params))) throw serverError("subscription not found");
    return true;
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
