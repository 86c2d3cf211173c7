import NodeSocket from "../clients/ws.ts";

/** What goes wrong with one request: the answer is a status, is cut off in the middle, or never comes. */
export type Fault = { readonly status: number; readonly retryAfter?: number } | "truncated" | "stalled";

export interface ProxyOptions {
  /** The WebSocket of the node behind it. */
  readonly target: string;
  /** Added to each answer, milliseconds. */
  readonly delayMs?: number;
}

/** A node as it looks from far away, over HTTP and WebSocket on one port: each answer late, and some of them faulty. */
export class UpstreamProxy implements AsyncDisposable {
  /** The methods that were asked for, in order. */
  readonly calls: string[] = [];
  /** How many requests or messages came: a batch is one. */
  requests = 0;
  /** Decides what goes wrong with a request; nothing when absent. */
  fault: ((methods: readonly string[]) => Fault | undefined) | undefined;
  delayMs: number;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #target: string;
  readonly #ended = new AbortController();
  readonly #sockets = new Set<WebSocket>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #upstream: Promise<SharedSocket> | undefined;

  constructor({ target, delayMs = 0 }: ProxyOptions) {
    this.#target = target;
    this.delayMs = delayMs;
    const { signal } = this.#ended;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, signal, onListen: () => {} },
      (request) => this.#serve(request),
    );
  }

  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  get httpUrl(): string {
    return `http://${this.host}`;
  }

  get wsUrl(): string {
    return `ws://${this.host}`;
  }

  /** Forgets what was counted. */
  reset(): void {
    this.calls.length = 0;
    this.requests = 0;
  }

  /** Closes the connections of all clients, as a node does that is stopped. */
  drop(): void {
    for (const socket of this.#sockets) socket.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.drop();
    for (const timer of this.#timers) clearTimeout(timer);
    (await this.#upstream)?.close();
    // A request that was never answered would hold up an orderly end.
    this.#ended.abort();
    await this.#server.finished;
  }

  #serve(request: Request): Promise<Response> | Response {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return this.#post(request);
    const { socket, response } = Deno.upgradeWebSocket(request);
    this.#bridge(socket);
    return response;
  }

  async #post(request: Request): Promise<Response> {
    const text = await request.text();
    const fault = this.#note(text);
    await this.#later();
    if (fault === "stalled") {
      await new Promise<void>((resolve) => this.#ended.signal.addEventListener("abort", () => resolve()));
      return new Response(null, { status: 503 });
    }
    if (typeof fault === "object") {
      const headers: HeadersInit = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
      return new Response("rate limited", { status: fault.status, headers });
    }
    this.#upstream ??= SharedSocket.open(this.#target);
    const answer = await (await this.#upstream).ask(text);
    const body = fault === "truncated" ? answer.slice(0, answer.length / 2) : answer;
    return new Response(body, { headers: { "content-type": "application/json" } });
  }

  #bridge(client: WebSocket): void {
    const node = connect(this.#target);
    const opened = new Promise<void>((resolve) => node.on("open", resolve));
    this.#sockets.add(client);
    client.addEventListener("message", ({ data }) => {
      const fault = this.#note(data);
      if (fault === "stalled") return;
      if (typeof fault === "object") return client.close();
      void opened.then(() => node.send(data));
    });
    node.on("message", (data: Uint8Array) => {
      const text = new TextDecoder().decode(data);
      void this.#later().then(() => client.readyState === WebSocket.OPEN && client.send(text));
    });
    node.on("error", () => {});
    node.on("close", () => client.readyState <= WebSocket.OPEN && client.close());
    client.addEventListener("close", () => {
      this.#sockets.delete(client);
      node.terminate();
    });
  }

  #note(text: string): Fault | undefined {
    this.requests++;
    const message = JSON.parse(text);
    const methods: string[] = (Array.isArray(message) ? message : [message]).map(({ method }) => method);
    this.calls.push(...methods);
    return this.fault?.(methods);
  }

  #later(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, this.delayMs);
      this.#timers.add(timer);
    });
  }
}

/** The runtime's own client holds back longer messages for 44 ms. */
function connect(url: string): NodeSocket {
  return new NodeSocket(url, { maxPayload: 1 << 28, perMessageDeflate: false });
}

/** One connection to the node for all requests; ids are made unique on the way. */
class SharedSocket {
  readonly #socket: NodeSocket;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #lastId = 0;

  private constructor(socket: NodeSocket) {
    this.#socket = socket;
    socket.on("message", (data: Uint8Array) => {
      const answer = JSON.parse(new TextDecoder().decode(data));
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  static async open(url: string): Promise<SharedSocket> {
    const socket = connect(url);
    await new Promise<void>((resolve, reject) => {
      socket.on("open", resolve);
      socket.on("error", reject);
    });
    return new SharedSocket(socket);
  }

  async ask(text: string): Promise<string> {
    const message = JSON.parse(text);
    if (!Array.isArray(message)) return JSON.stringify(await this.#one(message));
    return JSON.stringify(await Promise.all(message.map((item) => this.#one(item))));
  }

  close(): void {
    this.#socket.terminate();
  }

  #one(call: { readonly id: unknown }): Promise<unknown> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, (answer) => resolve({ ...answer as object, id: call.id }));
    this.#socket.send(JSON.stringify({ ...call, id }));
    return promise;
  }
}
