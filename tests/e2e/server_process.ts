const READY_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 10_000;

export interface ServerProcessOptions {
  /** Flags after `--ws --ws.port 0`. */
  flags?: readonly string[];
  /** The hosts of `--allow-net`; all of them by default. */
  hosts?: readonly string[];
  /** Permissions beside `--allow-net`. */
  permissions?: readonly string[];
  /** Environment variables beside the inherited ones. */
  env?: Record<string, string>;
  /** What is run instead of main.ts. */
  program?: string;
  /** The folder it is run in. */
  cwd?: string;
  /** What is printed when it is ready; the first group becomes the url. */
  ready?: RegExp;
}

const WEB_SOCKET_ENABLED = /WebSocket enabled\s+url=(ws:\/\/\S+)/;

/** The real program in a process of its own, on a free port. */
export class ServerProcess implements AsyncDisposable {
  readonly url: string;
  readonly #child: Deno.ChildProcess;
  readonly #output: Output;

  private constructor(child: Deno.ChildProcess, output: Output, url: string) {
    this.#child = child;
    this.#output = output;
    this.url = url;
  }

  /** Starts the program and waits until its endpoint is open. */
  static async start(options: ServerProcessOptions = {}): Promise<ServerProcess> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        options.hosts === undefined ? "--allow-net" : `--allow-net=${options.hosts.join()}`,
        ...options.permissions ?? [],
        options.program ?? new URL("../../main.ts", import.meta.url).pathname,
        "--ws",
        "--ws.port",
        "0",
        ...options.flags ?? [],
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    }).spawn();
    const output = new Output(child);
    const line = await output.waitFor(options.ready ?? WEB_SOCKET_ENABLED, READY_DEADLINE_MS).catch(
      async (error) => {
        kill(child, "SIGKILL");
        await child.status;
        await output.ended;
        throw error;
      },
    );
    return new ServerProcess(child, output, line[1] ?? "");
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Everything printed so far, both streams. */
  get printed(): string {
    return this.#output.text;
  }

  /** Resolves with the match once the program has printed it. */
  waitForOutput(pattern: RegExp, deadlineMs = 10_000): Promise<RegExpMatchArray> {
    return this.#output.waitFor(pattern, deadlineMs);
  }

  /** The resident memory, bytes. */
  residentBytes(): number {
    const status = Deno.readTextFileSync(`/proc/${this.pid}/status`);
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  }

  /** Asks the program to stop and resolves with its exit code. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<number> {
    kill(this.#child, signal);
    const killer = setTimeout(() => kill(this.#child, "SIGKILL"), STOP_DEADLINE_MS);
    const { code } = await this.#child.status;
    clearTimeout(killer);
    await this.#output.ended;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Sends a signal, unless the process has ended already: its exit code tells how. */
function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Collects what a child prints and tells when a pattern has appeared. */
export class Output {
  text = "";
  readonly ended: Promise<void>;
  #ended = false;
  #watchers = new Set<() => void>();

  constructor(child: Deno.ChildProcess) {
    this.ended = Promise.all([this.#read(child.stdout), this.#read(child.stderr)]).then(() => {
      this.#ended = true;
      this.#wake();
    });
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.text += decoder.decode(chunk, { stream: true });
      this.#wake();
    }
  }

  #wake(): void {
    for (const watcher of this.#watchers) watcher();
  }

  waitFor(pattern: RegExp, deadlineMs: number): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        finish();
      };
      const timer = setTimeout(
        () => settle(() => reject(new Error(`${pattern} was not printed in ${deadlineMs} ms; printed:\n${this.text}`))),
        deadlineMs,
      );
      const look = () => {
        const match = this.text.match(pattern);
        if (match !== null) settle(() => resolve(match));
        else if (this.#ended) settle(() => reject(new Error(`the program ended without ${pattern}:\n${this.text}`)));
      };
      this.#watchers.add(look);
      look();
    });
  }
}
