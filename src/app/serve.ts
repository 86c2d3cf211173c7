/**
 * The program for hosts that bind the port themselves: `deno serve --allow-net src/app/serve.ts`, and services that run a
 * default export with `fetch`. WebSocket, HTTP, health and (when on) metrics share that port. There is no command line;
 * the flags' environment variables (`SALLYPORT_WS_API` and so on) count where reading them is permitted.
 */
import project from "../../deno.json" with { type: "json" };
import { type CommandLine, permittedEnvironment, readCommandLine, UsageError } from "../cli/mod.ts";
import { reportLines } from "../sandbox/mod.ts";
import { closeSandbox } from "./close_sandbox.ts";
import type { Endpoints } from "./endpoints.ts";
import { logger } from "./log.ts";
import type { Access } from "./access.ts";
import { reloadOnHangup } from "./reload.ts";
import type { Service } from "./service.ts";
import {
  type AuditFile,
  fileGrants,
  type InputFiles,
  nodeGrants,
  openAuditFile,
  openPortWarnings,
  readInputFiles,
} from "./startup/mod.ts";
import { flushStderr, stderr } from "./stderr.ts";
import { STOP_GRACE_MS, STOP_LIMIT_MS, stopInTime } from "./stop.ts";

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];

/** The defaults: both endpoints are on, because there is no command line; the environment may switch one off. */
const ON: Readonly<Record<string, string>> = { SALLYPORT_WS: "true", SALLYPORT_HTTP: "true" };

/**
 * Refuses `deno serve --parallel`, which runs this file once per core, each with a chain of its own behind the same port: a
 * client would see another chain on each connection. The workers of one process find each other through a channel, because
 * nothing else distinguishes them from a single one.
 */
function refuseParallelWorkers(): void {
  // Where isolates are spread over machines, each runs alone, and process ids mean nothing.
  if (permittedEnvironment("DENO_DEPLOYMENT_ID") !== undefined) return;
  const channel = new BroadcastChannel("sallyport");
  channel.onmessage = ({ data }) => {
    if (data !== Deno.pid) return;
    refuseToStart(new Error("each worker of --parallel would serve a chain of its own; start without --parallel"));
  };
  channel.postMessage(Deno.pid);
}

/** The handler of requests. */
type Fetch = ReturnType<Endpoints["handler"]>;

/** A service with its endpoints. */
interface Opened {
  readonly service: Service;
  readonly endpoints: Endpoints;
  readonly access: Access | undefined;
  readonly fetch: Fetch;
}

/** Loads the packages, which get only the permissions that are left by then, and opens the service. */
async function open(
  { config, warnings }: CommandLine,
  { inputs, audit, host }: {
    readonly inputs: InputFiles;
    readonly audit: AuditFile | undefined;
    readonly host: string;
  },
): Promise<Opened> {
  const open = openPortWarnings(config, { host });
  const [{ configureLog }, { openAccess }, { createEndpoints }, { exposureUnknown, openService }] = await Promise.all([
    import("./log_setup.ts"),
    import("./access.ts"),
    import("./endpoints.ts"),
    import("./service.ts"),
  ]);
  configureLog({ verbosity: config.verbosity, format: config["log.format"], color: false });
  for (const warning of [...warnings, ...open]) logger("server").warn(warning);
  const service = await openService(config, { version: project.version, inputs, exposure: exposureUnknown(config) });
  const access = await openAccess(config, { inputs, audit });
  const endpoints = createEndpoints(config, { service, access });
  return { service, endpoints, access, fetch: endpoints.handler(["ws", "http", "metrics"]) };
}

/** Ends the process with one line instead of a stack, and with main.ts's exit codes. */
async function refuseToStart(error: unknown): Promise<never> {
  stderr.write(`Fatal: ${error instanceof Error ? error.message : error}`);
  await flushStderr();
  Deno.exit(error instanceof UsageError ? 2 : 1);
}

function readSettings(): CommandLine {
  const settings = readCommandLine([], (name) => permittedEnvironment(name) ?? ON[name]);
  if (settings.config["tls.cert"] !== undefined) {
    throw new UsageError(
      "SALLYPORT_TLS_CERT: the host binds the port, so it encrypts it: deno serve --cert FILE --key FILE",
    );
  }
  return settings;
}

refuseParallelWorkers();
const settings = await Promise.try(readSettings).catch(refuseToStart);
const { config } = settings;
const inputs = await readInputFiles(config).catch(refuseToStart);
const audit = await openAuditFile(config.audit).catch(refuseToStart);
const nodes = await nodeGrants(config).catch(refuseToStart);
let opened: Promise<Opened> | undefined;
let ready: Opened | undefined;

/** What is taken for the address of a host that does not tell it: everybody may reach it. */
const UNKNOWN_HOST = "0.0.0.0";

/** Opens the service once; a host that does not call `onListen` opens it with its first request. */
function openOnce(host = UNKNOWN_HOST): Promise<Opened> {
  opened ??= open(settings, { inputs, audit, host }).then((it) => ready = it).catch(refuseToStart);
  return opened;
}

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) Deno.exit(1);
  stopping = true;
  const log = logger("server");
  log.info("Stopping", { within: `${STOP_LIMIT_MS / 1_000}s`, again: "a second signal stops at once" });
  if (ready !== undefined) {
    if (!await stopInTime(ready.endpoints.stop({ graceMs: STOP_GRACE_MS }))) {
      log.warn("Stopped before everything was closed");
    }
    ready.service.close();
    await ready.access?.close();
  }
  log.info("Stopped");
  await flushStderr();
  Deno.exit(0);
}

/** Gives back the permissions once the port is bound, loads the packages and opens the service. */
async function onListen(addr: Deno.Addr): Promise<void> {
  for (const signal of SIGNALS) Deno.addSignalListener(signal, stop);
  if (addr.transport !== "tcp") return;
  const { hostname, port } = addr;
  const { once, keep } = fileGrants(config);
  const needs = { hostname, port, once, keep: [...keep, ...nodes], program: "src/app/serve.ts", args: [] };
  // The least command line is for `deno run`, so it is left out here.
  const report = { ...closeSandbox(needs, config.sandbox), least: null };
  const { access } = await openOnce(hostname);
  const log = logger("server");
  reloadOnHangup(access?.reloadables ?? [], log);
  for (const { level, message, fields } of reportLines(report)) log[level](message, fields);
  log.info("Serving", { address: `${hostname}:${port}`, ws: config.ws, http: config.http });
}

const fetch: Fetch = (request, info) =>
  ready === undefined ? openOnce().then((it) => it.fetch(request, info)) : ready.fetch(request, info);

/**
 * The handler that `deno serve` runs: `fetch` answers HTTP and WebSocket, `onListen` closes the sandbox once the host has
 * bound the port. A service that runs a default export with `fetch` alone works as well.
 *
 * ```ts ignore
 * import server from "./serve.ts";
 *
 * Deno.serve({ port: 8545, onListen: server.onListen }, server.fetch);
 * ```
 */
export default { fetch, onListen };
