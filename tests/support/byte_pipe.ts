import type { ByteStream } from "../../src/transport/net/byte_stream.ts";

/** The server's side of a connection in memory, and what a test does on the client's side. */
export class BytePipe implements ByteStream {
  readonly #chunks: Uint8Array[] = [];
  #reader: ((chunk: Uint8Array | null) => void) | undefined;
  #ended = false;
  #closed = false;
  #writes: { bytes: Uint8Array; settle: PromiseWithResolvers<number> }[] = [];
  /** Bytes that the peer's system takes of one write; 0 while the peer does not read. */
  takes = Infinity;
  /** Everything that was written and taken. */
  received = new Uint8Array(0);
  hasClosedWrite = false;

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Sends bytes to the server. */
  send(bytes: Uint8Array): void {
    this.#chunks.push(bytes.slice());
    this.#pump();
  }

  /** Ends the client's direction. */
  end(): void {
    this.#ended = true;
    this.#pump();
  }

  /** Takes writes that wait, after `takes` was changed. */
  take(): void {
    for (const { bytes, settle } of this.#writes.splice(0)) this.#accept(bytes, settle);
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#closed) throw new Deno.errors.BadResource("closed");
    const promise = new Promise<Uint8Array | null>((resolve) => this.#reader = resolve);
    this.#pump();
    const chunk = await promise;
    if (this.#closed) throw new Deno.errors.Interrupted("closed");
    if (chunk === null) return null;
    const count = Math.min(chunk.length, into.length);
    into.set(chunk.subarray(0, count));
    if (count < chunk.length) this.#chunks.unshift(chunk.subarray(count));
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.#closed) return Promise.reject(new Deno.errors.BadResource("closed"));
    const settle = Promise.withResolvers<number>();
    this.#accept(bytes, settle);
    return settle.promise;
  }

  closeWrite(): Promise<void> {
    this.hasClosedWrite = true;
    return Promise.resolve();
  }

  close(): void {
    if (this.#closed) throw new Deno.errors.BadResource("closed");
    this.#closed = true;
    this.#reader?.(null);
    for (const { settle } of this.#writes.splice(0)) settle.reject(new Deno.errors.Interrupted("closed"));
  }

  #accept(bytes: Uint8Array, settle: PromiseWithResolvers<number>): void {
    const count = Math.min(this.takes, bytes.length);
    if (count === 0) {
      this.#writes.push({ bytes, settle });
      return;
    }
    const received = new Uint8Array(this.received.length + count);
    received.set(this.received);
    received.set(bytes.subarray(0, count), this.received.length);
    this.received = received;
    settle.resolve(count);
  }

  #pump(): void {
    if (this.#reader === undefined || this.#chunks.length === 0 && !this.#ended) return;
    const reader = this.#reader;
    this.#reader = undefined;
    reader(this.#chunks.shift() ?? null);
  }
}
