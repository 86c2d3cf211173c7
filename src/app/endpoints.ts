/**
 * The endpoints of a service: WebSocket, HTTP, and the pages for health and metrics, each as its flags say. Endpoints with
 * the same port share one handler. `server.ts` puts the handlers on bound ports, `serve.ts` on the port of its host, and
 * `../mod.ts` gives them to another program.
 */
import { STATUS_CODE } from "@std/http/status";
import type { Config, Role } from "../cli/mod.ts";
import { createHttpRpc, createSite, HealthPages, HostGuard, type HttpRpc, type Page } from "../http/mod.ts";
import { type Access, accessFamilies } from "./access.ts";
import { diskLayer } from "./disk_layer.ts";
import { logger } from "./log.ts";
import { upstreamFamilies, upstreamHealth } from "./upstreams.ts";
import { type Family, METRICS_PATH, metricsPage, RpcMetrics } from "../metrics/mod.ts";
import {
  type Accept,
  createDispatcher,
  type DispatcherOptions,
  type Registry,
  SubscriptionCounts,
} from "../rpc/mod.ts";
import { RegistryCache } from "./registry_cache.ts";
import type { Service } from "./service.ts";
import {
  createEndpoint,
  type Endpoint,
  type Handler,
  RateLimitedWarnings,
  refusalResponse,
  upgradeRequired,
} from "../transport/mod.ts";

const MIB = 2 ** 20;

/** The endpoints of one service. */
export interface Endpoints {
  /** The methods over WebSocket; undefined when that is off. */
  readonly ws: { readonly registry: Registry; readonly accept: Accept } | undefined;
  /** The methods over HTTP; undefined when that is off. */
  readonly http: { readonly registry: Registry } | undefined;
  /** Returns the handler for the requests of a port with these roles. */
  handler(roles: readonly Role[]): Handler;
  /** Closes every WebSocket and refuses newcomers until the function that it resolves with is called. */
  pause(how: { readonly graceMs: number; readonly code: number; readonly reason: string }): Promise<() => void>;
  /** Refuses newcomers, lets running calls finish for up to `graceMs`, and closes every WebSocket. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

/** The counters that the endpoints of one service share. */
interface Counts {
  readonly subscriptions: SubscriptionCounts;
  /** Undefined while `--metrics` is off: then no call is timed. */
  readonly calls: RpcMetrics | undefined;
}

/** The parts from which an endpoint is made. */
interface EndpointContext {
  readonly service: Service;
  readonly access: Access | undefined;
  readonly counts: Counts;
  readonly hosts: HostGuard;
}

/** Makes the endpoints that the Config names. */
export function createEndpoints(
  config: Config,
  { service, access }: { readonly service: Service; readonly access?: Access | undefined },
): Endpoints {
  const opened = performance.now();
  const calls = config.metrics ? new RpcMetrics() : undefined;
  const subscriptions = new SubscriptionCounts();
  const hosts = new HostGuard(config["http.vhosts"], new RateLimitedWarnings(logger("http")));
  const context = { service, access, hosts, counts: { subscriptions, calls } };
  const ws = config.ws ? webSocketEndpoint(config, context) : undefined;
  const http = config.http ? httpEndpoint(config, context) : undefined;
  const head = async () => Number(await service.node.blocks.headNumber());
  let stopped: Promise<void> | undefined;

  const health = new HealthPages({
    unready: () => stopped === undefined ? service.unready() : "shutting down",
    async report() {
      const age = eventAge(service);
      return {
        version: service.version,
        chainId: Number(await service.node.identity.chainId()),
        head: await head(),
        uptimeSeconds: seconds(performance.now() - opened),
        connections: ws?.endpoint.connections ?? 0,
        subscriptions: subscriptions.live,
        lastEventAgeSeconds: age === null ? null : seconds(age),
        ...upstreamReport(service),
      };
    },
  });
  const healthPages: Record<string, Page> = { "/health": () => health.health(), "/ready": () => health.ready() };

  function metrics(rpc: RpcMetrics): Promise<Response> {
    return metricsPage({
      rpc,
      ws: ws?.endpoint,
      http: http?.rpc,
      subscriptions: subscriptions.kinds,
      replaying: service.feed.stats.replaying,
      lastEventAgeMs: eventAge(service),
      head,
      node: [...upstreamMetrics(service), ...access === undefined ? [] : accessFamilies(access)],
    });
  }

  return {
    ws,
    http,
    handler(roles) {
      const isMetrics = roles.includes("metrics") && calls !== undefined;
      return createSite({
        pages: { ...healthPages, ...isMetrics ? { [METRICS_PATH]: () => metrics(calls) } : {} },
        hosts,
        upgrade: roles.includes("ws") ? ws?.endpoint.fetch : undefined,
        rest: restOf(roles, { http: http?.rpc, prefix: config["ws.rpcprefix"] }),
      });
    },
    pause: async (how) => await ws?.endpoint.pause(how) ?? (() => {}),
    stop: ({ graceMs }) =>
      stopped ??= Promise.all([ws?.endpoint.stop({ graceMs }), http?.rpc.stop({ graceMs })]).then(() => hosts.close()),
  };
}

/** Returns the handler of requests that are neither for a page nor an upgrade. */
function restOf(
  roles: readonly Role[],
  { http, prefix }: { http: HttpRpc | undefined; prefix: string },
): Handler {
  if (roles.includes("http") && http !== undefined) return http.fetch;
  if (roles.includes("ws")) {
    return ({ url }) => refusalResponse(upgradeRequired(prefix, { secure: url.startsWith("https:") }));
  }
  return () => refusalResponse({ status: STATUS_CODE.NotFound, sentence: `the metrics are at ${METRICS_PATH}` });
}

function eventAge({ feed }: Service): number | null {
  const { lastEventAt } = feed.stats;
  return lastEventAt === null ? null : performance.now() - lastEventAt;
}

function webSocketEndpoint(
  config: Config,
  context: EndpointContext,
): { registry: Registry; accept: Accept; endpoint: Endpoint } {
  const { service, access } = context;
  const registry = service.registry("ws.api");
  const accept = acceptOf(dispatcherOptions(config, { ...context, registry }), { service, access, endpoint: "ws" });
  const endpoint = createEndpoint({
    prefix: config["ws.rpcprefix"],
    origins: config["ws.origins"],
    maxConnections: config["ws.max-connections"],
    maxMessageBytes: config["ws.max-message"],
    sendBufferBytes: config["ws.send-buffer"],
    idleTimeoutMs: config["ws.idle-timeout"],
    log: logger("ws"),
    authorize: access?.gate.authorize("ws"),
    takesTokens: access?.gate.takesTokens("ws"),
    refusedOrigin: access?.gate.refusedOrigin,
    clientAddress: access?.gate.clientAddress,
  }, accept);
  return { registry, accept, endpoint };
}

function httpEndpoint(config: Config, context: EndpointContext): { registry: Registry; rpc: HttpRpc } {
  const { service, access } = context;
  const registry = service.registry("http.api");
  const timeLimitMs = config["http.timeout"] === 0 ? undefined : config["http.timeout"];
  const options = dispatcherOptions(config, { ...context, registry, timeLimitMs });
  const rpc = createHttpRpc({
    prefix: config["http.rpcprefix"],
    corsDomains: config["http.corsdomain"],
    hosts: context.hosts,
    maxBodyBytes: config["rpc.http-body-limit"] * MIB,
    maxRequests: config["http.max-requests"],
    log: logger("http"),
    authorize: access?.gate.authorize("http"),
    takesTokens: access?.gate.takesTokens("http"),
    clientAddress: access?.gate.clientAddress,
  }, acceptOf(options, { service, access, endpoint: "http" }));
  return { registry, rpc };
}

/** Returns what serves a connection: the methods and the limits are those of its principal. */
function acceptOf(
  options: DispatcherOptions,
  { service, access, endpoint }: { service: Service; access: Access | undefined; endpoint: "ws" | "http" },
): Accept {
  if (access === undefined) return (connection) => createDispatcher(connection, options);
  const registries = new RegistryCache((rights) => service.registry(`${endpoint}.api`, rights));
  const { layers: inner = [] } = options;
  return (connection) =>
    access.gate.serve(connection, (connection, { layers, ...around }) => {
      const rights = connection.peer.principal?.rights;
      const registry = rights === undefined ? options.registry : registries.of(rights);
      return createDispatcher(connection, { ...options, ...around, registry, layers: [...layers, ...inner] });
    });
}

function dispatcherOptions(
  config: Config,
  { service, counts, registry, timeLimitMs }: EndpointContext & {
    registry: Registry;
    timeLimitMs?: number | undefined;
  },
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
    subscriptionCounts: counts.subscriptions,
    layers: [
      service.calls.layer,
      ...counts.calls === undefined ? [] : [counts.calls.layer],
      ...config.datadir === undefined ? [] : [diskLayer(config.datadir, logger("chain"))],
    ],
  };
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000;
}

function upstreamReport(service: Service) {
  const upstreams = service.upstreams();
  return upstreams === null ? {} : { upstreams: upstreamHealth(upstreams) };
}

function upstreamMetrics(service: Service): readonly Family[] {
  const upstreams = service.upstreams();
  return upstreams === null ? [] : upstreamFamilies(upstreams);
}
