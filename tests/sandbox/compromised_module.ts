/**
 * A module inside the server, as a compromised dependency would be: `deno run --preload` runs it before main.ts. It waits
 * until the sandbox is closed, and then tries to reach hosts. Prints one line of JSON: what came of each attempt.
 */
import http from "node:http";
import net from "node:net";

/** What the test tells the module, in a variable that it reads before the sandbox is closed. */
export interface Aims {
  /** The server's own `host:port`. */
  readonly own: string;
  /** The `host:port` of the node behind it. */
  readonly upstream: string;
  /** The `host:port` of a server that is nobody's business. */
  readonly other: string;
}

const aims: Aims = JSON.parse(Deno.env.get("SALLYPORT_TEST_AIMS") ?? "null");
const { connect, listen, resolveDns } = Deno;

function placeOf(host: string): { readonly hostname: string; readonly port: number } {
  const [hostname = "", port] = host.split(":");
  return { hostname, port: Number(port) };
}

/** Node's modules tell a failure by an event. */
function event(emitter: net.Socket | http.ClientRequest, success: string): Promise<unknown> {
  return new Promise((resolve, reject) => emitter.on(success, resolve).on("error", reject));
}

function opened(url: string): Promise<unknown> {
  const socket = new WebSocket(url);
  return new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = (event) => reject(new Error(event instanceof ErrorEvent ? event.message : "it failed"));
  });
}

function attempts({ own, upstream, other }: Aims): Record<string, () => unknown> {
  const there = placeOf(other);
  return {
    "connect": () => connect(there),
    "connect to the port of the upstream by another name": () =>
      connect({ ...placeOf(upstream), hostname: "localhost" }),
    "connect to another port of the upstream's host": () => connect({ ...placeOf(upstream), port: 1 }),
    "connect to the own port": () => connect(placeOf(own)),
    "fetch": () => fetch(`http://${other}/`),
    "fetch what the upstream redirects to": () => fetch(`http://${upstream}/redirect`),
    "open a WebSocket": () => opened(`ws://${other}/`),
    "node:net": () => event(net.connect({ host: there.hostname, port: there.port }), "connect"),
    "node:http": () => event(http.get(`http://${other}/`), "response"),
    "listen on the own port again": () => listen(placeOf(own)),
    "listen on any port": () => listen({ hostname: "127.0.0.1", port: 0 }),
    "resolve a name": () => resolveDns("secret.example.com", "A"),
    "a worker": () => new Worker("data:text/javascript,", { type: "module" }),
    "the upstream by TCP": () => connect(placeOf(upstream)),
    "the upstream by fetch": () => fetch(`http://${upstream}/`),
  };
}

async function outcome(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
    return "done";
  } catch (error) {
    if (!(error instanceof Error)) return String(error);
    return error.name === "NotCapable" || /Requires net access/.test(error.message) ? "refused" : error.message;
  }
}

/** True once the program has given the permission to listen back. */
function isClosed(): boolean {
  return Deno.permissions.querySync({ name: "net", host: aims.own }).state !== "granted";
}

async function attack(): Promise<void> {
  const outcomes: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(attempts(aims))) outcomes[name] = await outcome(attempt);
  console.log(`outcomes ${JSON.stringify(outcomes)}`);
}

if (aims !== null) {
  const timer = setInterval(() => {
    if (!isClosed()) return;
    clearInterval(timer);
    void attack();
  }, 20);
  // The main module is run only when nothing keeps the loop alive.
  Deno.unrefTimer(timer);
}
