import { STATUS_CODE } from "@std/http/status";
import type { Accept } from "../rpc/connection.ts";
import { createEndpoint, type EndpointOptions, type RequestInfo } from "./endpoint.ts";
import { ListeningPort } from "./listening.ts";
import type { TransportLog } from "./log.ts";
import { bindHostname, hostPort } from "../text/host_port.ts";

/** What a bound port leads to. */
export interface Door {
  readonly fetch: (request: Request, info: RequestInfo) => Response | Promise<Response>;
  /** Refuses newcomers and lets running calls finish for up to `graceMs`. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

export interface BindOptions {
  /** `localhost` means 127.0.0.1, as geth has it; so that one permission and one URL name the endpoint. */
  readonly addr: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly log: TransportLog;
}

/** A bound port. */
export interface Bound {
  /** `127.0.0.1:8545` or `[::1]:8545`, with the port that the system chose. */
  readonly host: string;
  readonly port: number;
  /** Resolves with the reason when nobody can connect any more, although nobody stopped it. */
  readonly lost: Promise<unknown>;
  /**
   * Stops the door and resolves when the port is free. A peer that never completes the closing handshake does not hold
   * it up.
   */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

/** Binds a port. Rejects with Deno's own error (`AddrInUse`, `AddrNotAvailable`, `NotCapable`) when it cannot. */
// Asynchronous, so that what the system says to it comes as a rejection.
// deno-lint-ignore require-await
export async function bind(options: BindOptions, door: Door): Promise<Bound> {
  const hostname = bindHostname(options.addr);
  const listening = new ListeningPort({
    port: options.port,
    log: options.log,
    permitted: (port) =>
      Deno.permissions.querySync({ name: "net", host: hostPort(hostname, port) }).state === "granted",
    open: (port) =>
      Deno.serve({
        hostname,
        port,
        // It would print a line of its own.
        onListen() {},
        onError,
        // As geth does for HTTP (node/rpcstack.go `newGzipHandler`); WebSockets are not touched.
        automaticCompression: true,
      }, door.fetch),
  });
  const { port, lost } = listening;

  let stopped: Promise<void> | undefined;
  async function stop(graceMs: number): Promise<void> {
    // `shutdown()` would end every WebSocket at once (measured), so it comes last: newcomers meet a 503 until then.
    await door.stop({ graceMs });
    await listening.close();
  }

  function onError(cause: unknown): Response {
    options.log.error("Request handler crashed", { cause });
    return new Response("Internal Server Error\n", { status: STATUS_CODE.InternalServerError });
  }

  return {
    host: hostPort(hostname, port),
    port,
    lost,
    stop: ({ graceMs }) => stopped ??= stop(graceMs),
  };
}

export interface ListenOptions extends EndpointOptions, BindOptions {
  readonly log: TransportLog;
}

/** A bound port that takes WebSocket connections. */
export interface Listener {
  /** `ws://127.0.0.1:8546`, with the prefix. */
  readonly url: string;
  readonly port: number;
  readonly connections: number;
  /** Lets running calls finish for up to `graceMs`, closes every socket with 1001, and frees the port. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

/** Binds a port that takes nothing but WebSocket connections. Rejects as {@link bind} does. */
export async function listen(options: ListenOptions, accept: Accept): Promise<Listener> {
  const endpoint = createEndpoint(options, accept);
  const bound = await bind(options, endpoint);
  return {
    url: `ws://${bound.host}${options.prefix}`,
    port: bound.port,
    get connections() {
      return endpoint.connections;
    },
    stop: (how) => bound.stop(how),
  };
}
