/**
 * The program for hosts that bind the port themselves: `deno serve --allow-net src/app/serve.ts`, and services that run a
 * default export with `fetch`. WebSocket, HTTP, health and (when on) metrics share that port. There is no command line;
 * the flags' environment variables (`SALLYPORT_WS_API` and so on) count where reading them is permitted.
 */
import project from "../../deno.json" with { type: "json" };
import { type Config, permittedEnvironment, readCommandLine, UsageError } from "../cli/mod.ts";
import { createDoors, type Doors } from "./endpoints.ts";
import { configureLog, logger } from "./log.ts";
import { drop, reportLines } from "../sandbox/mod.ts";
import { exposureUnknown, fileGrants, openService, type Service } from "./service.ts";

const STOP_GRACE_MS = 5_000;
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];

/** Both endpoints are on, as there is no other way to say so; the environment may turn one off. */
const ON: Readonly<Record<string, string>> = { SALLYPORT_WS: "true", SALLYPORT_HTTP: "true" };

/**
 * `deno serve --parallel` runs this file once per core, each with a chain of its own behind the same port: a client would
 * see another chain on each connection. Workers of one process hear each other here, and cannot be told apart otherwise.
 */
function refuseCompany(): void {
  // Where isolates are spread over machines, each is alone by design, and process ids say nothing.
  if (permittedEnvironment("DENO_DEPLOYMENT_ID") !== undefined) return;
  const channel = new BroadcastChannel("sallyport");
  channel.onmessage = ({ data }) => {
    if (data !== Deno.pid) return;
    console.error("Fatal: each worker of --parallel would serve a chain of its own; start without --parallel");
    Deno.exit(1);
  };
  channel.postMessage(Deno.pid);
}

async function open(): Promise<{ config: Config; service: Service; doors: Doors }> {
  const { config, warnings } = readCommandLine([], (name) => permittedEnvironment(name) ?? ON[name]);
  configureLog({ verbosity: config.verbosity, format: config["log.format"], color: false });
  for (const warning of warnings) logger("server").warn(warning);
  const service = await openService(config, {
    version: project.version,
    exposure: exposureUnknown(config),
  });
  return { config, service, doors: createDoors(config, service) };
}

/** One line instead of a stack, and main.ts's exit codes. */
function refuseToStart(error: unknown): never {
  console.error(`Fatal: ${error instanceof Error ? error.message : error}`);
  Deno.exit(error instanceof UsageError ? 2 : 1);
}

refuseCompany();
const { config, service, doors } = await open().catch(refuseToStart);
const log = logger("server");

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) Deno.exit(1);
  stopping = true;
  log.info("Stopping", { again: "a second signal stops at once" });
  await doors.stop({ graceMs: STOP_GRACE_MS });
  service.close();
  log.info("Stopped");
  Deno.exit(0);
}

/** The port is bound: gives back what is not needed any more, and listens for the end. */
function onListen(addr: Deno.Addr): void {
  for (const signal of SIGNALS) Deno.addSignalListener(signal, stop);
  if (addr.transport !== "tcp") return;
  const { hostname, port } = addr;
  const needs = { hostname, port, ...fileGrants(config), program: "src/app/serve.ts", args: [] };
  // What would have been enough is a line for `deno run`, which this is not.
  const report = { ...drop(needs, config.sandbox), least: null };
  for (const { level, message, fields } of reportLines(report)) log[level](message, fields);
  log.info("Serving", { address: `${hostname}:${port}`, ws: config.ws, http: config.http });
}

export default { fetch: doors.site(["ws", "http", "metrics"]), onListen };
