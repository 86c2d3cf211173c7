import { type TimeSlices, timeSlices } from "../concurrency/time_slices.ts";
import { Answers } from "./answers.ts";
import { positional, readArguments } from "./arguments.ts";
import { Batch } from "./batch.ts";
import { type CallScope, CallScopes } from "./call_scope.ts";
import type { Connection, ConnectionHandler } from "./connection.ts";
import type { DispatcherOptions } from "./dispatcher_options.ts";
import { CODE, RpcError, serverError } from "./error.ts";
import { inSlices } from "./in_slices.ts";
import { type Invoke, layered } from "./layer.ts";
import { LARGE_MESSAGE_UNITS } from "./limits.ts";
import {
  answerText,
  type Call,
  encode,
  errorText,
  failure,
  type Item,
  type Message,
  type Outcome,
  parseInSteps,
  parseMessage,
  type Request,
  success,
} from "./message.ts";
import { type Awaitable, then, whenSettled } from "./awaitable.ts";
import type { CallerConnection } from "./method.ts";
import { checkNameLength } from "./name_length.ts";
import { RawJson } from "./raw_json.ts";
import { type PendingReply, type SingleRepeats, SingleReply } from "./reply.ts";
import { BATCH_TOO_LARGE, EMPTY_BATCH, INVALID_REQUEST, NO_ROOM, noNotifications, SHUTTING_DOWN } from "./refusals.ts";
import { ReverseCalls } from "./reverse_calls.ts";
import { readSubscribe, readUnsubscribe } from "./subscribe.ts";
import { LiveSubscription, randomSubscriptionId, Subscriptions } from "./subscription.ts";
import { TimeLimit } from "./time_limit.ts";

/** The context of a call, with the reply that its subscriptions wait for. */
type ReplyScope = CallScope<PendingReply>;

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
  readonly #repeats: SingleRepeats = {
    mayRepeat: (request) => this.#isRepeatable(request),
    repeat: (reply) => reply.request.kind === "call" ? this.#call(reply.request, reply) : undefined,
  };
  /** The messages that are answered later. */
  readonly #pending = new Set<PendingReply>();
  readonly #endListeners: (() => void)[] = [];
  readonly #slices: TimeSlices;
  /** The large message that is being read; those behind it wait. */
  #reading: string | Uint8Array | undefined;
  /** True while the call of a large message is begun. */
  #isLarge = false;
  #inflight = 0;
  #closed = false;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(connection: Connection, options: DispatcherOptions) {
    const { limits, log, newSubscriptionId: newId = randomSubscriptionId, subscriptionQuota: quota } = options;
    this.#connection = connection;
    this.#options = options;
    this.#slices = options.slices ?? timeSlices;
    this.#reverseCalls = new ReverseCalls(connection);
    this.#subscriptions = new Subscriptions(connection, { limit: limits.subscriptions, quota, log, newId });
    this.#caller = {
      id: ++lastConnectionId,
      peer: connection.peer.address,
      principal: connection.peer.principal,
      onEnd: (listener) => {
        if (!this.#canSubscribe) return;
        if (this.#closed) listener();
        else this.#endListeners.push(listener);
      },
      call: (method, params) => {
        return this.#canSubscribe ? this.#reverseCalls.call(method, params) : Promise.reject(noNotifications());
      },
    };
    this.#scopes = new CallScopes(this.#caller);
    this.#answers = new Answers(connection, {
      budget: options.budget,
      isFull: () => this.#reading !== undefined || limits.inflightCalls !== 0 && this.#inflight >= limits.inflightCalls,
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
    if (this.#drained !== undefined) return this.#read(data, failure(SHUTTING_DOWN));
    if (this.#answers.isOpen) return this.#read(data);
    if (this.#reverseCalls.isWaiting && this.#settlesCall(data)) return;
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
    for (const listener of this.#endListeners.splice(0)) listener();
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

  cancel(): void {
    for (const reply of this.#pending) {
      reply.isCancelled = true;
      const text = reply.interrupted(SHUTTING_DOWN);
      if (text !== "") this.#sendNow(text);
    }
    this.#pending.clear();
    const reading = this.#reading === undefined ? [] : [this.#reading];
    if (reading.length > 0) this.#endReading();
    for (const data of [...reading, ...this.#answers.takeMessages()]) this.#read(data, failure(SHUTTING_DOWN));
    this.#scopes.abort();
    this.#drained?.resolve();
  }

  #settleDrain(): void {
    if (this.#inflight === 0 && this.#answers.isIdle) this.#drained?.resolve();
  }

  /** Reads a message and runs its calls; a `refusal` is the outcome of each of them. */
  #read(data: string | Uint8Array, refusal?: Outcome): void {
    const options = { maxBatchItems: this.#options.limits.batchItems };
    if (data.length > LARGE_MESSAGE_UNITS && refusal === undefined) {
      this.#readLarge(data, parseInSteps(data, options));
    } else {
      this.#handle(parseMessage(data, options), refusal);
    }
  }

  /** Reads a large message a step at a time. */
  async #readLarge(data: string | Uint8Array, steps: Generator<void, Message>): Promise<void> {
    this.#reading = data;
    this.#inflight += 1;
    const message = await inSlices(steps, this.#slices);
    // The connection has ended, or the message was answered with an error.
    if (this.#closed || this.#reading !== data) return this.#slices.finish();
    this.#endReading();
    this.#isLarge = true;
    this.#handle(message);
    this.#isLarge = false;
    this.#slices.finish();
    this.#answers.resume();
    this.#settleDrain();
  }

  #endReading(): void {
    this.#reading = undefined;
    this.#inflight -= 1;
  }

  #handle(message: Message, refusal?: Outcome): void {
    if (message.kind === "batch") return this.#batch(message.items, refusal);
    if (message.kind !== "call" && message.kind !== "notification" && message.kind !== "response") {
      this.#options.onFault?.();
    }
    if (message.kind === "malformed") this.#sendNow(errorText(message.error));
    else if (message.kind === "refused") this.#sendNow(errorText(message.error, message.id));
    else if (message.kind === "oversized") this.#sendNow(`[${errorText(BATCH_TOO_LARGE, message.id)}]`);
    else this.#single(message, refusal);
  }

  /** Sends a refusal at once, also to a peer that does not read; a peer may cause any number of refusals. */
  #sendNow(text: string): void {
    this.#connection.send(text);
  }

  #single(item: Item, refusal: Outcome | undefined): void {
    if (item.kind === "invalid") return this.#sendNow(errorText(INVALID_REQUEST, item.id));
    if (item.kind === "response") return this.#settle(item);
    if (item.kind === "notification") {
      const reply = new SingleReply(item, this.#repeats);
      this.#finish(refusal === undefined ? then(this.#outcome(item, reply), () => undefined) : undefined, reply);
      return;
    }
    if (refusal !== undefined) return this.#sendNow(answerText(item.id, refusal));
    this.#call(item, new SingleReply(item, this.#repeats));
  }

  #call(call: Call, reply: SingleReply): Awaitable<void> {
    return this.#finish(then(this.#outcome(call, reply), (settled) => answerText(call.id, settled)), reply);
  }

  #isRepeatable(item: Item): boolean {
    if (item.kind === "invalid") return true;
    return item.kind === "call" && this.#options.registry.method(item.method)?.repeatable === true;
  }

  #batch(items: readonly Item[], refusal: Outcome | undefined): void {
    if (items.length === 0) {
      this.#options.onFault?.();
      return this.#sendNow(errorText(EMPTY_BATCH));
    }
    for (const item of items) {
      if (item.kind === "response") this.#settle(item);
      else if (item.kind === "invalid") this.#options.onFault?.();
    }
    const mayRepeat = items.every((item) => this.#isRepeatable(item));
    this.#runBatch(items, { refusal, mayRepeat });
  }

  #runBatch(
    items: readonly Item[],
    { refusal, mayRepeat }: { refusal?: Outcome | undefined; mayRepeat: boolean },
  ): Awaitable<void> {
    let kept = 0;
    let foundNoRoom = false;
    const batch = new Batch(items, {
      maxResponseBytes: this.#options.limits.batchResponseBytes,
      execute: (request) => refusal ?? this.#outcome(request, reply),
      keep: (units) => {
        const full = this.#answers.reserve(units);
        if (full === undefined) kept += units;
        else foundNoRoom = true;
        return full;
      },
      cancelled: () => this.#closed || reply.isCancelled || (mayRepeat && foundNoRoom),
    });
    const reply: PendingReply = {
      subscriptions: undefined,
      isCancelled: false,
      mayRepeat,
      repeat: () => this.#runBatch(items, { mayRepeat: false }),
      refused: (error) => batch.refused(error),
      interrupted: (error) => batch.interrupted(error),
    };
    const frame = batch.run();
    if (refusal !== undefined && typeof frame === "string") return this.#sendNow(frame);
    const settled = then(frame, (text) => {
      this.#answers.release(kept);
      return foundNoRoom && mayRepeat ? NO_ROOM : text;
    });
    return this.#finish(settled, reply);
  }

  /** Sends the answer to one message, and only then the buffered notifications of the subscriptions that it made. */
  #finish(answer: Awaitable<string | undefined | typeof NO_ROOM>, reply: PendingReply): Awaitable<void> {
    if (!(answer instanceof Promise)) return this.#send(answer, reply);
    this.#inflight += 1;
    this.#pending.add(reply);
    return answer.then((text) => {
      this.#inflight -= 1;
      this.#pending.delete(reply);
      if (!reply.isCancelled) this.#send(text, reply);
      this.#answers.resume();
      this.#settleDrain();
    });
  }

  #send(text: string | undefined | typeof NO_ROOM, reply: PendingReply): void {
    if (text === NO_ROOM) return this.#repeat(reply);
    const { subscriptions } = reply;
    const sent = subscriptions === undefined ? undefined : () => LiveSubscription.release(subscriptions);
    if (text === undefined || this.#answers.trySend(text)) return sent?.();
    const hasRoom = this.#answers.send({
      text,
      ...(sent === undefined ? {} : { sent }),
      mayRepeat: () => reply.mayRepeat,
      refused: (error) => {
        // The client has not been told their ids.
        for (const { id } of subscriptions ?? []) this.#subscriptions.unsubscribe(id);
        return reply.refused(error);
      },
    });
    if (!hasRoom) this.#repeat(reply);
  }

  /** Runs a message again once the waiting answers have left. */
  #repeat(reply: PendingReply): void {
    this.#pending.add(reply);
    this.#answers.repeat(() => {
      this.#pending.delete(reply);
      return reply.repeat();
    });
  }

  /** Takes a message if it is the response that a running call waits for; returns whether it was. */
  #settlesCall(data: string | Uint8Array): boolean {
    const message = parseMessage(data, { maxBatchItems: this.#options.limits.batchItems });
    if (message.kind !== "response") return false;
    this.#settle(message);
    return true;
  }

  #settle(response: Item & { kind: "response" }): void {
    if (this.#reverseCalls.settle(response)) return;
    this.#options.log.debug("Unsolicited RPC response", { id: response.id, peer: this.#caller.peer });
  }

  /** Runs a call and returns its outcome; it never throws or rejects, because an error becomes the outcome. */
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
    checkNameLength("method", name);
    const row = this.#options.registry.method(name);
    if (row !== undefined) {
      const args = readArguments(positional(params), row.params);
      scope.reached = true;
      const run = () => whenSettled(() => row.handler(args, scope), () => scope.end());
      return this.#isLarge && this.#slices.isOver ? this.#slices.pause().then(run) : run();
    }
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
    // A handler may fail when it is aborted with its connection; that is no error of the server.
    if (this.#closed) this.#options.log.debug("RPC call ended with its connection", fields);
    else this.#options.log.error("RPC method handler crashed", fields);
    return failure(new RpcError(CODE.internal, "method handler crashed"));
  }
}
