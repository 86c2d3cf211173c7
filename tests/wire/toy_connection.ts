import { AssertionError } from "@std/assert";
import type { Connection, ConnectionHandler, Peer } from "../../src/rpc/connection.ts";
import type { Principal } from "../../src/rpc/principal.ts";
import { createDispatcher } from "../../src/rpc/dispatcher.ts";
import type { DispatcherOptions } from "../../src/rpc/dispatcher_options.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/rpc/limits.ts";
import { createRegistry } from "../../src/rpc/registry.ts";
export { until } from "../support/until.ts";
import { type ToyControls, toyTables } from "./toy_service.ts";

/** How long a frame that must come may take. */
const FRAME_DEADLINE_MS = 5_000;

export interface LogLine {
  readonly level: "debug" | "error";
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

export interface ToyOptions extends Partial<Omit<DispatcherOptions, "limits">> {
  limits?: Partial<Limits>;
  controls?: ToyControls;
  principal?: Principal;
}

/** A client and a dispatcher around the toy service, joined without a socket. */
export class ToyConnection implements Connection {
  readonly peer: Peer;
  readonly handler: ConnectionHandler;
  readonly log: LogLine[] = [];
  readonly closes: { code: number; reason: string }[] = [];
  /** What a test says that has not left yet. */
  queuedBytes = 0;
  /** Settles what {@link drained} returns; at once unless a test replaces it. */
  drain: Promise<void> = Promise.resolve();
  readonly #frames: string[] = [];
  #arrived = Promise.withResolvers<void>();
  #closed = false;

  constructor(options: ToyOptions = {}) {
    const { limits, controls, principal = null, ...others } = options;
    this.peer = { address: "memory", origin: null, principal };
    let subscriptions = 0;
    this.handler = createDispatcher(this, {
      registry: createRegistry(toyTables(controls), { allow: ["test", "nftest"] }),
      newSubscriptionId: () => `0x${(++subscriptions).toString(16)}`,
      log: {
        debug: (message, fields = {}) => this.log.push({ level: "debug", message, fields }),
        error: (message, fields = {}) => this.log.push({ level: "error", message, fields }),
      },
      ...others,
      limits: { ...DEFAULT_LIMITS, ...limits },
    });
  }

  send(text: string): void {
    if (this.#closed) return;
    this.#frames.push(text);
    this.#arrived.resolve();
  }

  isBehind(bytes: number): boolean {
    return this.queuedBytes > bytes;
  }

  drained(): Promise<void> {
    return this.drain;
  }

  close(code: number, reason: string): void {
    if (this.#closed) return;
    this.closes.push({ code, reason });
    this.disconnect();
  }

  /** The peer is gone. */
  disconnect(): void {
    this.#closed = true;
    this.handler.closed();
  }

  /** What a client sends. */
  say(message: string | Uint8Array): void {
    this.handler.message(message);
  }

  /** The frames that are here by now; each is handed out once. */
  take(): string[] {
    return this.#frames.splice(0);
  }

  /** The next frame; fails when none comes. */
  async next(): Promise<string> {
    const deadline = Promise.withResolvers<void>();
    const timer = setTimeout(() => deadline.resolve(), FRAME_DEADLINE_MS);
    try {
      if (this.#frames.length === 0) {
        this.#arrived = Promise.withResolvers<void>();
        await Promise.race([this.#arrived.promise, deadline.promise]);
      }
      const frame = this.#frames.shift();
      if (frame === undefined) throw new AssertionError(`no frame within ${FRAME_DEADLINE_MS} ms`);
      return frame;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends a call and returns the next frame. */
  ask(message: string): Promise<string> {
    this.say(message);
    return this.next();
  }
}

/** The text of a call. */
export function callOf(method: string, options: { params?: unknown; id?: number | string | null } = {}): string {
  const { params, id = 1 } = options;
  return JSON.stringify({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) });
}
