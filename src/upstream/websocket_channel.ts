import type { UpstreamAddress } from "./address.ts";
import { retryAfterMs, UpstreamFailure } from "./failure.ts";
import { MalformedJson } from "./json_spans.ts";
import { type DuplexChannel, Session } from "./session.ts";
import { type Socket, WebSocket } from "./ws_package.ts";

/** A longer answer ends the connection: geth's bound for a response to a batch is 25 MB, but a trace may be longer. */
const MAX_MESSAGE_BYTES = 512 * 2 ** 20;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** The interval of pings: a stopped or unreachable upstream gives no sign of it (measured: for 75 s). */
const PING_INTERVAL_MS = 5_000;
const PONG_TIMEOUT_MS = 5_000;

/** Timings of {@link connectWebSocket}, for tests. */
export interface WebSocketTimings {
  readonly pingIntervalMs?: number;
  readonly pongTimeoutMs?: number;
}

/**
 * Opens one socket to an upstream. The runtime's own client is not used: it delays every message above 1 KB by 44 ms,
 * dies at one frame above 64 MiB, cannot ping and hides the reason of a close (measured). Rejects with UpstreamFailure.
 */
export function connectWebSocket(
  address: UpstreamAddress,
  { pingIntervalMs = PING_INTERVAL_MS, pongTimeoutMs = PONG_TIMEOUT_MS }: WebSocketTimings = {},
): Promise<DuplexChannel> {
  const { promise, resolve, reject } = Promise.withResolvers<DuplexChannel>();
  let socket: Socket;
  try {
    socket = new WebSocket(address.url, {
      headers: address.headers,
      maxPayload: MAX_MESSAGE_BYTES,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      perMessageDeflate: false,
    });
  } catch (error) {
    return Promise.reject(new UpstreamFailure("closed", reasonOf(error), { cause: error }));
  }
  const session = new Session((text) => socket.send(text), () => socket.terminate());
  let pinger: ReturnType<typeof setInterval> | undefined;
  let pongTimer: ReturnType<typeof setTimeout> | undefined;

  function end(failure: UpstreamFailure): void {
    clearInterval(pinger);
    clearTimeout(pongTimer);
    session.fail(failure);
    reject(failure);
  }

  function ping(): void {
    socket.ping();
    pongTimer ??= setTimeout(() => {
      end(new UpstreamFailure("closed", `no answer to a ping in ${pongTimeoutMs} ms`));
      socket.terminate();
    }, pongTimeoutMs);
  }

  socket.on("open", () => {
    pinger = setInterval(ping, pingIntervalMs);
    resolve(session);
  });
  socket.on("pong", () => {
    clearTimeout(pongTimer);
    pongTimer = undefined;
  });
  socket.on("message", (data: Uint8Array) => {
    try {
      session.receive(new TextDecoder("utf-8", { fatal: true }).decode(data));
    } catch (error) {
      if (!(error instanceof MalformedJson || error instanceof TypeError)) throw error;
      end(new UpstreamFailure("malformed", `it sent what is no JSON-RPC: ${error.message}`, { cause: error }));
      socket.terminate();
    }
  });
  socket.on("unexpected-response", (_request, response) => {
    const status = response.statusCode ?? 0;
    end(
      new UpstreamFailure(status === 429 ? "busy" : "status", `the handshake was refused with status ${status}`, {
        retryAfterMs: retryAfterMs(response.headers["retry-after"], Date.now()),
      }),
    );
    socket.terminate();
  });
  socket.on("error", (error) => end(new UpstreamFailure("closed", reasonOf(error), { cause: error })));
  socket.on("close", (code, reason) => {
    const said = new TextDecoder().decode(reason);
    end(new UpstreamFailure("closed", `the connection was closed with ${code}${said === "" ? "" : ` (${said})`}`));
  });
  return promise;
}

/** Returns the cause of an error without the URL, which may hold a key. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "the connection failed";
  const code = (error as { readonly code?: unknown }).code;
  if (typeof code === "string") return `the connection failed: ${code}`;
  return error.name === "NotCapable" ? "the process may not connect to it" : "the connection failed";
}
