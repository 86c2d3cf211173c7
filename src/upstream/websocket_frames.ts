import {
  applyMask,
  CONTROL_BIT,
  extendedLengthBytes,
  FINAL,
  headBytes,
  MASK_BYTES,
  MASKED,
  MAX_CONTROL_BYTES,
  OPCODE,
  OPCODE_BITS,
  payloadLength,
  RESERVED_BITS,
  writeHead,
} from "../websocket/mod.ts";

/** A breach of RFC 6455 by the other side; the message names it. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** A complete message, or a control frame. Its bytes are valid until the next call of the reader. */
export interface Message {
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** Encodes one final frame as a client must, masked; the mask is read from `mask`. */
export function encodeFrame(opcode: number, payload: Uint8Array, mask: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  const frame = new Uint8Array(headBytes(length) + MASK_BYTES + length);
  const head = writeHead(frame, { at: 0, opcode, payload: length, mask: MASKED });
  frame.set(mask, head);
  frame.set(payload, head + MASK_BYTES);
  applyMask(frame, { mask, start: head + MASK_BYTES, end: frame.length, offset: 0 });
  return frame;
}

/** The header of a frame whose payload is being read. */
interface Header {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly length: number;
}

/** Cuts the bytes of a server into messages. A breach of the protocol, or a message longer than allowed, throws FrameError. */
export class FrameReader {
  readonly #maxBytes: number;
  /** Bytes that have come and are not read yet. */
  #chunk = new Uint8Array(0);
  #header: Header | null = null;
  /** The parts of the payload of the present frame, and how many bytes of it are still to come. */
  #parts: Uint8Array[] = [];
  #left = 0;
  /** The message of which the frames so far are parts; its opcode is 0 between messages. */
  #opcode = 0;
  #fragments: Uint8Array[] = [];
  #fragmentBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes bytes, which it may keep only until the next call of {@link next} returns null. */
  push(bytes: Uint8Array): void {
    this.#chunk = this.#chunk.length === 0 ? bytes as Uint8Array<ArrayBuffer> : joined([this.#chunk, bytes]);
  }

  /** Returns the next complete message or control frame; null when more bytes are needed. */
  next(): Message | null {
    for (;;) {
      this.#header ??= this.#readHeader();
      if (this.#header === null) {
        // What is kept beyond this call must not be a view of the buffer that is read into.
        this.#chunk = this.#chunk.slice();
        return null;
      }
      const payload = this.#readPayload(this.#header.length);
      if (payload === null) return null;
      const header = this.#header;
      this.#header = null;
      const message = this.#take(header, payload);
      if (message !== null) return message;
    }
  }

  #readHeader(): Header | null {
    const chunk = this.#chunk;
    const [first, second] = chunk;
    if (first === undefined || second === undefined) return null;
    const size = 2 + extendedLengthBytes(second);
    if (chunk.length < size) return null;
    if ((first & RESERVED_BITS) !== 0) throw new FrameError("a frame has bits of an extension that was not agreed on");
    if ((second & MASKED) !== 0) throw new FrameError("a frame of a server is masked");
    const length = payloadLength(chunk, 0);
    const header = { isFinal: (first & FINAL) !== 0, opcode: first & OPCODE_BITS, length };
    this.#check(header);
    this.#chunk = chunk.subarray(size);
    this.#left = length;
    this.#parts = [];
    return header;
  }

  #check({ isFinal, opcode, length }: Header): void {
    if ((opcode & CONTROL_BIT) !== 0) {
      if (opcode > OPCODE.pong) throw new FrameError(`a frame has the unknown opcode ${opcode}`);
      if (!isFinal || length > MAX_CONTROL_BYTES) throw new FrameError("a control frame is in parts or too long");
      return;
    }
    if (opcode > OPCODE.binary) throw new FrameError(`a frame has the unknown opcode ${opcode}`);
    if ((opcode === OPCODE.continuation) !== (this.#opcode !== 0)) {
      throw new FrameError("the frames of a message are out of order");
    }
    if (this.#fragmentBytes + length > this.#maxBytes) {
      throw new FrameError(`a message is longer than ${this.#maxBytes} bytes`);
    }
  }

  #readPayload(length: number): Uint8Array | null {
    if (this.#parts.length === 0 && this.#chunk.length >= length) {
      const payload = this.#chunk.subarray(0, length);
      this.#chunk = this.#chunk.subarray(length);
      return payload;
    }
    const part = this.#chunk.slice(0, this.#left);
    this.#chunk = this.#chunk.subarray(part.length);
    this.#parts.push(part);
    this.#left -= part.length;
    return this.#left > 0 ? null : joined(this.#parts);
  }

  #take({ isFinal, opcode }: Header, payload: Uint8Array): Message | null {
    if ((opcode & CONTROL_BIT) !== 0) return { opcode, payload };
    if (opcode !== OPCODE.continuation) {
      if (isFinal) return { opcode, payload };
      this.#opcode = opcode;
    }
    this.#fragments.push(payload.slice());
    this.#fragmentBytes += payload.length;
    if (!isFinal) return null;
    const message = { opcode: this.#opcode, payload: joined(this.#fragments) };
    this.#opcode = 0;
    this.#fragments = [];
    this.#fragmentBytes = 0;
    return message;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
