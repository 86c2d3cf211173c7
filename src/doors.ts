/**
 * The ways in to a service: WebSocket, HTTP, and the pages beside them, each by its flags, and joined as they share
 * ports. Mounted on bound ports by `server.ts`, on a host's own port by `serve.ts`, on anything by `mod.ts`.
 */
import type { Config, Role } from "./cli/mod.ts";
import { createHttpRpc, createSite, HealthPages, type HttpRpc, type Page } from "./http/mod.ts";
import { logger } from "./log.ts";
import { type Accept, createDispatcher, type DispatcherOptions, type Registry } from "./rpc/mod.ts";
import type { Service } from "./service.ts";
import { createEndpoint, type Door, type Endpoint, refusalResponse, upgradeRequired } from "./transport/mod.ts";

const MIB = 2 ** 20;

/** Every way in to one service. */
export interface Doors {
  /** What can be called over WebSocket; undefined when that is off. */
  readonly ws: { readonly registry: Registry; readonly accept: Accept } | undefined;
  /** What can be called over HTTP; undefined when that is off. */
  readonly http: { readonly registry: Registry } | undefined;
  /** What a port with these roles serves. */
  site(roles: readonly Role[]): Door["fetch"];
  /** Refuses newcomers, lets running calls finish for up to `graceMs`, and closes every WebSocket. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

/** Makes the doors that the Config names. */
export function createDoors(config: Config, service: Service): Doors {
  const opened = performance.now();
  const ws = config.ws ? webSocketDoor(config, service) : undefined;
  const http = config.http ? httpDoor(config, service) : undefined;
  let stopped: Promise<void> | undefined;
  const health = new HealthPages({
    ready: () => stopped === undefined,
    async report() {
      const { lastEventAt } = service.feed.stats;
      return {
        version: service.version,
        chainId: Number(service.chain.identity.chainId),
        head: Number(await service.chain.chain.headNumber()),
        uptimeSeconds: seconds(performance.now() - opened),
        connections: ws?.endpoint.connections ?? 0,
        subscriptions: 0,
        lastEventAgeSeconds: lastEventAt === null ? null : seconds(performance.now() - lastEventAt),
      };
    },
  });
  const pages: Record<string, Page> = { "/health": () => health.health(), "/ready": () => health.ready() };

  return {
    ws,
    http,
    site: (roles) =>
      createSite({
        pages,
        upgrade: roles.includes("ws") ? ws?.endpoint.fetch : undefined,
        rest: roles.includes("http") && http !== undefined
          ? http.rpc.fetch
          : () => refusalResponse(upgradeRequired(config["ws.rpcprefix"])),
      }),
    stop: ({ graceMs }) =>
      stopped ??= Promise.all([ws?.endpoint.stop({ graceMs }), http?.rpc.stop({ graceMs })]).then(() => {}),
  };
}

function webSocketDoor(
  config: Config,
  service: Service,
): { registry: Registry; accept: Accept; endpoint: Endpoint } {
  const registry = service.registry("ws.api");
  const rpc = dispatcherOptions(config, { service, registry });
  const accept: Accept = (connection) => createDispatcher(connection, rpc);
  const endpoint = createEndpoint({
    prefix: config["ws.rpcprefix"],
    origins: config["ws.origins"],
    maxConnections: config["ws.max-connections"],
    maxMessageBytes: config["ws.max-message"],
    sendBufferBytes: config["ws.send-buffer"],
    idleTimeoutMs: config["ws.idle-timeout"],
    log: logger("ws"),
  }, accept);
  return { registry, accept, endpoint };
}

function httpDoor(config: Config, service: Service): { registry: Registry; rpc: HttpRpc } {
  const registry = service.registry("http.api");
  const timeLimitMs = config["http.timeout"] === 0 ? undefined : config["http.timeout"];
  const options = dispatcherOptions(config, { service, registry, timeLimitMs });
  const rpc = createHttpRpc({
    prefix: config["http.rpcprefix"],
    corsDomains: config["http.corsdomain"],
    virtualHosts: config["http.vhosts"],
    maxBodyBytes: config["rpc.http-body-limit"] * MIB,
    maxRequests: config["http.max-requests"],
    log: logger("http"),
  }, (connection) => createDispatcher(connection, options));
  return { registry, rpc };
}

function dispatcherOptions(
  config: Config,
  { service, registry, timeLimitMs }: { service: Service; registry: Registry; timeLimitMs?: number | undefined },
): DispatcherOptions {
  return {
    registry,
    limits: {
      batchItems: config["rpc.batch-request-limit"],
      batchResponseBytes: config["rpc.batch-response-max-size"],
      inflightCalls: config["ws.max-inflight"],
      subscriptions: config["ws.max-subscriptions"],
    },
    log: logger("rpc"),
    timeLimitMs,
    get observe() {
      return service.calls.observe;
    },
  };
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000;
}
