import { type Clock, SYSTEM_CLOCK, type Timer } from "../concurrency/clock.ts";
import type { Connection } from "../rpc/connection.ts";
import type { Principal } from "../rpc/principal.ts";
import { CLOSE } from "../transport/mod.ts";

/** The time before the end of a credential at which its connections are warned. */
export const WARN_BEFORE_MS = 60_000;

interface Session {
  readonly connection: Connection;
  readonly principal: Principal;
  timer: Timer | undefined;
}

/** The connections that were opened with a credential: they end with it. */
export class Sessions {
  readonly #open = new Set<Session>();
  readonly #clock: Clock;
  readonly #now: () => number;

  /** `now` is the Unix time, milliseconds. */
  constructor({ clock = SYSTEM_CLOCK, now = Date.now }: { clock?: Clock; now?: () => number } = {}) {
    this.#clock = clock;
    this.#now = now;
  }

  /** Watches a connection; the returned function is called when it is gone. */
  open(connection: Connection, principal: Principal): () => void {
    const session: Session = { connection, principal, timer: undefined };
    this.#open.add(session);
    if (principal.expiresAt !== undefined) this.#await(session, principal.expiresAt);
    return () => {
      session.timer?.cancel();
      this.#open.delete(session);
    };
  }

  /** Closes every connection whose principal is revoked. */
  recheck(isRevoked: (principal: Principal) => boolean): void {
    for (const { connection, principal } of [...this.#open]) {
      if (!isRevoked(principal)) continue;
      connection.close(CLOSE.revoked, `the credential of ${principal.name} was removed or changed`);
    }
  }

  #await(session: Session, expiresAt: number): void {
    const left = expiresAt - this.#now();
    const { connection, principal } = session;
    if (left <= 0) {
      connection.close(CLOSE.expired, `the credential of ${principal.name} has expired`);
    } else if (left > WARN_BEFORE_MS) {
      this.#wait(session, left - WARN_BEFORE_MS);
    } else {
      connection.send(expiring(expiresAt, left));
      this.#wait(session, left);
    }
  }

  #wait(session: Session, delayMs: number): void {
    const { principal: { expiresAt = 0 } } = session;
    session.timer = this.#clock.setTimer(delayMs, () => this.#await(session, expiresAt));
    // A credential that is valid for a year must not keep the process alive.
    session.timer.unref();
  }
}

/** Returns the notification that comes before the end of a credential; clients that do not know it ignore it. */
function expiring(expiresAt: number, inMs: number): string {
  const params = { expiresAt: new Date(expiresAt).toISOString(), inMs };
  return JSON.stringify({ jsonrpc: "2.0", method: "sallyport_expiring", params });
}
