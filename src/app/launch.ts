/**
 * The first part of the program, which runs with all the permissions that the process was started with: it reads the files
 * that flags name, binds the ports, and gives the permissions back. It loads no package but `@std`, and everything else is
 * loaded after it, so no other package ever has more permissions than the server keeps. A test checks the list of packages.
 */
import { type Config, type EndpointPlace, endpointsOf, listenerOf, type Role } from "../cli/mod.ts";
import { type Grant, type Needs, refuseExcess, type SandboxReport } from "../sandbox/mod.ts";
import { bind, type Bound } from "../transport/mod.ts";
import type { UpstreamSpec } from "../upstream/upstream.ts";
import { closeSandbox } from "./close_sandbox.ts";
import { openEarlyLog } from "./early_log.ts";
import { logger } from "./log.ts";
import {
  type AuditFile,
  bindFailure,
  describedFork,
  describedUpstreams,
  fileGrants,
  type InputFiles,
  listeningLost,
  openAuditFile,
  openPortWarnings,
  readInputFiles,
  requireKeystore,
  requireListenPermission,
  upstreamGrants,
} from "./startup/mod.ts";
import { hostPort } from "../text/host_port.ts";

/** The service behind a port. */
export type Served = Parameters<typeof bind>[1];

/** A port that is bound; requests wait until `serve` is called. */
export interface OpenPort {
  readonly roles: readonly Role[];
  readonly bound: Bound;
  /** Resolves with the reason when the port is lost for good. */
  readonly lost: Promise<Error>;
  serve(served: Served): void;
}

/** The results of the launch: file contents, bound ports, and a report about the permissions. */
export interface Launched {
  readonly inputs: InputFiles;
  /** The place for the audit log; undefined where none is kept. */
  readonly audit: AuditFile | undefined;
  /** The nodes behind the gateway; without any, the server runs the embedded chain. */
  readonly upstreams: readonly UpstreamSpec[];
  /** The nodes of the chain to fork; none where nothing is forked. */
  readonly forked: readonly UpstreamSpec[];
  readonly ports: readonly OpenPort[];
  readonly sandbox: SandboxReport;
}

/** The time for which requests wait while the chain is loaded, milliseconds. */
const STARTING_WAIT_MS = 10_000;

/** The facts about the start besides the Config. */
export interface LaunchOptions {
  /** The flags as given, without secrets. */
  readonly flags: readonly string[];
  /** Warnings for the user; none of them is an error. */
  readonly warnings: readonly string[];
  /** True where the log may have colours. */
  readonly color: boolean;
}

/**
 * Reads files, binds ports and gives permissions back. Throws `UsageError`, `StartError` or `SandboxError`, each with a
 * message for the user.
 */
export async function launch(config: Config, { flags, warnings, color }: LaunchOptions): Promise<Launched> {
  openEarlyLog({ verbosity: config.verbosity, format: config["log.format"], color });
  for (const warning of warnings) logger("main").warn(warning);
  const openPorts = openPortWarnings(config);
  const places = endpointsOf(config);
  const upstreams = await describedUpstreams(config);
  const forked = await describedFork(config);
  const needs = needsOf(config, { places, flags, upstreams: [...upstreams, ...forked] });
  if (config.sandbox === "strict") refuseExcess(needs);
  for (const place of places) requireListenPermission(place);
  const inputs = await readInputFiles(config);
  const audit = await openAuditFile(config.audit);
  const ports: OpenPort[] = [];
  for (const place of places) {
    ports.push(await openPort(place, { server: listenerOf(config), tls: inputs.tls?.material }));
  }
  // Said only now: a port that cannot be bound is open to nobody.
  for (const warning of openPorts) logger("main").warn(warning);
  const sandbox = closeSandbox(needs, config.sandbox);
  // The grant for a folder around it has been given back with --datadir's, so it has to be granted by its own name.
  requireKeystore(config);
  return { inputs, audit, upstreams, forked, ports, sandbox };
}

function needsOf(
  config: Config,
  { places, flags, upstreams }: {
    places: readonly EndpointPlace[];
    flags: readonly string[];
    upstreams: readonly UpstreamSpec[];
  },
): Needs {
  const { once, keep } = fileGrants(config);
  const [first = { hostname: "", port: 0 }, ...others] = places;
  // Deno.serve takes another certificate only by listening again.
  const listensAgain = config["tls.reload"] && listenerOf(config) === "deno" ? places : [];
  return {
    hostname: first.hostname,
    port: first.port,
    once: [
      ...others.map(({ hostname, port }): Grant => ({ name: "net", scope: hostPort(hostname, port) })),
      ...once,
    ],
    keep: [
      ...keep,
      ...upstreamGrants(upstreams),
      ...listensAgain.map(({ hostname, port }): Grant => ({ name: "net", scope: hostPort(hostname, port) })),
    ],
    program: "main.ts",
    args: flags,
  };
}

async function openPort(
  { hostname, port, roles }: EndpointPlace,
  how: Pick<Parameters<typeof bind>[0], "server" | "tls">,
): Promise<OpenPort> {
  const { promise, resolve } = Promise.withResolvers<Served>();
  let ready: Served | undefined;
  const flags = roles[0] ?? "";
  try {
    const bound = await bind({ addr: hostname, port, log: logger(roles[0] ?? "server"), ...how }, {
      fetch: (request, info) =>
        ready === undefined ? whenReady(promise, (served) => served.fetch(request, info)) : ready.fetch(request, info),
      stop: async (options) => await ready?.stop(options),
    });
    const target = { hostname, port: bound.port, flags };
    return {
      roles,
      bound,
      lost: bound.lost.then((cause) => listeningLost(target, cause)),
      serve(served) {
        ready = served;
        resolve(served);
      },
    };
  } catch (cause) {
    throw bindFailure({ hostname, port, flags }, cause);
  }
}

async function whenReady(
  ready: Promise<Served>,
  use: (served: Served) => Response | Promise<Response>,
): Promise<Response> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), STARTING_WAIT_MS);
  const served = await Promise.race([ready, promise]);
  clearTimeout(timer);
  return served === undefined ? new Response("the server is starting\n", { status: 503 }) : await use(served);
}
