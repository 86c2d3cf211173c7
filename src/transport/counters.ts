import { ABNORMAL_CLOSURE, CLOSE } from "./websocket/close.ts";
import type { Ending } from "./websocket/connection.ts";
import { SILENT } from "./websocket/frame_socket.ts";

/** The number of connections that ended in one way. */
export interface CloseCount {
  /** The code of the close frame; `other` for a code that a client made up. */
  readonly code: string;
  /** The side that ended it, or this server's reason to end it. */
  readonly reason: string;
  count: number;
}

/** The reasons for which upgrades are refused. */
export type RefusalKind = "origin" | "capacity" | "credentials" | "handshake";

/** This server's reason to close, by the code that it sends. */
const OUR_REASONS: Readonly<Record<number, string>> = {
  [CLOSE.normal]: "server",
  [CLOSE.goingAway]: "shutting down",
  [CLOSE.protocolError]: "protocol error",
  [CLOSE.invalidText]: "invalid text",
  [CLOSE.messageTooBig]: "message too large",
  [CLOSE.tryAgainLater]: "unfinished message",
  [CLOSE.internalError]: "internal error",
  [CLOSE.slowConsumer]: "slow consumer",
  [CLOSE.rateLimited]: "rate limited",
  [CLOSE.expired]: "credential expired",
  [CLOSE.revoked]: "credential revoked",
};
/** The codes that clients have reason to send. Others share a label, because a client can make up thousands. */
const CLIENT_CODES: readonly number[] = [1000, 1001, 1002, 1003, 1005, 1007, 1008, 1009, 1010, 1011];
/** The runtime's text for a peer that did not answer its ping (measured). */
const NO_PONG = "No response from ping frame";

/** The counters of one endpoint since the start. Every label is one of a few words. */
export class TransportCounters {
  opened = 0;
  readonly refused: Record<RefusalKind, number> = { origin: 0, capacity: 0, credentials: 0, handshake: 0 };
  readonly #closes = new Map<string, CloseCount>();

  closed(ending: Ending): void {
    const { code, reason } = classify(ending);
    const key = `${code} ${reason}`;
    const known = this.#closes.get(key);
    if (known === undefined) this.#closes.set(key, { code, reason, count: 1 });
    else known.count += 1;
  }

  get closes(): readonly CloseCount[] {
    return [...this.#closes.values()];
  }
}

function classify({ code, failure, ours }: Ending): { code: string; reason: string } {
  if (ours) return { code: `${code}`, reason: OUR_REASONS[code] ?? "server" };
  if (failure === SILENT || failure.startsWith(NO_PONG)) return { code: `${CLOSE.goingAway}`, reason: "silent" };
  if (code === 0 || code === ABNORMAL_CLOSURE) return { code: `${ABNORMAL_CLOSURE}`, reason: "lost" };
  return { code: CLIENT_CODES.includes(code) ? `${code}` : "other", reason: "client" };
}
