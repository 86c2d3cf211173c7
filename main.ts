/**
 * Sallyport's program: reads the command line, starts the server, waits for a signal, stops it. The only file that reads
 * `Deno.args` and decides exit codes: 0 after a signal, 1 when the server cannot run, 2 for a wrong command line, and
 * 128 plus the signal's number when it was cut short.
 */
import project from "./deno.json" with { type: "json" };
import { type CommandLine, helpText, permittedEnvironment, readCommandLine, UsageError } from "./src/cli/mod.ts";
import { configureLog, type Logger, logger } from "./src/app/log.ts";

const EXIT_CODE = { stopped: 0, failed: 1, usage: 2, signalled: 128 } as const;
const SIGNALS = Deno.build.os === "windows" ? { SIGINT: 2 } as const : { SIGINT: 2, SIGTERM: 15 } as const;

/** Resolves with the first signal's number; a second one ends the process at once. */
function awaitSignal(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let received = false;
  for (const [name, number] of Object.entries(SIGNALS)) {
    Deno.addSignalListener(name as Deno.Signal, () => {
      if (received) Deno.exit(EXIT_CODE.signalled + number);
      received = true;
      resolve(number);
    });
  }
  return promise;
}

/** One connection's bug must not end all the others: what nobody caught is logged, and the process goes on. */
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

async function serve({ config, warnings, shown }: CommandLine): Promise<number> {
  const log = logger("main");
  reportStrayErrors(log);
  for (const warning of warnings) log.warn(warning);
  const signal = awaitSignal();
  // Loaded only now, so that --help and a wrong flag do not wait for the chain's libraries.
  const starting = import("./src/app/server.ts").then(({ start }) =>
    start(config, { version: project.version, flags: shown })
  );
  const first = await Promise.race([starting, signal]);
  if (typeof first === "number") return EXIT_CODE.signalled + first;
  const lost = await Promise.race([signal.then(() => undefined), first.lost]);
  log.info("Stopping", { again: "a second signal stops at once" });
  await first.stop();
  if (lost !== undefined) throw lost;
  log.info("Stopped");
  return EXIT_CODE.stopped;
}

async function main(): Promise<number> {
  try {
    const commandLine = readCommandLine(Deno.args, permittedEnvironment);
    const { config } = commandLine;
    if (config.help || config.version) {
      console.log(config.help ? helpText(project.version) : `sallyport ${project.version}`);
      return EXIT_CODE.stopped;
    }
    const color = Deno.stderr.isTerminal() && permittedEnvironment("NO_COLOR") === undefined;
    configureLog({ verbosity: config.verbosity, format: config["log.format"], color });
    return await serve(commandLine);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`sallyport: ${error.message}`);
      return EXIT_CODE.usage;
    }
    const { message, stack, cause } = error instanceof Error ? error : new Error(String(error));
    console.error(`Fatal: ${message}`);
    logger("main").debug("Cause of the failure", { stack, cause });
    return EXIT_CODE.failed;
  }
}

if (import.meta.main) Deno.exit(await main());
