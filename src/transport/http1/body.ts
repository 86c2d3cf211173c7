import { STATUS_CODE } from "@std/http/status";
import type { ByteSource } from "../net/byte_source.ts";
import { type ByteStream, writeAll } from "../net/byte_stream.ts";
import { badRequest, HttpError, listOf, type RequestHead } from "./head.ts";

/** The length of a body, or a mark that it comes in chunks (RFC 9112 section 6). */
export type Framing = { readonly length: number } | "chunked";

const MAX_CHUNK_LINE_BYTES = 1024;
const MAX_LENGTH_DIGITS = 15;
const CONTINUE = new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n");

/** The client has closed the connection amid a body. */
export class ClientLeft extends Error {
  override readonly name = "ClientLeft";
}

/** Returns the framing of a body; throws an {@link HttpError} when two readers could understand it differently. */
export function framingOf(head: RequestHead): Framing {
  const lengths = new Set(listOf(head, "content-length"));
  const codings = listOf(head, "transfer-encoding");
  if (codings.length > 0) {
    if (lengths.size > 0) throw badRequest("Content-Length and Transfer-Encoding must not be sent together");
    if (codings.length > 1 || codings[0] !== "chunked" || !head.isHttp11) {
      throw new HttpError(STATUS_CODE.NotImplemented, "the only transfer coding is chunked");
    }
    return "chunked";
  }
  if (lengths.size === 0) return { length: 0 };
  const [text = ""] = lengths;
  if (lengths.size > 1 || !/^[0-9]+$/.test(text) || text.length > MAX_LENGTH_DIGITS) {
    throw badRequest("Content-Length must be one decimal number");
  }
  return { length: Number(text) };
}

/** The body of one request while it arrives. */
export class RequestBody {
  readonly #source: ByteSource;
  /** The stream on which a client that waits for `100 Continue` is told to go on. */
  readonly #stream: ByteStream;
  /** Bytes left of the body, or of the current chunk. */
  #left: number;
  readonly #isChunked: boolean;
  #ended: boolean;
  #mustContinue: boolean;

  constructor(
    source: ByteSource,
    { framing, head, stream }: { framing: Framing; head: RequestHead; stream: ByteStream },
  ) {
    this.#source = source;
    this.#stream = stream;
    this.#isChunked = framing === "chunked";
    this.#left = framing === "chunked" ? 0 : framing.length;
    this.#ended = framing !== "chunked" && framing.length === 0;
    this.#mustContinue = head.isHttp11 && listOf(head, "expect").includes("100-continue");
  }

  /** True when all of it has been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Takes and returns the whole body if all of it has arrived. */
  takeWhole(): Uint8Array<ArrayBuffer> | undefined {
    const { buffered } = this.#source;
    if (this.#isChunked || this.#left > buffered.length) return undefined;
    const whole = buffered.slice(0, this.#left);
    this.#taken(whole.length);
    return whole;
  }

  /** Returns the next piece, null at the end; throws when the client has left or the framing is broken. */
  async next(): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.#isChunked && this.#left === 0 && !this.#ended) await this.#beginChunk();
    if (this.#ended) return null;
    if (this.#source.buffered.length === 0) await this.#fill();
    const piece = this.#source.buffered.slice(0, this.#left);
    this.#taken(piece.length);
    if (this.#isChunked && this.#left === 0) await this.#line("");
    return piece;
  }

  /** Returns the body as a stream, for a `Request`. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: async (controller) => {
        const piece = await this.next();
        if (piece === null) controller.close();
        else controller.enqueue(piece);
      },
    }, { highWaterMark: 0 });
  }

  /** Reads the rest of the body that the handler has not read, up to `limit` bytes; returns false when there is more. */
  async drain(limit: number): Promise<boolean> {
    // A client that still waits for `100 Continue` must not be told to go on now.
    if (this.#mustContinue && !this.#ended) return false;
    for (let read = 0; !this.#ended;) {
      if (read > limit) return false;
      read += (await this.next())?.length ?? 0;
    }
    return true;
  }

  #taken(count: number): void {
    this.#source.take(count);
    this.#left -= count;
    this.#mustContinue = false;
    if (!this.#isChunked && this.#left === 0) this.#ended = true;
  }

  async #beginChunk(): Promise<void> {
    const line = await this.#line();
    const [, digits] = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line) ?? [];
    if (digits === undefined) throw badRequest("a chunk must begin with its size");
    this.#left = parseInt(digits, 16);
    if (this.#left > 0) return;
    // This server needs no trailer fields.
    while (await this.#line() !== "");
    this.#ended = true;
  }

  /** Takes a line without its end; throws when it is not the `expected` one. */
  async #line(expected?: string): Promise<string> {
    for (;;) {
      const { buffered } = this.#source;
      const end = buffered.indexOf(10);
      if (end !== -1) {
        const line = String.fromCharCode(...buffered.subarray(0, buffered[end - 1] === 13 ? end - 1 : end));
        this.#source.take(end + 1);
        if (expected !== undefined && line !== expected) throw badRequest("a chunk is longer than its size says");
        return line;
      }
      if (buffered.length > MAX_CHUNK_LINE_BYTES) throw badRequest("a chunk line is too long");
      await this.#fill();
    }
  }

  async #fill(): Promise<void> {
    if (this.#mustContinue) {
      this.#mustContinue = false;
      await writeAll(this.#stream, CONTINUE);
    }
    if (!await this.#source.fill()) throw new ClientLeft("the client left before its request was complete");
  }
}
