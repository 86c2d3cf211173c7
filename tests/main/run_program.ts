/** How a run of the program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly permissions?: readonly string[];
  readonly env?: Record<string, string>;
}

/** A program that began to serve instead would never end. */
const DEADLINE_MS = 60_000;
const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** Runs the program with `args` until it ends by itself. */
export async function runProgram(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), DEADLINE_MS);
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...options.permissions ?? ["--allow-net"], MAIN, ...args],
    stdin: "null",
    env: { NO_COLOR: "1", ...options.env },
    signal: deadline.signal,
  });
  const { code, stdout, stderr } = await command.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
