import type { RawJson } from "../rpc/raw_json.ts";

/** The memory of a cached answer besides its text (two bytes a unit at most), for its key and its entry. */
const ENTRY_BYTES = 256;

/** A cache of answers that cannot change any more; equal questions at the same time are sent once. */
export class AnswerCache {
  readonly #maxBytes: number;
  readonly #answers = new Map<string, RawJson>();
  readonly #asking = new Map<string, Promise<RawJson>>();
  #bytes = 0;
  #hits = 0;
  #joined = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The numbers of questions that were answered from the cache, and of those that joined an equal one. */
  get stats(): { readonly hits: number; readonly joined: number; readonly bytes: number } {
    return { hits: this.#hits, joined: this.#joined, bytes: this.#bytes };
  }

  /** Returns the answer to `key`; `keeps` decides, when it has come, whether it can never change. */
  get(key: string, ask: () => Promise<RawJson>, keeps: (answer: RawJson) => boolean): RawJson | Promise<RawJson> {
    const known = this.#answers.get(key);
    if (known !== undefined) {
      this.#hits++;
      this.#answers.delete(key);
      this.#answers.set(key, known);
      return known;
    }
    const asking = this.#asking.get(key);
    if (asking !== undefined) {
      this.#joined++;
      return asking;
    }
    const asked = ask().then((answer) => {
      if (keeps(answer)) this.#keep(key, answer);
      return answer;
    }).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asked);
    return asked;
  }

  /** Forgets every answer. */
  clear(): void {
    this.#answers.clear();
    this.#bytes = 0;
  }

  #keep(key: string, answer: RawJson): void {
    const size = sizeOf(key, answer);
    if (size > this.#maxBytes / 8) return;
    this.#answers.set(key, answer);
    this.#bytes += size;
    for (const [oldest, text] of this.#answers) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#answers.delete(oldest);
      this.#bytes -= sizeOf(oldest, text);
    }
  }
}

function sizeOf(key: string, { text }: RawJson): number {
  return ENTRY_BYTES + key.length + text.length;
}
