/**
 * Sallyport as a library: a chain with its whole JSON-RPC interface inside another program, for a test suite that wants
 * a node of its own, or for a server that has a port already. It binds no port, asks for no permission, writes no line,
 * and changes nothing of the process around it.
 *
 * ```ts
 * import { createServer } from "./mod.ts";
 *
 * await using server = await createServer();
 * const chainId = await server.request({ method: "eth_chainId" });
 * if (chainId !== "0x539") throw new Error(`${chainId}`);
 * ```
 *
 * @module
 */
import project from "../deno.json" with { type: "json" };
import { type Config, configFrom } from "./cli/mod.ts";
import { openAccess } from "./app/access.ts";
import { createEndpoints } from "./app/endpoints.ts";
import { MemoryProvider, type ProviderMessage, type RequestArguments } from "./app/memory_provider.ts";
import { exposureUnknown, openService } from "./app/service.ts";
import { openAuditFile, readInputFiles } from "./app/startup/mod.ts";
import { STOP_GRACE_MS } from "./app/stop.ts";
import { connectMemory, type MemoryClient, type RequestInfo } from "./transport/mod.ts";

export { type Config, UsageError } from "./cli/mod.ts";
export type { ProviderMessage, RequestArguments } from "./app/memory_provider.ts";
export { RpcError } from "./rpc/mod.ts";
export type { MemoryClient, RequestInfo } from "./transport/mod.ts";

/** Flags that say what only a program of its own does: bind, log, and drop permissions. */
export type ProgramFlag =
  | `${"ws" | "http" | "metrics"}.${"addr" | "port"}`
  | `tls.${"cert" | "key" | "client-ca" | "reload"}`
  | "auth.newkey"
  | "sandbox"
  | "verbosity"
  | "log.format"
  | "help"
  | "version";

/**
 * What can be set: the program's flags by their own names, as values. Durations are milliseconds, sizes bytes
 * (`rpc.http-body-limit` MiB), `rpc.txfeecap` wei, and lists arrays. `ws` and `http` are on here unless they are set to
 * false.
 *
 * ```ts
 * import { createServer } from "./mod.ts";
 *
 * await using server = await createServer({
 *   "dev.accounts": 3,
 *   "ws.api": ["eth", "net", "web3", "anvil"],
 *   "rpc.evmtimeout": 1000,
 * });
 * await server.request({ method: "anvil_mine", params: ["0x10"] });
 * ```
 */
export type ServerOptions = Partial<Omit<Config, ProgramFlag>>;

/**
 * An account that the chain's genesis funds. The server signs for it, and its key is here for those who sign themselves.
 *
 * ```ts
 * import { createServer, type DevAccount } from "./mod.ts";
 *
 * await using server = await createServer();
 * const [sender, receiver]: readonly DevAccount[] = server.accounts;
 * const transaction = { from: sender?.address, to: receiver?.address, value: "0x1" };
 * const hash = await server.request({ method: "eth_sendTransaction", params: [transaction] });
 * const receipt = await server.request({ method: "eth_getTransactionReceipt", params: [hash] });
 * if ((receipt as { status: string }).status !== "0x1") throw new Error("the transfer is mined at once");
 * ```
 */
export interface DevAccount {
  /** 20 bytes, lower-case hex with 0x. */
  readonly address: `0x${string}`;
  /** 32 bytes. It is public knowledge: nothing of value may ever belong to it. */
  readonly privateKey: `0x${string}`;
}

/** A server inside this program; see {@link createServer}. */
export interface EmbeddedServer extends AsyncDisposable {
  /** The funded accounts, geth's developer account first. */
  readonly accounts: readonly DevAccount[];
  /**
   * Answers HTTP requests and WebSocket upgrades, with every check that the program makes: paths, origins, virtual
   * hosts, limits. Mount it in `Deno.serve`, alone or under a condition of your own.
   *
   * ```ts
   * import { createServer } from "./mod.ts";
   *
   * await using server = await createServer();
   * await using listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request, info) =>
   *   new URL(request.url).pathname === "/about" ? new Response("a shop") : server.fetch(request, info)
   * );
   * const socket = new WebSocket(`ws://127.0.0.1:${listener.addr.port}`);
   * await new Promise((resolve) => socket.onopen = resolve);
   * socket.close();
   * await new Promise((resolve) => socket.onclose = resolve);
   * await server.stop();
   * ```
   */
  readonly fetch: (request: Request, info: RequestInfo) => Response | Promise<Response>;
  /**
   * Calls a method (EIP-1193) and resolves with its JSON result. With it the server is itself a provider: viem's
   * `custom(server)` and ethers' `new BrowserProvider(server)` take it as it is. Rejects with {@link RpcError}: `code`,
   * `message` and `data` are what a client would be sent, code 4900 after the end.
   *
   * ```ts
   * import { createServer, type RequestArguments, RpcError } from "./mod.ts";
   *
   * await using server = await createServer();
   * const call: RequestArguments = { method: "eth_getBalance", params: ["0x01", "latest"] };
   * const refusal = await server.request(call).catch((error) => error);
   * if (!(refusal instanceof RpcError) || refusal.code !== -32602) throw new Error("the address is too short");
   * ```
   */
  request(call: RequestArguments): Promise<unknown>;
  /**
   * Calls `listener` with what the subscriptions of {@link request} send (EIP-1193).
   *
   * ```ts
   * import { createServer, type ProviderMessage } from "./mod.ts";
   *
   * await using server = await createServer({ "ws.api": ["eth", "anvil"] });
   * const { promise, resolve } = Promise.withResolvers<ProviderMessage>();
   * server.on("message", resolve);
   * const subscription = await server.request({ method: "eth_subscribe", params: ["newHeads"] });
   * await server.request({ method: "anvil_mine" });
   * const { data } = await promise;
   * if (data.subscription !== subscription) throw new Error("the new head is sent to its subscription");
   * ```
   */
  on(event: "message", listener: (message: ProviderMessage) => void): this;
  /** Ends what {@link EmbeddedServer.on} began. */
  removeListener(event: "message", listener: (message: ProviderMessage) => void): this;
  /**
   * Opens a connection without a socket, which sends and receives whole JSON-RPC messages as text. `origin` is what a
   * browser would send; it is not checked here. Throws when the server was made with `ws: false`.
   *
   * ```ts
   * import { createServer } from "./mod.ts";
   *
   * await using server = await createServer();
   * const client = server.connect();
   * client.send('{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber"}');
   * const answer = await client.next();
   * if (answer !== '{"jsonrpc":"2.0","id":1,"result":"0x0"}') throw new Error(`${answer}`);
   * client.close();
   * ```
   */
  connect(options?: { readonly origin?: string }): MemoryClient;
  /**
   * Refuses newcomers, lets running calls finish for up to `graceMs` milliseconds (5,000), closes every WebSocket with
   * 1001, and lets go of the chain. Further calls have no effect.
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
}

/**
 * Starts a server inside this program. Resolves when its chain is ready, which takes some tenths of a second the first
 * time. Rejects with {@link UsageError} for an option that the program would refuse as a flag. Needs no permission, except
 * for what the options name: files, and the nodes of a gateway or of a forked chain.
 *
 * ```ts
 * import { createServer, UsageError } from "./mod.ts";
 *
 * await using server = await createServer({ "dev.period": 1 });
 * const [account] = server.accounts;
 * const balance = await server.request({ method: "eth_getBalance", params: [account?.address, "latest"] });
 * if (BigInt(`${balance}`) === 0n) throw new Error("the accounts are funded");
 *
 * const refusal = await createServer({ "dev.period": -1 }).catch((error) => error);
 * if (!(refusal instanceof UsageError)) throw new Error("a negative period is refused");
 * ```
 */
export async function createServer(options: ServerOptions = {}): Promise<EmbeddedServer> {
  const config = configFrom({ ws: true, http: true, ...options });
  const inputs = await readInputFiles(config);
  const access = await openAccess(config, { inputs, audit: await openAuditFile(config.audit) });
  const service = await openService(config, {
    version: project.version,
    inputs,
    exposure: exposureUnknown(config),
  });
  const endpoints = createEndpoints(config, { service, access });
  const { ws } = endpoints;
  const clients = new Set<MemoryClient>();
  const connect = (origin: string | null) => {
    if (ws === undefined) throw new TypeError("there is no connection to make: the server was made with ws: false");
    const client = connectMemory(ws.accept, { origin });
    clients.add(client);
    return client;
  };
  const provider = ws === undefined ? undefined : new MemoryProvider(connect(null));
  let stopped: Promise<void> | undefined;

  async function end(graceMs: number): Promise<void> {
    await endpoints.stop({ graceMs });
    for (const client of clients) client.close();
    service.close();
    await access?.close();
  }

  const server: EmbeddedServer = {
    accounts: service.devAccounts.map(({ address, privateKey }) => ({ address, privateKey })),
    fetch: endpoints.handler(["ws", "http", "metrics"]),
    request: (call) => provider?.request(call) ?? Promise.reject(new TypeError("the server was made with ws: false")),
    on(event, listener) {
      provider?.on(event, listener);
      return server;
    },
    removeListener(event, listener) {
      provider?.removeListener(event, listener);
      return server;
    },
    connect: ({ origin } = {}) => connect(origin ?? null),
    stop: ({ graceMs = STOP_GRACE_MS } = {}) => stopped ??= end(graceMs),
    [Symbol.asyncDispose]: () => server.stop(),
  };
  return server;
}
