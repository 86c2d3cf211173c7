import { createHttpRpc, HostGuard, type HttpRpc, type HttpRpcOptions } from "../../src/http/mod.ts";
import { RateLimitedWarnings } from "../../src/transport/mod.ts";
import type { Clock } from "../../src/concurrency/clock.ts";
import { createDispatcher, createRegistry, DEFAULT_LIMITS, method, required, string } from "../../src/rpc/mod.ts";

export interface LoggedLine {
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

export const PEER = { remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 } } as const;

/** A handler that a test lets go on, or that ends with its call. */
export interface Waiting {
  readonly signal: AbortSignal;
  finish(result: string): void;
}

export interface HttpFixture {
  readonly rpc: HttpRpc;
  /** The calls of `demo_wait` that have not ended. */
  readonly waiting: Waiting[];
  /** Resolves when so many calls of `demo_wait` are running. */
  untilWaiting(count: number): Promise<void>;
  send(body: BodyInit | null, init?: RequestInit): Promise<Response>;
}

/** An HTTP endpoint without a socket, with `demo_echo(text)` and `demo_wait()` behind it. */
export function createFixture(options: Partial<HttpRpcOptions> & { readonly timeLimitMs?: number } = {}): HttpFixture {
  const { timeLimitMs, ...overrides } = options;
  const waiting: Waiting[] = [];
  let look = () => {};
  const registry = createRegistry([{
    namespace: "demo",
    methods: {
      demo_echo: method({
        summary: "Echoes.",
        params: [required("text", string)],
        result: string,
        handler: ([text]) => text,
      }),
      demo_wait: method({
        summary: "Waits.",
        params: [],
        result: string,
        handler: (_args, { signal }) => {
          const { promise, resolve, reject } = Promise.withResolvers<string>();
          signal.addEventListener("abort", () => reject(signal.reason));
          waiting.push({ signal, finish: resolve });
          look();
          return promise;
        },
      }),
      demo_ask: method({
        summary: "Asks the client.",
        params: [],
        result: string,
        handler: async (_args, { connection }) => String(await connection.call("client_name", [])),
      }),
    },
  }], { allow: ["demo"] });
  const ignore = () => {};
  const rpc = createHttpRpc({
    prefix: "",
    corsDomains: [],
    hosts: hostGuard(),
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    maxBodyBytes: 1024,
    maxRequests: 100,
    ...overrides,
  }, (connection) =>
    createDispatcher(connection, {
      registry,
      limits: DEFAULT_LIMITS,
      log: { debug: ignore, error: ignore },
      timeLimitMs,
    }));

  function send(body: BodyInit | null, init: RequestInit = {}): Promise<Response> {
    const headers = { "content-type": "application/json", ...init.headers };
    return rpc.fetch(new Request("http://localhost/", { method: "POST", ...init, body, headers }), PEER);
  }

  function untilWaiting(count: number): Promise<void> {
    return new Promise((resolve) => {
      look = () => waiting.length >= count && resolve();
      look();
    });
  }
  return { rpc, waiting, untilWaiting, send };
}

/** Admits `localhost` only; `lines` takes what is warned of. */
export function hostGuard({ lines = [], clock }: { lines?: LoggedLine[]; clock?: Clock } = {}): HostGuard {
  const ignore = () => {};
  const warn = (message: string, fields: Record<string, unknown> = {}) => void lines.push({ message, fields });
  const log = { debug: ignore, info: ignore, warn, error: ignore };
  return new HostGuard(["localhost"], new RateLimitedWarnings(log, clock));
}

/** Status and text of an answer. */
export async function read(response: Response | Promise<Response>): Promise<[status: number, body: string]> {
  const settled = await response;
  return [settled.status, await settled.text()];
}

/** The text of one call. */
export function call(method: string, params: readonly unknown[] = []): string {
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
}
