/** A smaller answer fits into the system's buffer of a socket and is sent whole. */
const WHOLE_BELOW_BYTES = 256 * 1024;
const CHUNK_BYTES = 64 * 1024;
/** The time for which a client may stop reading, from geth's rpc.HTTPTimeouts. */
const WRITE_TIMEOUT_MS = 30_000;

/** A body that is being sent. */
export interface AnswerBody {
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly bytes: number;
  /** Resolves when the memory is free again: the body was read, or its reader is gone. */
  readonly delivered: Promise<void>;
}

/** Sends a large answer as it is read, and drops the rest when the reader stops for too long. */
export function answerBody(text: string, { timeoutMs = WRITE_TIMEOUT_MS } = {}): AnswerBody {
  const whole = new TextEncoder().encode(text);
  if (whole.length < WHOLE_BELOW_BYTES) return { body: whole, bytes: whole.length, delivered: Promise.resolve() };
  const { promise: delivered, resolve } = Promise.withResolvers<void>();
  let rest = whole;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function end(): void {
    clearTimeout(timer);
    rest = new Uint8Array(0);
    resolve();
  }

  function expectPull(controller: ReadableStreamDefaultController<Uint8Array>): void {
    clearTimeout(timer);
    timer = setTimeout(() => finish(controller), timeoutMs);
  }

  /** A body that ends before its announced length ends the connection; an error would be printed by the runtime (measured). */
  function finish(controller: ReadableStreamDefaultController<Uint8Array>): void {
    end();
    controller.close();
  }

  const body = new ReadableStream<Uint8Array>({
    start: expectPull,
    pull(controller) {
      controller.enqueue(rest.subarray(0, CHUNK_BYTES));
      rest = rest.subarray(CHUNK_BYTES);
      if (rest.length === 0) finish(controller);
      else expectPull(controller);
    },
    cancel: end,
  }, { highWaterMark: 0 });
  return { body, bytes: whole.length, delivered };
}
