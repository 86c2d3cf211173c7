import type { UpstreamAddress } from "./address.ts";
import { UpstreamFailure } from "./failure.ts";
import { MalformedJson } from "./json_spans.ts";
import { type DuplexChannel, Session } from "./session.ts";
import { OPCODE } from "../websocket/mod.ts";
import { encodeFrame, FrameError, FrameReader, type Message } from "./websocket_frames.ts";
import { shakeHands, writeAll } from "./websocket_handshake.ts";

/** A longer answer ends the connection: geth's bound for a response to a batch is 25 MB, but a trace may be longer. */
const MAX_MESSAGE_BYTES = 512 * 2 ** 20;
/** More calls that the other side does not read end the connection. */
const MAX_UNSENT_BYTES = 64 * 2 ** 20;
const READ_BYTES = 65_536;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** The interval of pings: a stopped or unreachable upstream gives no sign of it (measured: for 75 s). */
const PING_INTERVAL_MS = 5_000;
const PONG_TIMEOUT_MS = 5_000;

/** Timings of {@link connectWebSocket}, for tests. */
export interface WebSocketTimings {
  readonly handshakeTimeoutMs?: number;
  readonly pingIntervalMs?: number;
  readonly pongTimeoutMs?: number;
}

/**
 * Opens one socket to an upstream, on a plain TCP or TLS connection. The runtime's own client is not used: it delays every
 * message above 1 KB by 44 ms, dies at one frame above 64 MiB, cannot ping and hides the reason of a close; npm's `ws` takes
 * some 0.07 ms more for each call (all measured). Rejects with UpstreamFailure.
 */
export async function connectWebSocket(
  address: UpstreamAddress,
  timings: WebSocketTimings = {},
): Promise<DuplexChannel> {
  const { handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS } = timings;
  const timeout = new AbortController();
  let connection: Deno.Conn | null = null;
  const timer = setTimeout(() => {
    timeout.abort();
    if (connection !== null) close(connection);
  }, handshakeTimeoutMs);
  try {
    connection = await openConnection(address, timeout.signal);
    const rest = await shakeHands(connection, address);
    return new WebSocketClient(connection, timings).run(rest);
  } catch (error) {
    if (connection !== null) close(connection);
    if (timeout.signal.aborted) {
      throw new UpstreamFailure("timeout", `no connection in ${handshakeTimeoutMs} ms`, { cause: error });
    }
    throw error instanceof UpstreamFailure ? error : new UpstreamFailure("closed", reasonOf(error), { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function openConnection({ url }: UpstreamAddress, signal: AbortSignal): Promise<Deno.Conn> {
  const { protocol, hostname, port } = new URL(url);
  const isEncrypted = protocol === "wss:";
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  const tcp = await Deno.connect({ hostname: host, port: Number(port || (isEncrypted ? 443 : 80)), signal });
  // Without this, a message in two packets waits for the other side's acknowledgement.
  tcp.setNoDelay(true);
  if (!isEncrypted) return tcp;
  const tls = await Deno.startTls(tcp, { hostname: host, alpnProtocols: ["http/1.1"] });
  await tls.handshake();
  return tls;
}

/** One open WebSocket: frames on one side, a session on the other. */
class WebSocketClient {
  readonly #connection: Deno.Conn;
  readonly #session: Session;
  readonly #masks = new Masks();
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #pongTimeoutMs: number;
  readonly #pinger: ReturnType<typeof setInterval>;
  #pongTimer: ReturnType<typeof setTimeout> | undefined;
  #unsent: Uint8Array[] = [];
  #unsentBytes = 0;
  #isWriting = false;
  #isOver = false;

  constructor(connection: Deno.Conn, timings: WebSocketTimings) {
    const { pingIntervalMs = PING_INTERVAL_MS, pongTimeoutMs = PONG_TIMEOUT_MS } = timings;
    this.#connection = connection;
    this.#pongTimeoutMs = pongTimeoutMs;
    this.#pinger = setInterval(() => this.#ping(), pingIntervalMs);
    this.#session = new Session(
      (text) => this.#send(OPCODE.text, this.#encoder.encode(text)),
      () => this.#end(new UpstreamFailure("closed", "the connection was closed here")),
    );
  }

  /** Starts reading, after the bytes that came with the handshake; returns the session. */
  run(rest: Uint8Array): DuplexChannel {
    void this.#read(rest);
    return this.#session;
  }

  async #read(rest: Uint8Array): Promise<void> {
    const reader = new FrameReader(MAX_MESSAGE_BYTES);
    const buffer = new Uint8Array(READ_BYTES);
    try {
      reader.push(rest);
      while (!this.#isOver) {
        for (let message = reader.next(); message !== null; message = reader.next()) this.#take(message);
        const length = await this.#connection.read(buffer);
        if (length === null) throw new UpstreamFailure("closed", "the connection was closed without a word");
        reader.push(buffer.subarray(0, length));
      }
    } catch (error) {
      this.#end(failureOf(error));
    }
  }

  #take({ opcode, payload }: Message): void {
    switch (opcode) {
      case OPCODE.text:
      case OPCODE.binary:
        return this.#session.receive(this.#decoder.decode(payload));
      case OPCODE.ping:
        return this.#send(OPCODE.pong, payload);
      case OPCODE.pong:
        clearTimeout(this.#pongTimer);
        this.#pongTimer = undefined;
        return;
      case OPCODE.close: {
        this.#send(OPCODE.close, payload.subarray(0, 2));
        throw new UpstreamFailure("closed", `the connection was closed with ${closeText(payload)}`);
      }
    }
  }

  #ping(): void {
    this.#send(OPCODE.ping, new Uint8Array(0));
    this.#pongTimer ??= setTimeout(
      () => this.#end(new UpstreamFailure("closed", `no answer to a ping in ${this.#pongTimeoutMs} ms`)),
      this.#pongTimeoutMs,
    );
  }

  #send(opcode: number, payload: Uint8Array): void {
    if (this.#isOver) return;
    const frame = encodeFrame(opcode, payload, this.#masks.next());
    this.#unsentBytes += frame.length;
    if (this.#unsentBytes > MAX_UNSENT_BYTES) {
      return this.#end(new UpstreamFailure("closed", `it left ${MAX_UNSENT_BYTES} bytes of calls unread`));
    }
    this.#unsent.push(frame);
    if (!this.#isWriting) void this.#write();
  }

  /** Writes one frame after the other: two writes at once could mix their bytes. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#unsent.length > 0) {
        const frames = this.#unsent;
        this.#unsent = [];
        this.#unsentBytes = 0;
        for (const frame of frames) await writeAll(this.#connection, frame);
      }
    } catch (error) {
      this.#end(failureOf(error));
    }
    this.#isWriting = false;
  }

  #end(failure: UpstreamFailure): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#pinger);
    clearTimeout(this.#pongTimer);
    // The answer to a close frame is on its way.
    void this.#lastWrite().finally(() => close(this.#connection));
    this.#session.fail(failure);
  }

  /** Resolves when nothing is being written, or at once where the other side does not read. */
  async #lastWrite(): Promise<void> {
    for (let i = 0; i < 8 && this.#isWriting; i++) await Promise.resolve();
  }
}

/** Random masks (RFC 6455 section 5.3), taken from a pool: one call for each of them would cost more than the frame. */
class Masks {
  readonly #pool = new Uint8Array(4_096);
  #at = this.#pool.length;

  next(): Uint8Array {
    if (this.#at === this.#pool.length) {
      crypto.getRandomValues(this.#pool);
      this.#at = 0;
    }
    return this.#pool.subarray(this.#at, this.#at += 4);
  }
}

function closeText(payload: Uint8Array): string {
  if (payload.length < 2) return "no code";
  const code = new DataView(payload.buffer, payload.byteOffset).getUint16(0);
  const reason = new TextDecoder().decode(payload.subarray(2));
  return `${code}${reason === "" ? "" : ` (${reason})`}`;
}

function failureOf(error: unknown): UpstreamFailure {
  if (error instanceof UpstreamFailure) return error;
  if (error instanceof MalformedJson || error instanceof FrameError || error instanceof TypeError) {
    return new UpstreamFailure("malformed", `it sent what is no JSON-RPC: ${error.message}`, { cause: error });
  }
  return new UpstreamFailure("closed", reasonOf(error), { cause: error });
}

/** Returns the cause of an error without the URL, which may hold a key. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "the connection failed";
  if (error.name === "NotCapable") return "the process may not connect to it";
  return `the connection failed: ${error.name}`;
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
