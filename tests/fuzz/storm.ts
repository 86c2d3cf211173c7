import type { Random } from "../support/random.ts";
import { type Mutation, requestText } from "./mutation.ts";
import type { Seed } from "./seeds.ts";

/** A request that was not answered as it must be. */
export interface Fault {
  readonly kind: "crashed" | "unanswered" | "closed";
  readonly request: string;
  readonly answer: string;
}

/** No method takes longer: eth_sendRawTransactionSync waits 20 s. */
const ANSWER_DEADLINE_MS = 60_000;
const MAX_BATCHED_CHARACTERS = 8_000;
/** geth answers other faults with -32603 too: an execution that takes too long in eth_simulateV1, for one. */
const METHOD_CRASHED = '"method handler crashed"';
const MAX_SHOWN = 600;

/** Sends mutated requests over one connection, and opens another when it is closed. */
export class Storm {
  readonly faults: Fault[] = [];
  /** The text of the newest request. */
  latest = "";
  readonly #url: string;
  readonly #mutation: Mutation;
  readonly #random: Random;
  readonly #burst: number;
  #socket: WebSocket | undefined;
  #lastId = 0;
  readonly #waiting = new Map<number, string>();
  /** How the last connection ended. */
  #ending = "";
  #arrived = Promise.withResolvers<void>();

  constructor(url: string, options: { mutation: Mutation; random: Random; burst: number }) {
    this.#url = url;
    this.#mutation = options.mutation;
    this.#random = options.random;
    this.#burst = options.burst;
  }

  /** Sends so many requests, a burst at a time; each burst is answered before the next. */
  async run(frames: number): Promise<void> {
    for (let sent = 0; sent < frames; sent += this.#burst) {
      const socket = await this.#open();
      for (let i = 0; i < Math.min(this.#burst, frames - sent); i++) this.#send(socket);
      await this.#settle();
    }
  }

  /** Sends one request of the caller's, and resolves when it is answered. */
  async ask(request: Seed): Promise<void> {
    const socket = await this.#open();
    this.#deliver(socket, request);
    await this.#settle();
  }

  close(): void {
    this.#socket?.close();
  }

  #send(socket: WebSocket): void {
    if (this.#random.chance(0.02)) return this.#sendBatch(socket);
    this.#deliver(socket, this.#mutation.request());
  }

  #deliver(socket: WebSocket, request: Seed): void {
    const text = requestText(++this.#lastId, request);
    this.#waiting.set(this.#lastId, text);
    this.latest = text;
    socket.send(text);
  }

  /** Batches hold small requests only: a batch that holds too much is refused as a whole, without an id to tell it by. */
  #sendBatch(socket: WebSocket): void {
    const texts: string[] = [];
    for (let left = 1 + this.#random.below(8); left > 0; left--) {
      const text = requestText(this.#lastId + 1, this.#mutation.request());
      if (text.length > MAX_BATCHED_CHARACTERS) continue;
      texts.push(text);
      this.#waiting.set(++this.#lastId, text);
    }
    if (texts.length === 0) return;
    this.latest = `[${texts.join(",")}]`;
    socket.send(this.latest);
  }

  async #open(): Promise<WebSocket> {
    if (this.#socket?.readyState === WebSocket.OPEN) return this.#socket;
    const socket = new WebSocket(this.#url);
    socket.onmessage = ({ data }) => this.#received(String(data));
    socket.onclose = ({ code, reason }) => {
      this.#ending = `${code} ${reason}`;
      this.#arrived.resolve();
    };
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error(`${this.#url} does not take connections`));
    });
    this.#socket = socket;
    return socket;
  }

  #received(text: string): void {
    if (text.startsWith("[")) {
      for (const part of JSON.parse(text)) this.#answered(part.id, JSON.stringify(part.error ?? null));
    } else if (text.includes('"id":')) {
      // Only the head: an answer may be large.
      this.#answered(Number(/"id":(\d+)/.exec(text.slice(0, 100))?.[1]), text.slice(0, MAX_SHOWN));
    }
  }

  #answered(id: number, answer: string): void {
    const request = this.#waiting.get(id);
    if (request === undefined) return;
    this.#waiting.delete(id);
    if (answer.includes(METHOD_CRASHED)) this.#fault("crashed", { request, answer });
    if (this.#waiting.size === 0) this.#arrived.resolve();
  }

  /** Waits until everything is answered, or the connection has ended. */
  async #settle(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, ANSWER_DEADLINE_MS);
    while (this.#waiting.size > 0) {
      this.#arrived = Promise.withResolvers<void>();
      const isLate = await Promise.race([late.promise.then(() => true), this.#arrived.promise.then(() => false)]);
      if (!isLate && this.#socket?.readyState === WebSocket.OPEN) continue;
      for (const request of this.#waiting.values()) {
        this.#fault(isLate ? "unanswered" : "closed", { request, answer: isLate ? "" : this.#ending });
      }
      this.#waiting.clear();
      this.#socket?.close();
      this.#socket = undefined;
    }
    clearTimeout(timer);
  }

  #fault(kind: Fault["kind"], { request, answer }: { request: string; answer: string }): void {
    this.faults.push({ kind, request: request.slice(0, MAX_SHOWN), answer });
  }
}
