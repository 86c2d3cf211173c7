import type { RawJson } from "../rpc/raw_json.ts";
import { rateLimitOf, UpstreamFailure } from "./failure.ts";
import type { HttpChannel } from "./http_channel.ts";
import { encodeCall, type UpstreamMessage } from "./message.ts";
import type { CallLimits, Channel } from "./session.ts";

/** The most calls of one batch: some providers refuse more. */
const MAX_BATCH = 100;
/** The batches that are under way at once; more wait for one of them. */
const MAX_BATCHES = 6;
/** Calls whose answers take long: the others do not wait for them. */
const ALONE = /^(debug_|trace_)|^eth_(getLogs|simulateV1|getBlockReceipts|call|estimateGas)$/;
/** The statuses by which servers refuse a batch that they would take as single calls. */
const BATCH_REFUSED = /^status (400|405|413|415|501)$/;

interface Waiting {
  readonly method: string;
  readonly params: string;
  readonly limits: CallLimits;
  readonly resolve: (result: RawJson) => void;
  readonly reject: (error: unknown) => void;
}

/** Puts calls that are made in one step into one request (JSON-RPC 2.0, section 6), as far as the upstream takes that. */
export class BatchingChannel implements Channel {
  readonly #channel: HttpChannel;
  #waiting: Waiting[] = [];
  #isGathering = false;
  #underWay = 0;
  #takesBatches = true;

  constructor(channel: HttpChannel) {
    this.#channel = channel;
  }

  call(method: string, params: string, limits: CallLimits): Promise<RawJson> {
    if (!this.#takesBatches || ALONE.test(method)) return this.#channel.call(method, params, limits);
    const { promise, resolve, reject } = Promise.withResolvers<RawJson>();
    this.#waiting.push({ method, params, limits, resolve, reject });
    this.#gather();
    return abortable(promise, limits.signal);
  }

  close(): void {
    this.#channel.close();
  }

  /** Waits until the event loop has run what is due: calls that are repeated after the same pause come one by one. */
  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    setTimeout(() => {
      this.#isGathering = false;
      this.#send();
    });
  }

  #send(): void {
    while (this.#waiting.length > 0 && this.#underWay < MAX_BATCHES) {
      const calls = this.#waiting.splice(0, MAX_BATCH).filter(({ limits }) => limits.signal?.aborted !== true);
      if (calls.length === 0) continue;
      this.#underWay++;
      void this.#post(calls).finally(() => {
        this.#underWay--;
        this.#send();
      });
    }
  }

  async #post(calls: readonly Waiting[]): Promise<void> {
    const [first] = calls;
    if (first === undefined) return;
    // A caller that leaves must not take the answers of the others with it, so the request has no signal.
    const timeoutMs = Math.max(...calls.map(({ limits }) => limits.timeoutMs));
    if (calls.length === 1) return this.#alone(first);
    const body = calls.map(({ method, params }, index) => encodeCall(index, method, params));
    try {
      const messages = await this.#channel.post(`[${body.join(",")}]`, { timeoutMs, what: `${calls.length} calls` });
      const [only] = messages;
      if (messages.length === 1 && only?.kind === "refusal" && only.id === null) {
        if (rateLimitOf(only.error) !== null) throw only.error;
        return this.#oneByOne(calls);
      }
      deliver(messages, calls);
    } catch (error) {
      if (error instanceof UpstreamFailure && BATCH_REFUSED.test(error.message)) return this.#oneByOne(calls);
      for (const { reject } of calls) reject(error);
    }
  }

  /** Sends the calls of a refused batch each in a request of its own, and all later ones too. */
  #oneByOne(calls: readonly Waiting[]): void {
    this.#takesBatches = false;
    for (const call of [...calls, ...this.#waiting.splice(0)]) this.#alone(call);
  }

  #alone({ method, params, limits, resolve, reject }: Waiting): void {
    this.#channel.call(method, params, limits).then(resolve, reject);
  }
}

function deliver(messages: readonly UpstreamMessage[], calls: readonly Waiting[]): void {
  for (const message of messages) {
    const call = message.kind === "notification" || message.id === null ? undefined : calls[message.id];
    if (message.kind === "answer") call?.resolve(message.result);
    else if (message.kind === "refusal") call?.reject(message.error);
  }
  // Those that were answered are settled, and stay so.
  for (const { reject } of calls) reject(new UpstreamFailure("malformed", "the answer to a batch lacks this call"));
}

/** Rejects once the caller is gone. */
function abortable(answer: Promise<RawJson>, signal: AbortSignal | undefined): Promise<RawJson> {
  if (signal === undefined) return answer;
  const { promise, resolve, reject } = Promise.withResolvers<RawJson>();
  const leave = () => reject(new UpstreamFailure("aborted", "the caller is gone"));
  if (signal.aborted) leave();
  signal.addEventListener("abort", leave, { once: true });
  answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  return promise;
}
