import type { RawJson } from "../rpc/raw_json.ts";
import type { UpstreamAddress } from "./address.ts";
import { retryAfterMs, UpstreamFailure } from "./failure.ts";
import { MalformedJson } from "./json_spans.ts";
import { encodeCall, readBatch, type UpstreamMessage } from "./message.ts";
import type { CallLimits, Channel } from "./session.ts";

/** A longer answer is given up. */
const MAX_BODY_BYTES = 512 * 2 ** 20;

/** A channel of calls over POST, on connections that are kept and shared. */
export class HttpChannel implements Channel {
  readonly #address: UpstreamAddress;
  readonly #ended = new AbortController();
  #nextId = 1;

  constructor(address: UpstreamAddress) {
    this.#address = address;
  }

  async call(method: string, params: string, limits: CallLimits): Promise<RawJson> {
    const [message] = await this.post(encodeCall(this.#nextId++, method, params), { ...limits, what: method });
    if (message?.kind === "answer") return message.result;
    if (message?.kind === "refusal") throw message.error;
    throw new UpstreamFailure("malformed", "neither an answer nor an error");
  }

  /** Posts a call or a batch; `what` names it in the error of a timeout. Rejects with an UpstreamFailure. */
  async post(
    body: string,
    { timeoutMs, signal, what }: CallLimits & { readonly what: string },
  ): Promise<readonly UpstreamMessage[]> {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    const signals = [timeout.signal, this.#ended.signal, ...signal === undefined ? [] : [signal]];
    try {
      const response = await fetch(this.#address.url, {
        method: "POST",
        headers: { "content-type": "application/json", ...this.#address.headers },
        body,
        // A redirect could carry the credentials to another host.
        redirect: "error",
        signal: AbortSignal.any(signals),
      });
      return this.#read(response, await textOf(response));
    } catch (error) {
      if (timeout.signal.aborted) throw new UpstreamFailure("timeout", `no answer to ${what} in ${timeoutMs} ms`);
      if (signal?.aborted) throw new UpstreamFailure("aborted", "the caller is gone");
      if (this.#ended.signal.aborted) throw new UpstreamFailure("closed", "the connection was closed here");
      if (error instanceof TypeError) throw new UpstreamFailure("closed", "the connection failed", { cause: error });
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#ended.abort();
  }

  #read(response: Response, text: string): readonly UpstreamMessage[] {
    const retry = retryAfterMs(response.headers.get("retry-after"), Date.now());
    if (response.status === 429) throw new UpstreamFailure("busy", "status 429", { retryAfterMs: retry });
    try {
      const messages = readBatch(text);
      // Some providers put a JSON-RPC error into a response with status 400 or 500.
      if (messages.length > 0) return messages;
    } catch (error) {
      if (!(error instanceof MalformedJson)) throw error;
      if (response.ok) throw new UpstreamFailure("malformed", error.message, { cause: error });
    }
    throw new UpstreamFailure("status", `status ${response.status}`, { retryAfterMs: retry });
  }
}

/** Reads a body of bounded length. */
async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) {
      throw new UpstreamFailure("malformed", `an answer is longer than ${MAX_BODY_BYTES} bytes`);
    }
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  return parts.join("") + decoder.decode();
}
