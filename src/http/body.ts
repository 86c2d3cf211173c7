import { STATUS_CODE } from "@std/http/status";

/** The time that the body of a request may take to arrive, from geth's rpc.HTTPTimeouts. */
const READ_TIMEOUT_MS = 30_000;

/** The reason why a body is refused. */
export interface BodyRefusal {
  readonly status: number;
  readonly sentence: string;
}

export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs?: number;
}

/** Reads a whole body of bounded size in bounded time. Rejects when the client leaves half-way. */
export async function readBody(
  request: Request,
  { maxBytes, timeoutMs = READ_TIMEOUT_MS }: BodyLimits,
): Promise<Uint8Array | BodyRefusal> {
  if (request.body === null) return new Uint8Array(0);
  const reader = request.body.getReader();
  const late = Promise.withResolvers<BodyRefusal>();
  const timer = setTimeout(
    () => late.resolve({ status: STATUS_CODE.RequestTimeout, sentence: `no body within ${timeoutMs} ms` }),
    timeoutMs,
  );
  const refusal = await Promise.race([readChunks(reader, maxBytes), late.promise]).finally(() => clearTimeout(timer));
  // The rest of a refused body is not read; the connection ends.
  if (!(refusal instanceof Uint8Array)) reader.cancel().catch(() => {});
  return refusal;
}

async function readChunks(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | BodyRefusal> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > maxBytes) return bodyTooLarge(length, maxBytes);
    chunks.push(value);
  }
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : join(chunks, length);
}

/** Returns the refusal of a body that is too large, in the words of geth's rpc/http.go `validateRequest`. */
export function bodyTooLarge(length: number, maxBytes: number): BodyRefusal {
  return {
    status: STATUS_CODE.ContentTooLarge,
    sentence: `content length too large (${length}>${maxBytes})`,
  };
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
