import { Buffer } from "node:buffer";
import { STATUS_CODE, STATUS_TEXT } from "@std/http/status";
import { type ByteStream, writeAll } from "../net/byte_stream.ts";
import { listOf, type RequestHead } from "./head.ts";

export interface ResponseOptions {
  readonly head: RequestHead;
  readonly keepAlive: boolean;
  /** Called before each write, which may take long when the peer does not read. */
  readonly writing: () => void;
}

const ENCODER = new TextEncoder();
/** A body up to this size is sent together with its head in one write. */
const WHOLE_BELOW_BYTES = 256 * 1024;
/** Smaller bodies are not compressed. */
const COMPRESS_FROM_BYTES = 64;
const COMPRESSIBLE = /^(?:text\/|application\/(?:json|javascript|xml|manifest\+json)|image\/svg\+xml)/;

/** Writes a response (RFC 9112); returns false when the connection cannot be used for another request. */
export async function writeResponse(
  stream: ByteStream,
  { response, options }: { response: Response; options: ResponseOptions },
): Promise<boolean> {
  const { head, keepAlive, writing } = options;
  const headers = new Headers(response.headers);
  const hasBody = head.method !== "HEAD" && response.status !== STATUS_CODE.NoContent &&
    response.status !== STATUS_CODE.NotModified;
  const announced = headers.get("content-length");
  const isWhole = response.body === null || announced === null || Number(announced) < WHOLE_BELOW_BYTES;
  const persists = keepAlive && headers.get("connection")?.toLowerCase() !== "close";
  if (!persists) headers.set("connection", "close");
  else if (!head.isHttp11) headers.set("connection", "keep-alive");
  headers.set("date", new Date().toUTCString());
  const compress = hasBody && response.body !== null && isCompressible(headers) && wantsGzip(head);
  if (compress) headers.append("vary", "accept-encoding");

  if (isWhole) {
    let body = new Uint8Array(await response.arrayBuffer());
    if (compress && body.length >= COMPRESS_FROM_BYTES) {
      body = new Uint8Array(await new Response(gzip(new Blob([body]).stream())).arrayBuffer());
      headers.set("content-encoding", "gzip");
      headers.set("content-length", `${body.length}`);
    } else if (hasBody) {
      headers.set("content-length", `${body.length}`);
    }
    writing();
    await writeAll(stream, join(headBytes(response, headers), hasBody ? body : new Uint8Array(0)));
    return persists;
  }
  if (!hasBody || response.body === null) {
    await response.body?.cancel();
    writing();
    await writeAll(stream, headBytes(response, headers));
    return persists;
  }
  const isChunked = compress && head.isHttp11;
  if (isChunked) {
    headers.set("content-encoding", "gzip");
    headers.delete("content-length");
    headers.set("transfer-encoding", "chunked");
  }
  writing();
  await writeAll(stream, headBytes(response, headers));
  let left = Number(announced);
  for await (const piece of isChunked ? gzip(response.body) : response.body) {
    writing();
    left -= piece.length;
    await writeAll(stream, isChunked ? chunk(piece) : piece);
  }
  if (!isChunked) return persists && left === 0;
  await writeAll(stream, ENCODER.encode("0\r\n\r\n"));
  return persists;
}

/** Writes the answer to a request that could not be read. */
export async function writeError(
  stream: ByteStream,
  { status, sentence }: { status: number; sentence: string },
): Promise<void> {
  const name = STATUS_TEXT[status] ?? "Error";
  const body = `${name}: ${sentence}\n`;
  await writeAll(
    stream,
    ENCODER.encode(
      `HTTP/1.1 ${status} ${name}\r\ncontent-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\n` +
        `content-length: ${ENCODER.encode(body).length}\r\nconnection: close\r\n\r\n${body}`,
    ),
  );
}

function headBytes(response: Response, headers: Headers): Uint8Array {
  let text = `HTTP/1.1 ${response.status} ${response.statusText || STATUS_TEXT[response.status] || "Unknown"}\r\n`;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  // A header is made of bytes, not of UTF-8 (RFC 9110 section 5.5).
  return Buffer.from(`${text}\r\n`, "latin1");
}

function isCompressible(headers: Headers): boolean {
  return !headers.has("content-encoding") && COMPRESSIBLE.test(headers.get("content-type") ?? "");
}

function wantsGzip(head: RequestHead): boolean {
  return listOf(head, "accept-encoding").some((item) => /^(?:gzip|\*)(?:\s*;\s*q=(?!0(?:\.0*)?$).*)?$/.test(item));
}

function gzip(body: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return body.pipeThrough(new CompressionStream("gzip"));
}

function chunk(piece: Uint8Array): Uint8Array {
  return join(ENCODER.encode(`${piece.length.toString(16)}\r\n`), piece, ENCODER.encode("\r\n"));
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
