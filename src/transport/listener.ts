import { STATUS_CODE } from "@std/http/status";
import type { TlsMaterial } from "./tls/material.ts";
import { HttpServer } from "./http1/server.ts";
import type { Handler } from "./http1/peer.ts";
import { bindHostname, hostPort } from "../text/host_port.ts";
import { type Clock, SYSTEM_CLOCK } from "../concurrency/clock.ts";
import { RuntimePort } from "./net/runtime_port.ts";
import type { TransportLog } from "./net/log.ts";

/** The service behind a bound port. */
export interface Served {
  readonly fetch: Handler;
  /** Refuses new requests and lets running calls finish for up to `graceMs`. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

export interface BindOptions {
  /** `localhost` means 127.0.0.1, as in geth; so one permission and one URL name the endpoint. */
  readonly addr: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly log: TransportLog;
  readonly clock?: Clock | undefined;
  /**
   * `deno` is `Deno.serve`. `bounded` is the server of `http1/`, which also bounds handshakes, idle sockets and unfinished
   * messages, and which no flood of connections stops.
   */
  readonly server?: "deno" | "bounded";
  /** Makes it a port of `wss:` and `https:`. `deno` cannot ask clients for certificates. */
  readonly tls?: TlsMaterial | undefined;
}

/** A bound port. */
export interface Bound {
  /** `127.0.0.1:8545` or `[::1]:8545`, with the port that the system chose. */
  readonly host: string;
  readonly port: number;
  /** Resolves with the reason when nobody can connect any more, although nobody stopped it. */
  readonly lost: Promise<unknown>;
  /** Present on a TLS port. */
  readonly tls?: TlsPort | undefined;
  /**
   * Stops what is served and resolves when the port is free. A peer that never completes the closing handshake does not
   * delay it.
   */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

/** The certificate of a port. */
export interface TlsPort {
  /**
   * True where open connections outlive {@link TlsPort.renew}. Otherwise it closes them all, without a close frame, and
   * listens again, which needs that permission.
   */
  readonly keepsConnections: boolean;
  /** Uses another certificate from now on. Rejects, and keeps the old one, when it cannot be used. */
  renew(material: TlsMaterial): Promise<void>;
}

/** The time that plain HTTP requests have to be answered when the port is closed. */
const HTTP_GRACE_MS = 1_000;

/** A port of either server. */
interface Port {
  readonly port: number;
  readonly lost: Promise<unknown>;
  readonly tls?: TlsPort | undefined;
  close(): Promise<void>;
}

/** Binds a port. Rejects with Deno's own error (`AddrInUse`, `AddrNotAvailable`, `NotCapable`) when it cannot. */
export async function bind(options: BindOptions, served: Served): Promise<Bound> {
  const hostname = bindHostname(options.addr);
  const open = options.server === "bounded" ? openBounded : openRuntime;
  const { port, lost, tls, close } = await open(hostname, { options, served });
  let stopped: Promise<void> | undefined;
  async function stop(graceMs: number): Promise<void> {
    // The port closes last: until then, new clients are answered 503.
    await served.stop({ graceMs });
    await close();
  }
  return { host: hostPort(hostname, port), port, lost, tls, stop: ({ graceMs }) => stopped ??= stop(graceMs) };
}

async function openBounded(
  hostname: string,
  { options, served }: { options: BindOptions; served: Served },
): Promise<Port> {
  // Loaded only where it is used: it takes some milliseconds.
  const TlsServer = options.tls === undefined ? undefined : (await import("./tls/tls_stream.ts")).TlsServer;
  const tls = TlsServer === undefined || options.tls === undefined ? undefined : new TlsServer(options.tls);
  const listening = Deno.listen({ hostname, port: options.port });
  const { log, clock = SYSTEM_CLOCK } = options;
  const server = new HttpServer({ listening, handler: served.fetch, log, clock, tls });
  return {
    port: listening.addr.port,
    lost: server.lost,
    // deno-lint-ignore require-await
    tls: tls && { keepsConnections: true, renew: async (material) => tls.renew(material) },
    close: () => server.close(HTTP_GRACE_MS),
  };
}

// Asynchronous, so that the system's refusal comes as a rejection.
// deno-lint-ignore require-await
async function openRuntime(
  hostname: string,
  { options, served }: { options: BindOptions; served: Served },
): Promise<Port> {
  let material = options.tls;
  const runtime = new RuntimePort({
    port: options.port,
    log: options.log,
    permitted: (port) =>
      Deno.permissions.querySync({ name: "net", host: hostPort(hostname, port) }).state === "granted",
    open: (port) =>
      Deno.serve({
        hostname,
        port,
        ...material === undefined ? {} : { cert: material.cert, key: material.key },
        // Without it, the runtime prints a line of its own.
        onListen() {},
        onError(cause) {
          options.log.error("Request handler crashed", { cause });
          return new Response("Internal Server Error\n", { status: STATUS_CODE.InternalServerError });
        },
        // As geth does for HTTP (node/rpcstack.go `newGzipHandler`); WebSockets are not touched.
        automaticCompression: true,
      }, served.fetch),
  });
  async function renew(renewed: TlsMaterial): Promise<void> {
    const before = material;
    material = renewed;
    await runtime.restart().catch(async (cause) => {
      material = before;
      await runtime.restart();
      throw cause;
    });
  }
  return {
    port: runtime.port,
    lost: runtime.lost,
    tls: material && { keepsConnections: false, renew },
    close: () => runtime.close(),
  };
}
