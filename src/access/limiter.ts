import { type Clock, SYSTEM_CLOCK } from "../concurrency/clock.ts";
import type { Rate } from "../concurrency/token_bucket.ts";
import type { Connection } from "../rpc/connection.ts";
import type { Principal } from "../rpc/principal.ts";
import { CLOSE } from "../transport/mod.ts";
import { AddressBuckets, addressKey } from "./address_buckets.ts";
import { ConnectionLimits } from "./connection_limits.ts";
import { type Meter, Meters } from "./meters.ts";

/** The limits for everybody; what is absent is not limited. */
export interface LimitRules {
  /** For each WebSocket connection. */
  readonly connection?: Rate | undefined;
  /** For each address, over all its connections and requests. */
  readonly address?: Rate | undefined;
}

/** The weight of a handshake, for the limit of its address: it costs about as much as a few look-ups. */
export const HANDSHAKE_WEIGHT = 5;

/** Makes the limits of connections, and keeps what they share. */
export class Limiter {
  readonly #rules: LimitRules;
  readonly #clock: Clock;
  readonly #meters: Meters;
  readonly #addresses: AddressBuckets | undefined;

  constructor(rules: LimitRules, { clock = SYSTEM_CLOCK }: { readonly clock?: Clock } = {}) {
    this.#rules = rules;
    this.#clock = clock;
    this.#meters = new Meters(clock);
    this.#addresses = rules.address === undefined ? undefined : new AddressBuckets(rules.address, { clock });
  }

  get meters(): Meters {
    return this.#meters;
  }

  /** Returns the milliseconds that an address has to wait before it is heard at all; a handshake is charged when it is not. */
  addressWaitMs(address: string, { isHandshake }: { readonly isHandshake: boolean }): number {
    if (this.#addresses === undefined) return 0;
    const bucket = this.#addresses.of(addressKey(address));
    const weight = isHandshake ? HANDSHAKE_WEIGHT : 1;
    const wait = bucket.waitMs(weight);
    if (wait === 0 && isHandshake) bucket.take(weight);
    return wait;
  }

  /** Returns the number of connections that a principal may have, when it has as many; undefined when there is room. */
  fullAt(principal: Principal | null): number | undefined {
    const { connections, limits } = this.#meters.of(principal);
    return limits.connections !== undefined && connections >= limits.connections ? limits.connections : undefined;
  }

  /** Makes the limits of one connection. */
  limitsOf(connection: Connection): ConnectionLimits {
    const { address, principal } = connection.peer;
    const isWebSocket = connection.canSubscribe !== false;
    return new ConnectionLimits(connection, {
      meter: this.#meters.of(principal),
      rate: isWebSocket ? this.#rules.connection : undefined,
      addressRate: this.#rules.address,
      address: this.#addresses?.of(addressKey(address)),
      clock: this.#clock,
    });
  }

  /**
   * Counts a WebSocket connection until the returned function is called, and closes it at once when its principal has too many.
   */
  count(connection: Connection): () => void {
    const meter = this.#meters.of(connection.peer.principal);
    meter.connections += 1;
    const { connections: most = Infinity } = meter.limits;
    if (meter.connections > most) connection.close(CLOSE.rateLimited, tooManyConnections(meter, most));
    return () => {
      meter.connections -= 1;
    };
  }
}

/** The sentence for a connection that is one too many. */
export function tooManyConnections({ name }: Pick<Meter, "name">, most: number): string {
  return `${name} has all of its ${most} connections open`;
}
