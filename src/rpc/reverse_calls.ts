import type { Connection } from "./connection.ts";
import { CODE, limitError, RpcError, serverError } from "./error.ts";
import { MAX_REVERSE_CALLS } from "./limits.ts";
import { callText, type Response } from "./message.ts";
import { isObject } from "./schema.ts";

/** The calls that the server has made to one client and that wait for an answer. Ids are 1, 2, 3 and so on. */
export class ReverseCalls {
  readonly #connection: Connection;
  readonly #waiting = new Map<string, PromiseWithResolvers<unknown>>();
  #lastId = 0;
  #closed = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** True while a call waits for the client's answer. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Calls a method of the client and resolves with its result; rejects with its error, at the end, or over the limit. */
  async call(method: string, params: readonly unknown[]): Promise<unknown> {
    if (this.#closed) throw connectionClosed();
    if (this.#waiting.size >= MAX_REVERSE_CALLS) {
      throw limitError("too many calls to the client", MAX_REVERSE_CALLS, this.#waiting.size + 1);
    }
    const text = callText(this.#lastId + 1, { method, params });
    this.#lastId += 1;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(`${this.#lastId}`, answer);
    this.#connection.send(text);
    return await answer.promise;
  }

  /** Passes a response to the call that waits for it; returns false when none does. */
  settle(response: Response): boolean {
    const answer = this.#waiting.get(response.id);
    if (answer === undefined) return false;
    this.#waiting.delete(response.id);
    if (response.error === undefined || response.error === null) answer.resolve(response.result);
    else answer.reject(clientError(response.error));
    return true;
  }

  /** Rejects every call that waits. */
  close(): void {
    this.#closed = true;
    for (const answer of this.#waiting.values()) answer.reject(connectionClosed());
    this.#waiting.clear();
  }
}

function connectionClosed(): RpcError {
  return serverError("connection closed");
}

/** Makes the error of a client's error, with the same code: as in geth, it reaches the client that caused the call. */
function clientError(error: unknown): RpcError {
  const { code, message, data } = isObject(error) ? error : {};
  return new RpcError(
    typeof code === "number" && Number.isSafeInteger(code) ? code : CODE.server,
    typeof message === "string" ? message : "the client answered with an error",
    { data },
  );
}
