import { Output, ServerProcess } from "../e2e/server_process.ts";
import { findTool } from "../support/tools.ts";

const START_DEADLINE_MS = 30_000;

/** A server under measurement, in a process of its own. */
export interface Target extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
}

export async function startSallyport(flags: readonly string[] = []): Promise<Target> {
  const server = await ServerProcess.start({ flags: ["--verbosity", "3", ...flags] });
  return {
    name: "sallyport",
    url: server.url,
    pid: server.pid,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The bare `Deno.upgradeWebSocket` server; `result` is the JSON that it answers with. */
export function startBare(result: string): Promise<Target> {
  const script = new URL("./bare_server.ts", import.meta.url).pathname;
  return startChild("bare", Deno.execPath(), ["run", "--no-prompt", "--allow-net", script, result]);
}

/** Starts anvil; null where it is not installed. */
export async function startAnvil(flags: readonly string[] = []): Promise<Target | null> {
  const program = findTool("anvil");
  if (program === undefined) return null;
  return await startChild("anvil", program, ["--port", "0", "--chain-id", "1337", ...flags]);
}

/** geth's dev node, when geth is installed; else null. */
export async function startGeth(): Promise<Target | null> {
  const program = findTool("geth");
  if (program === undefined) return null;
  const child = new Deno.Command(program, {
    args: ["--dev", "--ws", "--ws.port", "0", "--ws.api", "eth,net,web3,debug", "--port", "0", "--ipcdisable"],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = new Output(child);
  const [, url = ""] = await output.waitFor(/WebSocket enabled\s+url=(ws:\/\/\S+)/, START_DEADLINE_MS);
  return {
    name: "geth",
    url,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await output.ended;
    },
  };
}

async function startChild(name: string, program: string, args: readonly string[]): Promise<Target> {
  const child = new Deno.Command(program, { args: [...args], stdin: "null", stdout: "piped", stderr: "null" }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), START_DEADLINE_MS);
  let printed = "";
  const [output, rest] = child.stdout.tee();
  rest.pipeTo(new WritableStream()).catch(() => {});
  const reader = output.pipeThrough(new TextDecoderStream()).getReader();
  let address: string | undefined;
  while (address === undefined) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${name} ended before it listened:\n${printed}`);
    printed += value;
    address = /listening (?:on |ws:\/\/)(127\.0\.0\.1:\d+)/i.exec(printed)?.[1];
  }
  clearTimeout(timer);
  await reader.cancel();
  return {
    name,
    url: `ws://${address}`,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

/** The resident memory of a process, bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

/** V8 gives memory back some 10 to 30 seconds after the last work (measured). */
const REST_MS = 45_000;

/** The resident memory of a process when nothing has happened in it for a while, bytes. */
export async function residentAtRest(pid: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  return await residentBytes(pid);
}
