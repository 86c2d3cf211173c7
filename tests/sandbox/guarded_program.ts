/**
 * A program that listens, closes its sandbox and then tries what a compromised dependency would try. Prints two lines of
 * JSON: the report with where it listens, and what came of each attempt. Ends when its standard input does.
 */
import { drop, type Needs, refuseExcess, reportLines, type SandboxMode } from "../../src/sandbox/mod.ts";
import { listen } from "../support/listener.ts";

/** What the test asks for, as the only argument. */
export interface Order {
  readonly mode: SandboxMode;
  readonly keep: Needs["keep"];
  readonly once?: Needs["once"];
  readonly port: number;
  /** A file to read, to prove what is kept and what is not. */
  readonly file: string;
  /** False to end when the sandbox is closed. */
  readonly tries?: boolean;
}

const order: Order = JSON.parse(Deno.args[0] ?? "");
const needs: Needs = {
  hostname: "127.0.0.1",
  port: order.port,
  keep: order.keep,
  once: order.once ?? [],
  program: "main.ts",
  args: ["--ws"],
};
const silent = { debug() {}, info() {}, warn() {}, error() {} };

try {
  if (order.mode === "strict") refuseExcess(needs);
} catch (error) {
  console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
  Deno.exit(1);
}

const listener = await listen({
  addr: "127.0.0.1",
  port: order.port,
  prefix: "",
  origins: [],
  maxConnections: 10,
  maxMessageBytes: 1000,
  sendBufferBytes: 1000,
  idleTimeoutMs: 0,
  log: silent,
}, (connection) => ({
  message: (data) => connection.send(`still here: ${data}`),
  closed: () => {},
  drain: () => Promise.resolve(),
  cancel: () => {},
}));
const report = drop(needs, order.mode);
console.log(JSON.stringify({ port: listener.port, report, lines: reportLines(report) }));
if (order.tries === false) Deno.exit(0);
console.log(JSON.stringify(await attempts(listener.port)));
await new Response(Deno.stdin.readable).arrayBuffer();
Deno.exit(0);

/** Tries each thing; `done`, or the name of the error. */
async function attempts(port: number): Promise<Record<string, string>> {
  const tries: Record<string, () => unknown> = {
    "read the file": () => Deno.readTextFileSync(order.file),
    "read another file": () => Deno.readTextFileSync("/etc/hostname"),
    "read through node:fs": async () => (await import("node:fs")).readFileSync("/etc/hostname"),
    "write beside the file": () => Deno.writeTextFileSync(`${order.file}.new`, "x"),
    "write elsewhere": () => Deno.writeTextFileSync("/tmp/sallyport-sandbox-test", "x"),
    "connect": async () => (await Deno.connect({ hostname: "127.0.0.1", port })).close(),
    "connect upstream": async () => (await Deno.connect({ hostname: "127.0.0.1", port: 9 })).close(),
    "fetch": async () => await (await fetch(`http://127.0.0.1:${port}`)).body?.cancel(),
    "open a WebSocket": () => new WebSocket(`ws://127.0.0.1:${port}`).close(),
    "listen again": () => Deno.listen({ hostname: "127.0.0.1", port: 0 }).close(),
    "resolve a name": () => Deno.resolveDns("example.invalid", "A"),
    "run a command": () => new Deno.Command("true").outputSync(),
    "read the environment": () => Deno.env.get("HOME"),
    "ask for the host's name": () => Deno.hostname(),
    "load a library": () => Deno.dlopen("libc.so.6", {}),
    "import code from afar": () => import(`https://127.0.0.1:${port}/${"x"}.ts`),
    "connect from a worker": () => inWorker(`(await Deno.connect({hostname:"127.0.0.1",port:${port}})).close()`),
    "start a worker that imports a package": () => inWorker(`await import("npm:@noble/hashes@2.4.0/sha3.js")`),
    "import a package late": () => import("@noble/hashes/sha3.js"),
  };
  const results: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(tries)) {
    results[name] = await Promise.try(attempt).then(() => "done", (error) => refusalOf(error));
  }
  return results;
}

/** Deno wraps the refusal of an import in a TypeError. */
function refusalOf(error: unknown): string {
  const { name, message } = error as Error;
  return message.includes("Requires import access") ? "NotCapable" : name;
}

function inWorker(code: string): Promise<void> {
  const source = `try { ${code}; postMessage("done"); } catch (error) { postMessage(error.name); }`;
  const worker = new Worker(URL.createObjectURL(new Blob([source])), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  worker.onmessage = ({ data }) => {
    worker.terminate();
    if (data === "done") return resolve();
    reject(Object.assign(new Error("refused in the worker"), { name: data }));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(event.message));
  };
  return promise;
}
