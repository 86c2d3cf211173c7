import type { Accept } from "../../src/rpc/connection.ts";
import {
  bind,
  createEndpoint,
  type EndpointOptions,
  type Handler,
  isUpgrade,
  type TlsMaterial,
  type TlsPort,
} from "../../src/transport/mod.ts";

export interface ListenOptions extends EndpointOptions {
  readonly addr: string;
  readonly port: number;
  readonly server?: "deno" | "bounded";
  /** Answers requests that are no upgrades. */
  readonly http?: Handler;
  readonly tls?: TlsMaterial | undefined;
}

/** A bound port that takes WebSocket connections. */
export interface Listener {
  /** `ws://127.0.0.1:8546`, with the prefix. */
  readonly url: string;
  readonly port: number;
  readonly connections: number;
  readonly tls: TlsPort | undefined;
  stop(options: { readonly graceMs: number }): Promise<void>;
}

/** Binds a port that takes nothing but WebSocket connections, unless told otherwise. */
export async function listen(options: ListenOptions, accept: Accept): Promise<Listener> {
  const endpoint = createEndpoint(options, accept);
  const fetch: Handler = (request, info) =>
    isUpgrade(request) || options.http === undefined ? endpoint.fetch(request, info) : options.http(request, info);
  const bound = await bind({ server: "bounded", ...options }, { fetch, stop: (how) => endpoint.stop(how) });
  return {
    url: `${options.tls === undefined ? "ws" : "wss"}://${bound.host}${options.prefix}`,
    port: bound.port,
    tls: bound.tls,
    get connections() {
      return endpoint.connections;
    },
    stop: (how) => bound.stop(how),
  };
}
