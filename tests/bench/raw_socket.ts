const MASK = [0x3a, 0x91, 0x5c, 0x07] as const;
const READ_BYTES = 16 * 1024;
const encoder = new TextEncoder();

/** One masked text frame, built once and written many times. */
export function textFrame(text: string): Uint8Array<ArrayBuffer> {
  const payload = encoder.encode(text);
  const header = payload.length < 126
    ? [0x81, 0x80 | payload.length]
    : payload.length < 0x1_0000
    ? [0x81, 0xfe, payload.length >> 8, payload.length & 0xff]
    : [0x81, 0xff, 0, 0, 0, 0, ...new Uint8Array(new Uint32Array([payload.length]).buffer).reverse()];
  const frame = new Uint8Array(header.length + MASK.length + payload.length);
  frame.set(header);
  frame.set(MASK, header.length);
  const start = header.length + MASK.length;
  for (let i = 0; i < payload.length; i++) frame[start + i] = (payload[i] ?? 0) ^ (MASK[i & 3] ?? 0);
  return frame;
}

/**
 * A WebSocket client on a plain TCP connection: it parses no more of a frame than its length, so that one core of load
 * generator is enough for the server under test on the other.
 */
export class RawSocket {
  readonly #tcp: Deno.TcpConn;
  readonly #buffer = new Uint8Array(READ_BYTES);
  #start = 0;
  #end = 0;
  /** Bytes of a frame's payload that are still to come; its text is not kept. */
  #skip = 0;

  private constructor(tcp: Deno.TcpConn) {
    this.#tcp = tcp;
  }

  static async open(url: string): Promise<RawSocket> {
    const { hostname, port, pathname } = new URL(url);
    const tcp = await Deno.connect({ hostname, port: Number(port) });
    tcp.setNoDelay(true);
    const socket = new RawSocket(tcp);
    await socket.write(encoder.encode(
      `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    ));
    await socket.#handshake();
    return socket;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length;) written += await this.#tcp.write(bytes.subarray(written));
  }

  /** Waits for data and returns how many messages ended in it. */
  async messages(): Promise<number> {
    for (;;) {
      const count = this.#parse();
      if (count > 0) return count;
      await this.#read();
    }
  }

  /** Reads messages until `count` have ended. */
  async take(count: number): Promise<void> {
    while (count > 0) count -= await this.messages();
  }

  /** Reads one message whole, as text. */
  async text(): Promise<string> {
    const parts: Uint8Array[] = [];
    for (;;) {
      const frame = this.#frame();
      if (frame === null) {
        await this.#read();
        continue;
      }
      let left = frame.length;
      while (left > 0) {
        if (this.#start === this.#end) await this.#read();
        const piece = this.#buffer.slice(this.#start, Math.min(this.#end, this.#start + left));
        this.#start += piece.length;
        left -= piece.length;
        parts.push(piece);
      }
      if (frame.isMessage) return await new Blob(parts as Uint8Array<ArrayBuffer>[]).text();
      parts.length = 0;
    }
  }

  close(): void {
    this.#tcp.close();
  }

  #parse(): number {
    let count = 0;
    for (;;) {
      const skipped = Math.min(this.#skip, this.#end - this.#start);
      this.#start += skipped;
      this.#skip -= skipped;
      if (this.#skip > 0) return count;
      const frame = this.#frame();
      if (frame === null) return count;
      this.#skip = frame.length;
      if (frame.length <= this.#end - this.#start) {
        this.#start += frame.length;
        this.#skip = 0;
      }
      if (frame.isMessage) count++;
    }
  }

  /** Reads a frame's header when all of it is there. A ping counts as no message. */
  #frame(): { length: number; isMessage: boolean } | null {
    const have = this.#end - this.#start;
    if (have < 2) return null;
    const at = (offset: number) => this.#buffer[this.#start + offset] ?? 0;
    const short = at(1) & 0x7f;
    const size = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (have < size) return null;
    const length = size === 2
      ? short
      : size === 4
      ? (at(2) << 8) | at(3)
      : (at(6) * 0x100_0000) + ((at(7) << 16) | (at(8) << 8) | at(9));
    const opcode = at(0) & 0x0f;
    if (opcode === 8) throw new Error("the server closed the connection");
    this.#start += size;
    return { length, isMessage: opcode < 8 };
  }

  async #handshake(): Promise<void> {
    for (;;) {
      await this.#read();
      const text = new TextDecoder().decode(this.#buffer.subarray(this.#start, this.#end));
      const end = text.indexOf("\r\n\r\n");
      if (end === -1) continue;
      if (!text.startsWith("HTTP/1.1 101")) throw new Error(`refused: ${text.slice(0, end)}`);
      this.#start += end + 4;
      return;
    }
  }

  async #read(): Promise<void> {
    if (this.#start === this.#end) this.#start = this.#end = 0;
    else if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    const read = await this.#tcp.read(this.#buffer.subarray(this.#end));
    if (read === null) throw new Error("the server ended the connection");
    this.#end += read;
  }
}
