import type { UpstreamAddress } from "./address.ts";
import { acceptKey } from "../websocket/mod.ts";
import { retryAfterMs, UpstreamFailure } from "./failure.ts";

const MAX_RESPONSE_BYTES = 16_384;
const SWITCHING_PROTOCOLS = 101;
const TOO_MANY_REQUESTS = 429;
const END_OF_HEADERS = "\r\n\r\n";

/**
 * Asks for a WebSocket on a fresh connection (RFC 6455 section 4.1). Resolves with the bytes that came after the answer.
 * Rejects with UpstreamFailure when the server refuses, with what it said of a later attempt.
 */
export async function shakeHands(connection: Deno.Conn, { url, headers }: UpstreamAddress): Promise<Uint8Array> {
  const key = crypto.getRandomValues(new Uint8Array(16)).toBase64();
  const { host, pathname, search } = new URL(url);
  const lines = [
    `GET ${pathname}${search} HTTP/1.1`,
    `Host: ${host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${key}`,
    "User-Agent: sallyport",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  await writeAll(connection, new TextEncoder().encode(`${lines.join("\r\n")}${END_OF_HEADERS}`));
  const { status, fields, rest } = await readResponse(connection);
  if (status !== SWITCHING_PROTOCOLS) {
    const kind = status === TOO_MANY_REQUESTS ? "busy" : "status";
    throw new UpstreamFailure(kind, `the handshake was refused with status ${status}`, {
      retryAfterMs: retryAfterMs(fields.get("retry-after"), Date.now()),
    });
  }
  if (fields.get("sec-websocket-accept") !== await acceptKey(key)) {
    throw new UpstreamFailure("malformed", "the answer to the handshake is not of a WebSocket server");
  }
  if (fields.has("sec-websocket-extensions") || fields.has("sec-websocket-protocol")) {
    throw new UpstreamFailure("malformed", "the server agreed to an extension or protocol that was not asked for");
  }
  return rest;
}

/** Writes every byte. */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await connection.write(written === 0 ? bytes : bytes.subarray(written));
  }
}

interface Response {
  readonly status: number;
  /** Names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  readonly rest: Uint8Array;
}

async function readResponse(connection: Deno.Conn): Promise<Response> {
  const bytes = new Uint8Array(MAX_RESPONSE_BYTES);
  const decoder = new TextDecoder("latin1");
  let length = 0;
  let text = "";
  while (!text.includes(END_OF_HEADERS)) {
    if (length === bytes.length) throw new UpstreamFailure("malformed", "the answer to the handshake is too long");
    const read = await connection.read(bytes.subarray(length));
    if (read === null) throw new UpstreamFailure("closed", "the connection was closed during the handshake");
    length += read;
    text = decoder.decode(bytes.subarray(0, length));
  }
  const end = text.indexOf(END_OF_HEADERS);
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]);
  if (Number.isNaN(status)) throw new UpstreamFailure("malformed", "the answer to the handshake is not HTTP");
  const fields = new Map(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  }));
  // The text has one character for each byte.
  return { status, fields, rest: bytes.slice(end + END_OF_HEADERS.length, length) };
}
