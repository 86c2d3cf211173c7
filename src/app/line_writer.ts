/** A target of bytes, such as `Deno.stderr`; `write` resolves with the number of bytes that were taken. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

export interface LineWriterOptions {
  /** Bytes that may wait; further lines are dropped. */
  readonly maxWaitingBytes?: number;
  /** Makes the line that gives the number of dropped lines. */
  readonly droppedLine?: (count: number) => string;
}

/** About ten thousand lines. */
const MAX_WAITING_BYTES = 2 ** 20;

const encoder = new TextEncoder();

/**
 * Writes lines without ever waiting for their reader. A blocking write to a pipe that nobody reads would stop the whole
 * program after 64 KiB (measured). Therefore one asynchronous write runs at a time, further lines wait in a bounded queue,
 * and lines beyond that are dropped and counted.
 */
export class LineWriter {
  readonly #sink: ByteSink;
  readonly #maxWaitingBytes: number;
  #droppedLine: (count: number) => string;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #running: Promise<void> | undefined;

  constructor(sink: ByteSink, { maxWaitingBytes = MAX_WAITING_BYTES, droppedLine }: LineWriterOptions = {}) {
    this.#sink = sink;
    this.#maxWaitingBytes = maxWaitingBytes;
    this.#droppedLine = droppedLine ?? ((count) => `${count} lines were dropped`);
  }

  /** Sets the form of the line that gives the number of dropped lines. */
  set droppedLine(make: (count: number) => string) {
    this.#droppedLine = make;
  }

  /** Queues a line, without its line feed. */
  write(line: string): void {
    const bytes = encoder.encode(`${line}\n`);
    if (this.#waitingBytes + bytes.length > this.#maxWaitingBytes) {
      this.#dropped += 1;
      return;
    }
    this.#push(bytes);
    this.#running ??= this.#run();
  }

  /** Resolves when every line is written, or with false after `withinMs` milliseconds. */
  async flush({ withinMs }: { readonly withinMs: number }): Promise<boolean> {
    const running = this.#running;
    if (running === undefined) return true;
    const { promise, resolve } = Promise.withResolvers<false>();
    const timer = setTimeout(() => resolve(false), withinMs);
    const written = await Promise.race([running.then(() => true), promise]);
    clearTimeout(timer);
    return written;
  }

  #push(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  async #run(): Promise<void> {
    // The lines of one task are written together.
    await undefined;
    while (this.#waiting.length > 0) {
      const bytes = joined(this.#waiting, this.#waitingBytes);
      this.#waiting = [];
      this.#waitingBytes = 0;
      await this.#writeAll(bytes);
      if (this.#dropped > 0) {
        const line = this.#droppedLine(this.#dropped);
        this.#dropped = 0;
        this.#push(encoder.encode(`${line}\n`));
      }
    }
    this.#running = undefined;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    try {
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#sink.write(rest));
    } catch {
      // The reader is gone. The program goes on; there is no other place for a message about it.
    }
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
