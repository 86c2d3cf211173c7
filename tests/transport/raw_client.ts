/** What a peer on a plain TCP socket can do that no WebSocket library lets it do. */
export interface Frame {
  readonly fin: boolean;
  readonly opcode: number;
  readonly payload: Uint8Array;
}

export interface FrameOptions {
  readonly fin?: boolean;
  readonly opcode?: number;
  readonly masked?: boolean;
  /** The three reserved bits, as a number from 0 to 7. */
  readonly reserved?: number;
  /** Writes this payload length into the header, whatever the payload's. */
  readonly claim?: number;
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface HandshakeOptions {
  readonly hostname?: string;
  readonly path?: string;
  readonly method?: string;
  readonly origin?: string;
  /** Added to the usual headers; null takes one away. */
  readonly headers?: Record<string, string | null>;
}

/** The answer to a handshake, or to any other request. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** RFC 6455 section 1.3. */
const SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** A WebSocket client that speaks frame by frame, and reads only when told to. */
export class RawClient implements Disposable {
  readonly #conn: Deno.Conn;
  #buffer = new Uint8Array(0);
  #ended = false;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Connects and completes the handshake; throws when it is refused. */
  static async connect(port: number, options: HandshakeOptions = {}): Promise<RawClient> {
    const client = new RawClient(await Deno.connect({ hostname: options.hostname ?? "127.0.0.1", port }));
    const answer = await client.request(options);
    if (answer.status !== 101) {
      client.close();
      throw new Error(`handshake refused: ${answer.status} ${answer.body}`);
    }
    return client;
  }

  /** Sends one request on a new connection and returns the answer. */
  static async ask(port: number, options: HandshakeOptions = {}): Promise<HttpAnswer> {
    using client = new RawClient(await Deno.connect({ hostname: options.hostname ?? "127.0.0.1", port }));
    return await client.request(options);
  }

  async request(options: HandshakeOptions = {}): Promise<HttpAnswer> {
    const headers: Record<string, string | null> = {
      "Host": "localhost",
      "Upgrade": "websocket",
      "Connection": "Upgrade",
      "Sec-WebSocket-Key": SAMPLE_KEY,
      "Sec-WebSocket-Version": "13",
      ...(options.origin === undefined ? {} : { "Origin": options.origin }),
      ...options.headers,
    };
    const lines = Object.entries(headers).flatMap(([name, value]) => value === null ? [] : [`${name}: ${value}\r\n`]);
    await this.write(
      encoder.encode(`${options.method ?? "GET"} ${options.path ?? "/"} HTTP/1.1\r\n${lines.join("")}\r\n`),
    );
    return await this.#answer();
  }

  /** Writes bytes as they are. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
  }

  /** Sends one frame, a whole masked text message unless told otherwise. */
  async send(payload: string | Uint8Array, options: FrameOptions = {}): Promise<void> {
    await this.write(encodeFrame(typeof payload === "string" ? encoder.encode(payload) : payload, options));
  }

  /** Sends one message in frames of `size` bytes. */
  async sendFragments(payload: string | Uint8Array, size: number): Promise<void> {
    const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
    const first = typeof payload === "string" ? OPCODE.text : OPCODE.binary;
    for (let at = 0; at < bytes.length; at += size) {
      const opcode = at === 0 ? first : OPCODE.continuation;
      await this.send(bytes.subarray(at, at + size), { opcode, fin: at + size >= bytes.length });
    }
  }

  /** The next frame; null when the server has ended the TCP connection. Answers no ping. */
  async frame(): Promise<Frame | null> {
    if (!await this.#fill(2)) return null;
    const second = this.#buffer[1] ?? 0;
    let length = second & 0x7f;
    let head = 2;
    if (length === 126) {
      if (!await this.#fill(4)) return null;
      length = this.#view().getUint16(2);
      head = 4;
    } else if (length === 127) {
      if (!await this.#fill(10)) return null;
      length = Number(this.#view().getBigUint64(2));
      head = 10;
    }
    if (!await this.#fill(head + length)) return null;
    const first = this.#buffer[0] ?? 0;
    const payload = this.#buffer.slice(head, head + length);
    this.#buffer = this.#buffer.subarray(head + length);
    return { fin: (first & 0x80) !== 0, opcode: first & 0x0f, payload };
  }

  /** The text of the next text frame; control frames in between are passed over. Null at the end. */
  async text(): Promise<string | null> {
    for (;;) {
      const frame = await this.frame();
      if (frame === null || frame.opcode === OPCODE.close) return null;
      if (frame.opcode === OPCODE.text) return decoder.decode(frame.payload);
    }
  }

  /** Reads to the close frame and returns what it says; null when the connection ended without one. */
  async closeFrame(): Promise<{ code: number; reason: string } | null> {
    for (;;) {
      const frame = await this.frame();
      if (frame === null) return null;
      if (frame.opcode !== OPCODE.close) continue;
      const view = new DataView(frame.payload.buffer, frame.payload.byteOffset, frame.payload.byteLength);
      const code = frame.payload.length < 2 ? 1005 : view.getUint16(0);
      return { code, reason: decoder.decode(frame.payload.subarray(2)) };
    }
  }

  /** Ends the TCP connection without a closing handshake. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#conn.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #view(): DataView {
    return new DataView(this.#buffer.buffer, this.#buffer.byteOffset, this.#buffer.byteLength);
  }

  /** Reads until `count` bytes are there; false at the end of the stream. */
  async #fill(count: number): Promise<boolean> {
    if (this.#buffer.length >= count) return true;
    const parts: Uint8Array[] = [this.#buffer];
    let have = this.#buffer.length;
    while (have < count) {
      const chunk = new Uint8Array(64 * 1024);
      const read = await this.#read(chunk);
      if (read === null) break;
      parts.push(chunk.subarray(0, read));
      have += read;
    }
    this.#buffer = join(parts, have);
    return have >= count;
  }

  async #read(chunk: Uint8Array): Promise<number | null> {
    try {
      return await this.#conn.read(chunk);
    } catch (error) {
      // A reset is an end as well.
      if (error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe) return null;
      throw error;
    }
  }

  async #answer(): Promise<HttpAnswer> {
    let end = -1;
    for (let want = 1; end < 0; want = this.#buffer.length + 1) {
      if (!await this.#fill(want)) throw new Error("the server ended the connection without an answer");
      end = decoder.decode(this.#buffer).indexOf("\r\n\r\n");
    }
    const [line = "", ...fields] = decoder.decode(this.#buffer.subarray(0, end)).split("\r\n");
    this.#buffer = this.#buffer.subarray(end + 4);
    const headers = new Headers(fields.map((field): [string, string] => {
      const colon = field.indexOf(":");
      return [field.slice(0, colon), field.slice(colon + 1).trim()];
    }));
    const length = Number(headers.get("content-length") ?? "0");
    await this.#fill(length);
    const body = decoder.decode(this.#buffer.subarray(0, length));
    this.#buffer = this.#buffer.subarray(length);
    return { status: Number(line.split(" ")[1]), headers, body };
  }
}

/** Encodes one frame as a client sends it. */
export function encodeFrame(payload: Uint8Array, options: FrameOptions = {}): Uint8Array {
  const { fin = true, opcode = OPCODE.text, masked = true, reserved = 0 } = options;
  const length = options.claim ?? payload.length;
  const extended = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const head = 2 + extended + (masked ? 4 : 0);
  const frame = new Uint8Array(head + payload.length);
  const view = new DataView(frame.buffer);
  frame[0] = (fin ? 0x80 : 0) | reserved << 4 | opcode;
  frame[1] = (masked ? 0x80 : 0) | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) view.setUint16(2, length);
  if (extended === 8) view.setBigUint64(2, BigInt(length));
  frame.set(payload, head);
  if (!masked) return frame;
  const mask = crypto.getRandomValues(new Uint8Array(4));
  frame.set(mask, head - 4);
  for (let i = 0; i < payload.length; i++) frame[head + i] = (payload[i] ?? 0) ^ (mask[i & 3] ?? 0);
  return frame;
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
