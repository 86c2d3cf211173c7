/** A part of the methods, by words: a namespace (`eth`), a method (`eth_call`), or the beginning of one (`debug_trace*`). */
export interface Rights {
  /** The methods that may be called; all that the endpoint offers when absent. */
  readonly allow?: readonly string[] | undefined;
  /** The methods that may not be called, whatever `allow` says. */
  readonly deny?: readonly string[] | undefined;
}

/** The limits of a principal, over all its connections; what is absent is not limited. */
export interface PrincipalLimits {
  /** Open connections. */
  readonly connections?: number | undefined;
  /** Live subscriptions. */
  readonly subscriptions?: number | undefined;
  /** Calls that run at a time. */
  readonly inFlight?: number | undefined;
  /** The weight of the calls that are admitted each second, in the long run. */
  readonly requestsPerSecond?: number | undefined;
  /** The weight that is admitted at once after a quiet time; by default that of one second. */
  readonly burst?: number | undefined;
  /** Bytes of messages in both directions. */
  readonly bytesPerSecond?: number | undefined;
  /** The weight of a method, or of the methods of a pattern, in place of the default one. */
  readonly weights?: Readonly<Record<string, number>> | undefined;
}

/** The identity of a client, as the handshake established it. */
export interface Principal {
  /** Names the principal in log lines and counters: no secret, and one of a small set. */
  readonly name: string;
  /** Absent for everything that the endpoint offers. */
  readonly rights?: Rights | undefined;
  readonly limits?: PrincipalLimits | undefined;
  /** The Unix time at which the credential ends, milliseconds. */
  readonly expiresAt?: number | undefined;
}

/** Returns true when one of the words covers a method. */
export function covers(words: readonly string[], method: string): boolean {
  return words.some((word) => word === method || method.startsWith(beginningOf(word) ?? "\0"));
}

/** Returns the beginning of the methods that a word covers; undefined for a word that is one method. */
export function beginningOf(word: string): string | undefined {
  if (word.endsWith("*")) return word.slice(0, -1);
  return /[_.]/.test(word) ? undefined : `${word}_`;
}

/** Returns true when the rights cover a method. */
export function permits({ allow, deny = [] }: Rights, method: string): boolean {
  return (allow === undefined || covers(allow, method)) && !covers(deny, method);
}
