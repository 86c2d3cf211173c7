/**
 * The composition root: from a Config to a running server. With `service.ts` and `doors.ts` the only place that sees
 * every layer, and where to look up what is connected to what. It decides nothing that a layer could decide.
 */
import { type EndpointExposure, widestExposure } from "../accounts/mod.ts";
import { DEFAULT_MNEMONIC } from "../chain/mod.ts";
import { type Config, type EndpointPlace, endpointsOf, type Role } from "../cli/mod.ts";
import { createDoors, type Doors } from "./endpoints.ts";
import { logger } from "./log.ts";
import { METRICS_PATH } from "../metrics/mod.ts";
import { drop, type Grant, type Needs, refuseExcess, reportLines } from "../sandbox/mod.ts";
import { fileGrants, openService, type Service, type ServiceOptions } from "./service.ts";
import {
  bindFailure,
  type FirstScreen,
  listeningLost,
  printFirstScreen,
  requireListenPermission,
} from "./startup/mod.ts";
import { bind, type Bound, originPolicy } from "../transport/mod.ts";
import { checksumAddress } from "../primitives/checksum.ts";

/** How long running calls may take to finish when the server stops. */
const STOP_GRACE_MS = 5_000;

/** What the program knows of itself and of how it was started. */
export interface About {
  readonly version: string;
  /** The flags as given, without secrets. */
  readonly flags: readonly string[];
}

/** A server that is listening. */
export interface Server {
  /** Resolves with the reason when an endpoint is lost for good. */
  readonly lost: Promise<Error>;
  /** Stops accepting, lets running calls finish for a few seconds, and closes every connection. */
  stop(): Promise<void>;
}

/** A port that is bound. */
interface Opened {
  readonly roles: readonly Role[];
  readonly bound: Bound;
  readonly lost: Promise<Error>;
}

/** Starts everything that the Config names; resolves once the endpoints are open and the first screen is printed. */
export async function start(config: Config, about: About): Promise<Server> {
  const places = endpointsOf(config);
  const needs = needsOf(config, { places, about });
  if (config.sandbox === "strict") refuseExcess(needs);
  for (const place of places) requireListenPermission(place);
  const service = await openService(config, {
    version: about.version,
    exposure: exposureOf(config),
    terminal: Deno.stderr.isTerminal(),
  });
  const doors = createDoors(config, service);
  const opened = await openAll(places, doors);
  const sandbox = drop(needs, config.sandbox);
  printFirstScreen(await firstScreen(config, { service, doors, opened, sandbox: reportLines(sandbox) }));
  return {
    lost: Promise.race(opened.map(({ lost }) => lost)),
    async stop() {
      await Promise.all(opened.map(({ bound }) => bound.stop({ graceMs: STOP_GRACE_MS })));
      service.close();
    },
  };
}

function needsOf(config: Config, { places, about }: { places: readonly EndpointPlace[]; about: About }): Needs {
  const { once, keep } = fileGrants(config);
  const [first = { hostname: "", port: 0 }, ...others] = places;
  return {
    hostname: first.hostname,
    port: first.port,
    once: [
      ...others.map(({ hostname, port }): Grant => ({ name: "net", scope: hostAndPort(hostname, port) })),
      ...once,
    ],
    keep,
    program: "main.ts",
    args: about.flags,
  };
}

/** Who can reach the accounts. */
function exposureOf(config: Config): ServiceOptions["exposure"] {
  const endpoints: EndpointExposure[] = [];
  if (config.ws) endpoints.push({ address: config["ws.addr"], origins: config["ws.origins"] });
  if (config.http) endpoints.push({ address: config["http.addr"], origins: config["http.corsdomain"] });
  return widestExposure(endpoints);
}

async function openAll(places: readonly EndpointPlace[], doors: Doors): Promise<readonly Opened[]> {
  const opened: Opened[] = [];
  for (const { hostname, port, roles } of places) {
    try {
      const door = { fetch: doors.site(roles), stop: doors.stop };
      const bound = await bind({ addr: hostname, port, log: logger(roles[0] ?? "server") }, door);
      const target = { hostname, port: bound.port, flags: roles[0] ?? "" };
      opened.push({ roles, bound, lost: bound.lost.then((cause) => listeningLost(target, cause)) });
    } catch (cause) {
      throw bindFailure({ hostname, port, flags: roles[0] ?? "" }, cause);
    }
  }
  return opened;
}

async function firstScreen(
  config: Config,
  { service, doors, opened, sandbox }: {
    service: Service;
    doors: Doors;
    opened: readonly Opened[];
    sandbox: FirstScreen["sandbox"];
  },
): Promise<FirstScreen> {
  const { identity, blocks } = service.node;
  const { ws, http } = doors;
  const registries = [ws?.registry, http?.registry].filter((registry) => registry !== undefined);
  const [namespaces = [], overHttp] = registries.map((registry) => registry.namespaces);
  const hostOf = (role: Role) => opened.find(({ roles }) => roles.includes(role))?.bound.host;
  const period = config["dev.period"];
  return {
    version: service.version,
    chain: {
      chainId: BigInt(await identity.chainId()),
      networkId: BigInt(await identity.networkId()),
      head: BigInt(await blocks.headNumber()),
      sealing: period === 0 ? "each transaction" : `every ${period} s`,
    },
    accounts: service.devAccounts.map(({ address }) => checksumAddress(address)),
    keysOf: config["dev.mnemonic"] === DEFAULT_MNEMONIC
      ? "geth --dev, the test mnemonic"
      : "geth --dev, --dev.mnemonic",
    namespaces,
    namespacesOff: service.namespacesBeside(registries),
    sandbox,
    ws: ws && {
      url: `ws://${hostOf("ws")}${config["ws.rpcprefix"]}`,
      origins: originPolicy(config["ws.origins"]).rules,
    },
    http: http && {
      endpoint: hostOf("http") ?? "",
      prefix: config["http.rpcprefix"],
      cors: config["http.corsdomain"],
      vhosts: config["http.vhosts"],
      namespaces: overHttp?.join() === namespaces.join() ? undefined : overHttp,
    },
    metrics: config.metrics ? `http://${hostOf("metrics")}${METRICS_PATH}` : undefined,
  };
}

function hostAndPort(hostname: string, port: number): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
