import type { Awaitable } from "./awaitable.ts";
import type { RpcError } from "./error.ts";
import { errorText, type Request } from "./message.ts";
import type { LiveSubscription } from "./subscription.ts";

/** One message whose answer has not left yet. */
export interface PendingReply {
  /** The subscriptions that wait for the answer to leave; most messages have none. */
  subscriptions: LiveSubscription[] | undefined;
  /** True when the calls have been answered with an error in the meantime, so that their results are dropped. */
  isCancelled: boolean;
  /** True when the message changes nothing, so that it may be run again. */
  readonly mayRepeat: boolean;
  /** Runs the message again. */
  repeat(): Awaitable<void>;
  /** Returns the answer that is sent when there is no room for the real one. */
  refused(error: RpcError): string;
  /** Returns the answer that is sent when the message is cut short before all its calls have ended. */
  interrupted(error: RpcError): string;
}

/** Runs single requests again; one for all replies of a connection. */
export interface SingleRepeats {
  mayRepeat(request: Request): boolean;
  repeat(reply: SingleReply): Awaitable<void>;
}

/** The reply to a call; a notification has none, but its subscriptions may wait for its end. */
export class SingleReply implements PendingReply {
  subscriptions: LiveSubscription[] | undefined;
  isCancelled = false;
  readonly request: Request;
  readonly #repeats: SingleRepeats;

  constructor(request: Request, repeats: SingleRepeats) {
    this.request = request;
    this.#repeats = repeats;
  }

  get mayRepeat(): boolean {
    return this.#repeats.mayRepeat(this.request);
  }

  repeat(): Awaitable<void> {
    return this.#repeats.repeat(this);
  }

  refused(error: RpcError): string {
    return this.request.kind === "call" ? errorText(error, this.request.id) : "";
  }

  interrupted(error: RpcError): string {
    return this.refused(error);
  }
}
