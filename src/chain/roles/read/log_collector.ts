import { limitError } from "../../../rpc/error.ts";

/** The largest answer to one log query, encoded bytes; geth has no bound. Few clients take a larger frame. */
export const MAX_LOG_ANSWER_BYTES = 64 * 1024 * 1024;

/** An answer from this size on is large, encoded bytes. */
const LARGE_BYTES = 256 * 1024;

/** The encoded bytes that are joined at once, in about a millisecond, so that the end of a query does not delay others. */
const CHUNK_BYTES = 1024 * 1024;

/** Joins encoded logs into an encoded array of bounded size. */
export class LogCollector {
  readonly #chunks: string[] = [];
  #logs: string[] = [];
  #chunkBytes = 0;
  /** The brackets. */
  #bytes = 2;

  get isLarge(): boolean {
    return this.#bytes > LARGE_BYTES;
  }

  /** Adds one log, which is ASCII; fails when the answer becomes too large. */
  add(json: string): void {
    const bytes = json.length + 1;
    this.#bytes += bytes;
    if (this.#bytes > MAX_LOG_ANSWER_BYTES) {
      const message = `log answer too large: more than ${MAX_LOG_ANSWER_BYTES} bytes; narrow the range or the criteria`;
      throw limitError(message, MAX_LOG_ANSWER_BYTES, this.#bytes);
    }
    this.#logs.push(json);
    this.#chunkBytes += bytes;
    if (this.#chunkBytes >= CHUNK_BYTES) this.#endChunk();
  }

  /** Returns the array. `+` joins the chunks without a copy: the text is written once, when it is sent. */
  text(): string {
    if (this.#logs.length > 0) this.#endChunk();
    let text = "[";
    for (const [index, chunk] of this.#chunks.entries()) text += index === 0 ? chunk : `,${chunk}`;
    return `${text}]`;
  }

  #endChunk(): void {
    this.#chunks.push(this.#logs.join(","));
    this.#logs = [];
    this.#chunkBytes = 0;
  }
}
