import { Buffer, isUtf8 } from "node:buffer";
import {
  applyMask,
  CONTROL_BIT,
  extendedLengthBytes,
  FINAL,
  LENGTH_BITS,
  MASK_BYTES,
  MASKED,
  MAX_CONTROL_BYTES,
  OPCODE,
  OPCODE_BITS,
  payloadLength,
  RESERVED_BITS,
} from "../../websocket/mod.ts";
import { CLOSE, mayBeSent, NO_CODE } from "./close.ts";
import { UNCOUNTED_BYTES } from "./receive_budget.ts";

/** A breach of the protocol or of a limit by the peer, with the close code for it. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  readonly code: number;

  constructor(code: number, reason: string) {
    super(reason);
    this.code = code;
  }
}

export interface FrameHandler {
  message(data: string | Uint8Array): void;
  ping(payload: Uint8Array): void;
  pong(): void;
  /** Reports the peer's close frame; code 1005 when it has none. */
  peerClosed(code: number, reason: string): void;
  /** Reports the memory that an unfinished message takes; 0 when it is complete. */
  holds(bytes: number): void;
}

export interface FrameReaderOptions {
  readonly maxMessageBytes: number;
}

/** The buffer of a quiet connection; one that fills it is read in larger pieces. */
const SMALL_BUFFER_BYTES = 2 * 1024;
const LARGE_BUFFER_BYTES = 64 * 1024;

/**
 * Reads the frames of a client (RFC 6455 section 5) from bytes: the owner puts bytes into {@link space} and reports their
 * number to {@link filled}. A large payload is put into its message at once, so it is copied only when it becomes a string.
 */
export class FrameReader {
  readonly #handler: FrameHandler;
  readonly #maxMessageBytes: number;
  #buffer = Buffer.allocUnsafeSlow(SMALL_BUFFER_BYTES);
  #start = 0;
  #end = 0;
  /** The opcode of the message that has begun; 0 when none has. */
  #opcode = 0;
  #message = Buffer.alloc(0);
  #messageLength = 0;
  /** Of the current frame: the bytes still to come, the bytes that came, and whether it ends its message. */
  #payloadLeft = 0;
  #payloadRead = 0;
  #final = false;
  readonly #mask = new Uint8Array(MASK_BYTES);

  constructor(handler: FrameHandler, { maxMessageBytes }: FrameReaderOptions) {
    this.#handler = handler;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** The space for the next bytes. */
  space(): Uint8Array {
    if (this.#payloadLeft > 0) {
      const room = Math.min(this.#reserve(1) - this.#messageLength, this.#payloadLeft);
      return this.#message.subarray(this.#messageLength, this.#messageLength + room);
    }
    if (this.#start > 0) this.#compact();
    return this.#buffer.subarray(this.#end);
  }

  /** Reads the `count` bytes that were put into {@link space}; throws a {@link FrameError}. */
  filled(count: number): void {
    if (this.#payloadLeft > 0) {
      const start = this.#messageLength;
      this.#unmask(this.#message, start, start + count);
      this.#messageLength += count;
      this.#payloadLeft -= count;
      if (this.#payloadLeft === 0) this.#endFrame();
      return;
    }
    this.#end += count;
    this.#parse();
  }

  #compact(): void {
    const rest = this.#end - this.#start;
    // Grows for a peer that fills it, and shrinks again for one that has become quiet.
    const size = this.#end === this.#buffer.length
      ? LARGE_BUFFER_BYTES
      : rest === 0 && this.#end <= SMALL_BUFFER_BYTES / 2
      ? SMALL_BUFFER_BYTES
      : this.#buffer.length;
    const buffer = size === this.#buffer.length ? this.#buffer : Buffer.allocUnsafeSlow(size);
    if (rest > 0) this.#buffer.copy(buffer, 0, this.#start, this.#end);
    [this.#buffer, this.#start, this.#end] = [buffer, 0, rest];
  }

  #parse(): void {
    while (this.#end - this.#start >= 2) {
      const first = this.#buffer[this.#start] ?? 0;
      const second = this.#buffer[this.#start + 1] ?? 0;
      const opcode = first & OPCODE_BITS;
      this.#check(first, second);
      const payload = this.#start + 2 + extendedLengthBytes(second) + MASK_BYTES;
      if (payload > this.#end) return;
      const length = payloadLength(this.#buffer, this.#start);
      const isControl = (opcode & CONTROL_BIT) !== 0;
      if (!isControl) this.#checkSize(length);
      this.#buffer.copy(this.#mask, 0, payload - MASK_BYTES, payload);
      this.#payloadRead = 0;
      const whole = this.#end - payload >= length;
      if (isControl) {
        if (!whole) return;
        this.#start = payload + length;
        this.#unmask(this.#buffer, payload, this.#start);
        this.#control(opcode, this.#buffer.subarray(payload, this.#start));
      } else if (whole && opcode !== OPCODE.continuation && (first & FINAL) !== 0) {
        this.#start = payload + length;
        this.#unmask(this.#buffer, payload, this.#start);
        this.#deliver(opcode, this.#buffer.subarray(payload, this.#start));
      } else {
        if (opcode !== OPCODE.continuation) this.#opcode = opcode;
        this.#final = (first & FINAL) !== 0;
        this.#append(payload, Math.min(length, this.#end - payload));
        this.#payloadLeft = length - this.#payloadRead;
        if (this.#payloadLeft > 0) return;
        this.#endFrame();
      }
    }
  }

  /** Checks the head of a frame by RFC 6455 sections 5.1, 5.2, 5.4 and 5.5. */
  #check(first: number, second: number): void {
    const opcode = first & OPCODE_BITS;
    if ((first & RESERVED_BITS) !== 0) throw violation("a reserved bit is set");
    if ((second & MASKED) === 0) throw violation("a frame of a client must be masked");
    if ((opcode & CONTROL_BIT) !== 0) {
      if (opcode > OPCODE.pong) throw violation(`opcode ${opcode} is reserved`);
      if ((first & FINAL) === 0) throw violation("a control frame must not be fragmented");
      if ((second & LENGTH_BITS) > MAX_CONTROL_BYTES) throw violation("a control frame carries 125 bytes at most");
    } else if (opcode > OPCODE.binary) {
      throw violation(`opcode ${opcode} is reserved`);
    } else if (opcode === OPCODE.continuation) {
      if (this.#opcode === 0) throw violation("a continuation without a message");
    } else if (this.#opcode !== 0) {
      throw violation("a new message within a fragmented one");
    }
  }

  #checkSize(length: number): void {
    const bytes = this.#messageLength + length;
    if (bytes <= this.#maxMessageBytes) return;
    const reason = `message too large: ${bytes} bytes, the limit is ${this.#maxMessageBytes}`;
    throw new FrameError(CLOSE.messageTooBig, reason);
  }

  /** Moves `count` bytes of the buffer into the message. */
  #append(from: number, count: number): void {
    this.#start = from + count;
    if (count === 0) return;
    this.#unmask(this.#buffer, from, this.#start);
    this.#reserve(count);
    this.#buffer.copy(this.#message, this.#messageLength, from, this.#start);
    this.#messageLength += count;
  }

  /** Makes room for at least `count` further bytes of the message; returns the size of its memory. */
  #reserve(count: number): number {
    const needed = this.#messageLength + count;
    if (needed <= this.#message.length) return this.#message.length;
    // Memory grows with the bytes that have arrived, not with the length that a header announces.
    const wanted = Math.max(needed, Math.min(this.#messageLength * 2, this.#messageLength + this.#payloadLeft));
    const message = Buffer.allocUnsafeSlow(Math.min(Math.max(wanted, SMALL_BUFFER_BYTES * 4), this.#maxMessageBytes));
    this.#message.copy(message, 0, 0, this.#messageLength);
    this.#message = message;
    if (message.length > UNCOUNTED_BYTES) this.#handler.holds(message.length);
    return message.length;
  }

  #unmask(bytes: Uint8Array, start: number, end: number): void {
    applyMask(bytes, { mask: this.#mask, start, end, offset: this.#payloadRead });
    this.#payloadRead += end - start;
  }

  #endFrame(): void {
    if (!this.#final) return;
    const [opcode, message, length] = [this.#opcode, this.#message, this.#messageLength];
    [this.#opcode, this.#message, this.#messageLength] = [0, Buffer.alloc(0), 0];
    if (message.length > UNCOUNTED_BYTES) this.#handler.holds(0);
    this.#deliver(opcode, message.subarray(0, length));
  }

  #deliver(opcode: number, bytes: Buffer): void {
    if (opcode === OPCODE.binary) return this.#handler.message(new Uint8Array(bytes));
    if (!isUtf8(bytes)) throw new FrameError(CLOSE.invalidText, "a text message must be UTF-8");
    this.#handler.message(bytes.toString("utf8"));
  }

  #control(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE.ping) return this.#handler.ping(new Uint8Array(payload));
    if (opcode === OPCODE.pong) return this.#handler.pong();
    if (payload.length === 0) return this.#handler.peerClosed(NO_CODE, "");
    if (payload.length === 1) throw violation("a close code has two bytes");
    const code = payload.readUInt16BE(0);
    if (!mayBeSent(code)) throw violation(`close code ${code} must not be sent`);
    const reason = payload.subarray(2);
    if (!isUtf8(reason)) throw new FrameError(CLOSE.invalidText, "a close reason must be UTF-8");
    this.#handler.peerClosed(code, reason.toString("utf8"));
  }
}

function violation(reason: string): FrameError {
  return new FrameError(CLOSE.protocolError, reason);
}
