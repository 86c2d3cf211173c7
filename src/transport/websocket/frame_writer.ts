import { Buffer } from "node:buffer";
import { setImmediate } from "node:timers";
import type { Around } from "../../rpc/connection.ts";
import type { ByteStream } from "../net/byte_stream.ts";
import { headBytes, MAX_HEAD_BYTES, OPCODE, writeHead } from "../../websocket/mod.ts";

/** UTF-8 needs at most this many bytes for one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;
/** A text up to this length gets the most room that it may need, so that it need not be measured. */
const UNMEASURED_UNITS = 8 * 1024;
const NO_BUFFER = Buffer.alloc(0);
/** A larger buffer is not kept for the next frames: there may be thousands of connections. */
const KEPT_BUFFER_BYTES = 4 * 1024;

const ENCODER = new TextEncoder();
const NO_BODY = { text: "", bytes: new Uint8Array(0) };

export interface FrameWriterOptions {
  /** Called when the system has taken bytes. */
  readonly written: () => void;
  /** Called once when the connection is broken. */
  readonly failed: (cause: unknown) => void;
}

/**
 * Writes frames (RFC 6455 section 5) to a stream, one write at a time. Frames that are sent while a write is under way, or
 * within one pass of the event loop, leave together.
 */
export class FrameWriter {
  readonly #stream: ByteStream;
  readonly #options: FrameWriterOptions;
  #buffer = NO_BUFFER;
  #length = 0;
  #inFlight = 0;
  #takenBytes = 0;
  /** The buffer that is being written, and the number of its bytes that the system has taken. */
  #writing = NO_BUFFER;
  #written = 0;
  #busy = false;
  #ended = false;
  #idle: (() => void) | undefined;

  constructor(stream: ByteStream, options: FrameWriterOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** Bytes that the system has not taken. */
  get pending(): number {
    return this.#length + this.#inFlight;
  }

  /** Bytes that the system has taken. */
  get taken(): number {
    return this.#takenBytes;
  }

  text(text: string): void {
    if (this.#ended) return;
    const bytes = text.length <= UNMEASURED_UNITS ? undefined : Buffer.byteLength(text);
    this.#reserve(MAX_HEAD_BYTES + (bytes ?? text.length * MAX_BYTES_PER_UNIT));
    const head = headBytes(bytes ?? text.length);
    const start = this.#length + head;
    this.#finishText({ start, end: start + this.#encode(text, start), guess: head });
  }

  /** Writes a text message of three parts; the body is encoded once for all sockets that send it. */
  shared(body: string, { head, tail }: Around): void {
    if (this.#ended) return;
    const bytes = bytesOf(body);
    const around = (head.length + tail.length) * MAX_BYTES_PER_UNIT;
    this.#reserve(MAX_HEAD_BYTES + around + bytes.length);
    const guess = headBytes(head.length + bytes.length + tail.length);
    const start = this.#length + guess;
    let end = start + this.#encode(head, start);
    this.#buffer.set(bytes, end);
    end += bytes.length;
    end += this.#encode(tail, end);
    this.#finishText({ start, end, guess });
  }

  /** Writes a control frame. */
  control(opcode: number, payload: Uint8Array): void {
    if (this.#ended) return;
    this.#reserve(MAX_HEAD_BYTES + payload.length);
    this.#length = this.#head(opcode, payload.length);
    this.#buffer.set(payload, this.#length);
    this.#length += payload.length;
    this.#schedule();
  }

  /** Writes bytes that are not a frame. */
  raw(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    this.#schedule();
  }

  /** Calls `work` once the system has taken everything. */
  whenIdle(work: () => void): void {
    if (this.pending === 0) work();
    else this.#idle = work;
  }

  /** Drops the frames that have not been written. */
  end(): void {
    this.#ended = true;
    this.#length = this.#inFlight = 0;
    this.#buffer = this.#writing = NO_BUFFER;
    this.#idle = undefined;
  }

  /** Puts the head in front of a payload for which a head of `guess` bytes was left free. */
  #finishText({ start, end, guess }: { start: number; end: number; guess: number }): void {
    const exact = headBytes(end - start);
    if (exact !== guess) this.#buffer.copyWithin(start - guess + exact, start, end);
    this.#head(OPCODE.text, end - start);
    this.#length = end - guess + exact;
    this.#schedule();
  }

  #encode(text: string, at: number): number {
    const { buffer, byteOffset, byteLength } = this.#buffer;
    return ENCODER.encodeInto(text, new Uint8Array(buffer, byteOffset + at, byteLength - at)).written;
  }

  /** Writes the head of a frame and returns where its payload begins. */
  #head(opcode: number, payload: number): number {
    return writeHead(this.#buffer, { at: this.#length, opcode, payload, mask: 0 });
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const buffer = Buffer.allocUnsafeSlow(this.#length === 0 ? needed : Math.max(this.#length * 2, needed));
    this.#buffer.copy(buffer, 0, 0, this.#length);
    this.#buffer = buffer;
  }

  #schedule(): void {
    if (this.#busy) return;
    this.#busy = true;
    if (scheduled.push(this) === 1) queueMicrotask(flushScheduled);
  }

  /** Writes the waiting frames, if there are any. */
  flush(): void {
    if (this.#ended || this.#length === 0) {
      this.#busy = false;
      return;
    }
    this.#writing = this.#buffer;
    this.#written = 0;
    this.#inFlight = this.#length;
    // Another buffer is made only if something is sent before this one is free again.
    this.#buffer = NO_BUFFER;
    this.#length = 0;
    this.#write();
  }

  #write(): void {
    const { buffer, byteOffset } = this.#writing;
    // A plain view: that of a Buffer costs several times as much (measured).
    const bytes = new Uint8Array(buffer, byteOffset + this.#written, this.#inFlight);
    this.#stream.write(bytes).then(this.#taken, this.#failed);
  }

  readonly #taken = (count: number): void => {
    if (this.#ended) return;
    this.#takenBytes += count;
    this.#written += count;
    this.#inFlight -= count;
    if (this.#inFlight > 0) {
      this.#write();
      return this.#options.written();
    }
    if (this.#length === 0 && this.#writing.length <= KEPT_BUFFER_BYTES) this.#buffer = this.#writing;
    // This is called first, so that frames that it causes leave with the next write.
    this.#options.written();
    const idle = this.pending === 0 ? this.#idle : undefined;
    if (idle !== undefined) this.#idle = undefined;
    this.flush();
    idle?.();
  };

  readonly #failed = (cause: unknown): void => {
    if (!this.#ended) this.#options.failed(cause);
  };
}

/** The writers with frames to send in this pass of the event loop: one event may be sent by thousands of them. */
let scheduled: FrameWriter[] = [];

/**
 * Writers that are flushed before the promises of their writes are settled, which happens before the next immediate. All of
 * them at once would keep the promises of thousands of writes alive together, and the collector would copy them: 24 us for
 * each of 5,000 connections instead of 13 (measured).
 */
const FLUSHED_TOGETHER = 16;

function flushScheduled(): void {
  const writers = scheduled;
  scheduled = [];
  flushFrom(writers, 0);
}

function flushFrom(writers: readonly FrameWriter[], start: number): void {
  const end = Math.min(writers.length, start + FLUSHED_TOGETHER);
  for (let index = start; index < end; index++) writers[index]?.flush();
  if (end < writers.length) setImmediate(() => flushFrom(writers, end));
  else lastBody = NO_BODY;
}

/** The body that was encoded last: an event is sent to its subscribers one after the other. */
let lastBody = NO_BODY;

function bytesOf(text: string): Uint8Array {
  if (lastBody.text !== text) lastBody = { text, bytes: ENCODER.encode(text) };
  return lastBody.bytes;
}
