import { STATUS_CODE } from "@std/http/status";
import { Buffer } from "node:buffer";
import { ByteSource, type TakenOver } from "../net/byte_source.ts";
import { type ByteStream, closeStream } from "../net/byte_stream.ts";
import type { Clock } from "../../concurrency/clock.ts";
import type { TransportLog } from "../net/log.ts";
import { ClientLeft, framingOf, RequestBody } from "./body.ts";
import { headLength, HttpError, listOf, MAX_HEAD_BYTES, parseHead, type RequestHead } from "./head.ts";
import { writeError, writeResponse } from "./response.ts";

/** The facts about a request besides the request itself. */
export interface RequestInfo {
  /** The address of the peer, or of the proxy in front of it. */
  readonly remoteAddr: Deno.Addr;
  /**
   * Takes the connection away from HTTP: the response of this request is not sent. Absent where the host program accepts
   * the connections.
   */
  readonly takeOver?: (() => TakenOver) | undefined;
}

export type Handler = (request: Request, info: RequestInfo) => Response | Promise<Response>;

/** The times that a peer has, milliseconds. */
export interface PeerTimes {
  /** The time to send the head of a request, from its first byte on (or from the beginning of the connection). */
  readonly headMs: number;
  /** The time between two requests. */
  readonly idleMs: number;
  /** The time to read some bytes of a response. */
  readonly writeMs: number;
}

export interface PeerOptions {
  readonly remoteAddr: Deno.Addr;
  readonly handler: Handler;
  /** The scheme of its URLs. */
  readonly scheme?: "http" | "https";
  /** Called when a peer begins with TLS where the connection is plain. */
  readonly onTls?: () => void;
  readonly times: PeerTimes;
  readonly clock: Clock;
  readonly log: TransportLog;
  /** Called when the peer begins, and when it ceases, to keep the server waiting for a request. */
  readonly waiting: (peer: HttpPeer, waits: boolean) => void;
}

/** `request`: no whole head has come. `served`: the handler has it. `taken`: the connection belongs to someone else. */
type State = "request" | "served" | "taken" | "closed";

/** The most bytes of an unread body that are read and dropped, so that the connection can be kept. */
const MAX_DRAINED_BYTES = 64 * 1024;
/** RFC 8446 section 5.1: the first byte of a handshake, which begins no request. */
const TLS_HANDSHAKE = 22;
/** `new Request` refuses these. */
const FORBIDDEN_METHODS = ["CONNECT", "TRACE", "TRACK"];

/** One connection of an HTTP/1.1 client: reads its requests one after the other, and answers each. */
export class HttpPeer {
  readonly #stream: ByteStream;
  readonly #source: ByteSource;
  readonly #options: PeerOptions;
  readonly #abort = new AbortController();
  #state: State = "request";
  #deadline = Infinity;
  #stopping = false;

  constructor(stream: ByteStream, options: PeerOptions) {
    this.#stream = stream;
    this.#source = new ByteSource(stream);
    this.#options = options;
  }

  /** Returns true when the peer's time for its next step is over. */
  get isLate(): boolean {
    return this.#options.clock.now() >= this.#deadline;
  }

  /** Serves the connection; resolves when it is closed or taken over. */
  async serve(): Promise<void> {
    this.#options.waiting(this, true);
    this.#allow(this.#options.times.headMs);
    try {
      while (await this.#serveOne());
    } catch (cause) {
      // The peer is gone, or this server has closed the connection.
      if (this.#state !== "closed") this.#options.log.debug("HTTP connection broke", { cause });
    }
    if (this.#state !== "taken") this.close();
  }

  /** Closes the connection after the request that is being served, or now. */
  stop(): void {
    this.#stopping = true;
    if (this.#state === "request") this.close();
  }

  close(): void {
    if (this.#state === "closed" || this.#state === "taken") return;
    if (this.#state === "request") this.#options.waiting(this, false);
    this.#state = "closed";
    this.#abort.abort();
    closeStream(this.#stream);
  }

  /** Serves one request; returns false when no other can follow. */
  async #serveOne(): Promise<boolean> {
    let head: RequestHead | null;
    let body: RequestBody;
    try {
      head = await this.#readHead();
      if (head === null) return false;
      body = new RequestBody(this.#source, { framing: framingOf(head), head, stream: this.#stream });
      if (FORBIDDEN_METHODS.includes(head.method)) {
        throw new HttpError(STATUS_CODE.MethodNotAllowed, `${head.method} is not served here`);
      }
    } catch (cause) {
      if (!(cause instanceof HttpError)) throw cause;
      this.#allow(this.#options.times.writeMs);
      await writeError(this.#stream, { status: cause.status, sentence: cause.message });
      return await this.#drainAndClose();
    }
    this.#state = "served";
    this.#options.waiting(this, false);
    this.#deadline = Infinity;
    const response = await this.#handle(head, body);
    if (this.#isTaken()) return false;
    const canFollow = await body.drain(MAX_DRAINED_BYTES).catch(() => false);
    const keepAlive = canFollow && !this.#stopping && wantsMore(head);
    const persists = await writeResponse(this.#stream, {
      response,
      options: { head, keepAlive, writing: () => this.#allow(this.#options.times.writeMs) },
    });
    if (!persists) return await this.#drainAndClose();
    this.#state = "request";
    this.#options.waiting(this, true);
    this.#allow(this.#options.times.idleMs);
    return true;
  }

  async #handle(head: RequestHead, body: RequestBody): Promise<Response> {
    const { handler, remoteAddr, log, scheme = "http" } = this.#options;
    const request = toRequest(head, { body, signal: this.#abort.signal, scheme });
    const takeOver = () => {
      this.#state = "taken";
      return this.#source.release();
    };
    try {
      const answer = handler(request, { remoteAddr, takeOver });
      if (answer instanceof Response) return answer;
      if (body.ended && !head.fields.some(([name]) => name === "upgrade")) this.#watch();
      return await answer;
    } catch (cause) {
      // What a client does to its own request is no fault of the handler, and must not fill the log.
      if (cause instanceof ClientLeft || cause instanceof HttpError) {
        log.debug("HTTP request broke", { reason: cause.message });
        return new Response(`Bad Request: ${cause.message}\n`, { status: STATUS_CODE.BadRequest });
      }
      log.error("Request handler crashed", { cause });
      return new Response("Internal Server Error\n", { status: STATUS_CODE.InternalServerError });
    }
  }

  /** Aborts a request when its peer leaves while it is served; bytes that arrive belong to the next request. */
  #watch(): void {
    if (this.#source.buffered.length > 0) return;
    this.#source.fill().then((more) => {
      if (!more) this.#abort.abort();
    });
  }

  async #readHead(): Promise<RequestHead | null> {
    let looked = 0;
    for (;;) {
      const { buffered } = this.#source;
      if (looked === 0 && buffered[0] === TLS_HANDSHAKE) {
        this.#options.onTls?.();
        throw new HttpError(STATUS_CODE.BadRequest, "this port speaks no TLS: connect with ws:// or http://");
      }
      const length = headLength(buffered, looked);
      if (length > MAX_HEAD_BYTES || length === -1 && buffered.length >= MAX_HEAD_BYTES) {
        throw new HttpError(
          STATUS_CODE.RequestHeaderFieldsTooLarge,
          `a request head has at most ${MAX_HEAD_BYTES} bytes`,
        );
      }
      if (length !== -1) {
        const text = Buffer.from(buffered.subarray(0, length)).toString("latin1");
        this.#source.take(length);
        return parseHead(text);
      }
      if (looked === 0 && buffered.length > 0) this.#limitHead();
      looked = buffered.length;
      if (!await this.#source.fill()) return null;
    }
  }

  /** Sets the shorter time limit of a request that has begun. */
  #limitHead(): void {
    this.#deadline = Math.min(this.#deadline, this.#options.clock.now() + this.#options.times.headMs);
  }

  /** Gives the peer time to read its answer: closing while bytes of the peer are unread resets the connection. */
  async #drainAndClose(): Promise<false> {
    this.#allow(this.#options.times.headMs);
    await this.#stream.closeWrite();
    for (let read = 0; read < MAX_DRAINED_BYTES && await this.#source.fill();) {
      read += this.#source.buffered.length;
      this.#source.take(this.#source.buffered.length);
    }
    return false;
  }

  #allow(ms: number): void {
    this.#deadline = this.#options.clock.now() + ms;
  }

  #isTaken(): boolean {
    return this.#state === "taken";
  }
}

function wantsMore(head: RequestHead): boolean {
  const options = listOf(head, "connection");
  return head.isHttp11 ? !options.includes("close") : options.includes("keep-alive");
}

function toRequest(
  head: RequestHead,
  { body, signal, scheme }: { body: RequestBody; signal: AbortSignal; scheme: "http" | "https" },
): Request {
  const headers = new Headers();
  for (const [name, value] of head.fields) {
    // geth reads the first of several (Go's Header.Get); joined, they would be an origin that nobody has.
    if (name !== "origin" || !headers.has(name)) headers.append(name, value);
  }
  const hasBody = head.method !== "GET" && head.method !== "HEAD";
  const whole = hasBody ? body.takeWhole() : undefined;
  const origin = `${scheme}://${head.host || "localhost"}`;
  const sent = origin + head.target;
  const request = new Request(`${origin}/`, {
    method: head.method,
    headers,
    signal,
    ...(hasBody ? { body: whole ?? body.stream() } : {}),
  });
  // The path as it was sent: `URL` would turn /x/.. into /.
  Object.defineProperty(request, "url", { value: sent });
  return request;
}
