import { CLOSE } from "./close.ts";

/** How many connections ended in one way. */
export interface CloseCount {
  /** The code of the close frame, or `other` for what a client made up. */
  readonly code: string;
  /** One of a few words: who ended it, or why this server did. */
  readonly reason: string;
  count: number;
}

/** Why upgrades are refused. */
export type RefusalKind = "origin" | "capacity" | "handshake";

/** How a connection ended. */
export interface Ending {
  readonly code: number;
  /** What the runtime said when it broke the connection off; empty otherwise. */
  readonly failure: string;
  /** True when this server sent the close frame. */
  readonly ours: boolean;
}

/** Why this server closes, by the code it sends. */
const OUR_REASONS: Readonly<Record<number, string>> = {
  [CLOSE.normal]: "server",
  [CLOSE.goingAway]: "shutting down",
  [CLOSE.messageTooBig]: "message too large",
  [CLOSE.internalError]: "internal error",
  [CLOSE.slowConsumer]: "slow consumer",
};
/** RFC 6455 section 7.4.1: nothing arrived that could say more. */
const ABNORMAL = 1006;
/** What a client may send is its own choice, and no label may be: the codes that clients have reason to send. */
const CLIENT_CODES: readonly number[] = [1000, 1001, 1002, 1003, 1005, 1007, 1008, 1009, 1010, 1011];
/** The runtime's words for a peer that did not answer its ping (measured). */
const NO_PONG = "No response from ping frame";

/** Counts what one endpoint has seen since the start. Every label is one of a few. */
export class TransportTally {
  opened = 0;
  readonly refused: Record<RefusalKind, number> = { origin: 0, capacity: 0, handshake: 0 };
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
  if (failure.startsWith(NO_PONG)) return { code: `${CLOSE.goingAway}`, reason: "silent" };
  if (code === 0 || code === ABNORMAL) return { code: `${ABNORMAL}`, reason: "lost" };
  return { code: CLIENT_CODES.includes(code) ? `${code}` : "other", reason: "client" };
}
