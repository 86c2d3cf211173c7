/**
 * The composition root: it makes a running server from a Config and bound ports. Only this file, `launch.ts`, `service.ts`
 * and `endpoints.ts` import every layer; they show how the layers are connected. It decides nothing that a layer could
 * decide.
 */
import { type EndpointExposure, widestExposure } from "../accounts/mod.ts";
import { DEFAULT_MNEMONIC } from "../chain/mod.ts";
import { type Config, guardsOf, type Role } from "../cli/mod.ts";
import { openAccess } from "./access.ts";
import { createEndpoints, type Endpoints } from "./endpoints.ts";
import type { Launched, OpenPort } from "./launch.ts";
import { type Logger, logger } from "./log.ts";
import { configureLog } from "./log_setup.ts";
import { METRICS_PATH } from "../metrics/mod.ts";
import { reportLines } from "../sandbox/mod.ts";
import { openService, type Service, type ServiceOptions } from "./service.ts";
import { type FirstScreen, printFirstScreen, type Tls } from "./startup/mod.ts";
import { certificateReload, warnOfDates } from "./certificates.ts";
import { reloadOnHangup } from "./reload.ts";
import { STOP_GRACE_MS, STOP_LIMIT_MS, stopInTime } from "./stop.ts";
import { originPolicy } from "../transport/mod.ts";
import { checksumAddress } from "../primitives/checksum.ts";

/** Facts about the program and its start. */
export interface About {
  readonly version: string;
  /** True where the log may have colours. */
  readonly color: boolean;
}

/** A server that is listening. */
export interface Server {
  /** Resolves with the reason when an endpoint is lost for good. */
  readonly lost: Promise<Error>;
  /** Stops accepting, lets running calls finish for a few seconds, and closes every connection. */
  stop(): Promise<void>;
}

/** Starts everything that the Config names, behind ports that are bound; resolves once the first screen is printed. */
export async function start(
  config: Config,
  { launched, about }: { readonly launched: Launched; readonly about: About },
): Promise<Server> {
  const { inputs, audit, upstreams, forked, ports, sandbox } = launched;
  configureLog({ verbosity: config.verbosity, format: config["log.format"], color: about.color });
  const log = logger("main");
  reportStrayErrors(log);
  const access = await openAccess(config, { inputs, audit });
  const service = await openService(config, {
    version: about.version,
    inputs,
    exposure: exposureOf(config),
    upstreams,
    forked,
    terminal: Deno.stderr.isTerminal(),
  });
  const endpoints = createEndpoints(config, { service, access });
  for (const port of ports) port.serve({ fetch: endpoints.handler(port.roles), stop: endpoints.stop });
  const certificates = certificateReload(config, { ports, endpoints, log: logger("tls") });
  const stopReloading = reloadOnHangup([...certificates, ...access?.reloadables ?? []], log);
  if (inputs.tls !== undefined) warnOfDates(inputs.tls, { log: logger("tls") });
  printFirstScreen(
    await firstScreen(config, { service, endpoints, ports, tls: inputs.tls, sandbox: reportLines(sandbox) }),
  );
  return {
    lost: Promise.race(ports.map(({ lost }) => lost)),
    async stop() {
      stopReloading();
      log.info("Stopping", { within: `${STOP_LIMIT_MS / 1_000}s`, again: "a second signal stops at once" });
      const stopping = Promise.all(ports.map(({ bound }) => bound.stop({ graceMs: STOP_GRACE_MS }))).then(() => {});
      if (!await stopInTime(stopping)) log.warn("Stopped before everything was closed");
      service.close();
      await access?.close();
    },
  };
}

/** Logs errors that nothing caught, and keeps the process running: an error of one connection must not end the others. */
function reportStrayErrors(log: Logger): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log.error("Unhandled rejection", { error: event.reason, stack: event.reason?.stack });
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    log.error("Uncaught error", { error: event.error, stack: event.error?.stack });
  });
}

/** Returns the ways in which others can reach the accounts. */
function exposureOf(config: Config): ServiceOptions["exposure"] {
  const endpoints: EndpointExposure[] = [];
  const asks = (endpoint: "ws" | "http") => ({ authenticated: guardsOf(config, endpoint).length > 0 });
  if (config.ws) endpoints.push({ address: config["ws.addr"], origins: config["ws.origins"], ...asks("ws") });
  if (config.http) {
    endpoints.push({ address: config["http.addr"], origins: config["http.corsdomain"], ...asks("http") });
  }
  return widestExposure(endpoints);
}

async function firstScreen(
  config: Config,
  { service, endpoints, ports, tls, sandbox }: {
    service: Service;
    endpoints: Endpoints;
    ports: readonly OpenPort[];
    tls: Tls | undefined;
    sandbox: FirstScreen["sandbox"];
  },
): Promise<FirstScreen> {
  const { identity, blocks } = service.node;
  const { ws, http } = endpoints;
  const registries = [ws?.registry, http?.registry].filter((registry) => registry !== undefined);
  const [namespaces = [], overHttp] = registries.map((registry) => registry.namespaces);
  const hostOf = (role: Role) => ports.find(({ roles }) => roles.includes(role))?.bound.host;
  const period = config["dev.period"];
  const [webSocketScheme, httpScheme] = tls === undefined ? ["ws", "http"] : ["wss", "https"];
  return {
    version: service.version,
    chain: {
      chainId: BigInt(await identity.chainId()),
      networkId: BigInt(await identity.networkId()),
      head: BigInt(await blocks.headNumber()),
      datadir: config.datadir,
      sealing: service.isGateway ? undefined : period === 0 ? "each transaction" : `every ${period} s`,
    },
    upstreams: service.upstreams()?.upstreams() ?? [],
    fork: service.fork(),
    accounts: service.devAccounts.map(({ address }) => checksumAddress(address)),
    keysOf: config["dev.mnemonic"] === DEFAULT_MNEMONIC
      ? "geth --dev, the test mnemonic"
      : "geth --dev, --dev.mnemonic",
    namespaces,
    namespacesOff: service.namespacesOff(registries),
    sandbox,
    certificate: tls && { names: tls.facts.names, until: tls.facts.until.toISOString() },
    ws: ws && {
      url: `${webSocketScheme}://${hostOf("ws")}${config["ws.rpcprefix"]}`,
      origins: originPolicy(config["ws.origins"]).rules,
    },
    http: http && {
      endpoint: hostOf("http") ?? "",
      secure: tls !== undefined,
      prefix: config["http.rpcprefix"],
      cors: config["http.corsdomain"],
      vhosts: config["http.vhosts"],
      namespaces: overHttp?.join() === namespaces.join() ? undefined : overHttp,
    },
    guards: Object.fromEntries(
      (["ws", "http"] as const).filter((endpoint) => config[endpoint] && guardsOf(config, endpoint).length > 0)
        .map((endpoint) => [endpoint, guardsOf(config, endpoint).map((flag) => `--${flag}`)]),
    ),
    metrics: config.metrics ? `${httpScheme}://${hostOf("metrics")}${METRICS_PATH}` : undefined,
  };
}
