import type { ByteStream } from "./byte_stream.ts";

const FIRST_BYTES = 2048;

/**
 * A stream, and the bytes of it that have been read already.
 *
 * @internal
 */
export interface TakenOver {
  readonly stream: ByteStream;
  readonly received: Uint8Array;
}

/** Reads a stream so that its bytes can be looked at before they are taken. */
export class ByteSource {
  readonly #stream: ByteStream;
  #buffer = new Uint8Array(FIRST_BYTES);
  #start = 0;
  #end = 0;
  #filling: Promise<boolean> | undefined;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  /** The bytes that have been read and not been taken. */
  get buffered(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Takes `count` of the buffered bytes. */
  take(count: number): void {
    this.#start += count;
    if (this.#start === this.#end) this.#start = this.#end = 0;
  }

  /**
   * Reads more bytes into the buffer; false at the end of the stream, or when the connection is broken. A call during
   * another one has the same result.
   */
  fill(): Promise<boolean> {
    return this.#filling ??= this.#fill().finally(() => this.#filling = undefined);
  }

  /** Gives the stream to another reader; no fill may be under way. */
  release(): TakenOver {
    const received = this.buffered;
    this.#buffer = new Uint8Array(0);
    return { stream: this.#stream, received };
  }

  async #fill(): Promise<boolean> {
    this.#makeRoom();
    let count: number | null;
    try {
      count = await this.#stream.read(this.#buffer.subarray(this.#end));
    } catch {
      // Reset by the peer, or closed here: there is nothing more to read in either case.
      return false;
    }
    if (count === null) return false;
    this.#end += count;
    return true;
  }

  #makeRoom(): void {
    if (this.#end < this.#buffer.length) return;
    const rest = this.buffered;
    const larger = this.#start > 0 ? this.#buffer : new Uint8Array(this.#buffer.length * 2);
    larger.set(rest);
    [this.#buffer, this.#start, this.#end] = [larger, 0, rest.length];
  }
}
