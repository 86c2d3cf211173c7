/**
 * Sallyport's program: reads the command line, starts the server, waits for a signal, stops it. The only file that reads
 * `Deno.args` and decides exit codes: 0 after a signal, 1 when the server cannot run, 2 for a wrong command line, and
 * 128 plus the signal's number when it was cut short.
 */
import project from "./deno.json" with { type: "json" };
import { logger } from "./src/app/log.ts";
import { flushStderr, stderr } from "./src/app/stderr.ts";
import { type CommandLine, helpText, permittedEnvironment, readCommandLine, UsageError } from "./src/cli/mod.ts";

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

async function start({ config, warnings, shown }: CommandLine) {
  const color = Deno.stderr.isTerminal() && permittedEnvironment("NO_COLOR") === undefined;
  // Loaded only now, so that --help and a wrong flag do not wait for it.
  const { launch } = await import("./src/app/launch.ts");
  const launched = await launch(config, { flags: shown, warnings, color });
  // The packages are loaded only now, so that none of them runs with permissions that were given back.
  const { start } = await import("./src/app/server.ts");
  return await start(config, { launched, about: { version: project.version, color } });
}

async function serve(commandLine: CommandLine): Promise<number> {
  const signal = awaitSignal();
  const first = await Promise.race([start(commandLine), signal]);
  if (typeof first === "number") return EXIT_CODE.signalled + first;
  const lost = await Promise.race([signal.then(() => undefined), first.lost]);
  await first.stop();
  if (lost !== undefined) throw lost;
  logger("main").info("Stopped");
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
    const name = config["auth.newkey"];
    if (name !== undefined) {
      const { newKeyText } = await import("./src/app/new_key.ts");
      console.log(newKeyText(name));
      stderr.write(
        "The first line is the key, which is shown only now; the second is its entry for the file of --auth.keys.",
      );
      return EXIT_CODE.stopped;
    }
    return await serve(commandLine);
  } catch (error) {
    if (error instanceof UsageError) {
      stderr.write(`sallyport: ${error.message}`);
      return EXIT_CODE.usage;
    }
    const { message, stack, cause } = error instanceof Error ? error : new Error(String(error));
    stderr.write(`Fatal: ${message}`);
    logger("main").debug("Cause of the failure", { stack, cause });
    return EXIT_CODE.failed;
  } finally {
    await flushStderr();
  }
}

if (import.meta.main) Deno.exit(await main());
