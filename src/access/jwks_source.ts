import type { JSONWebKeySet, JWTVerifyGetKey } from "jose";

/** The part of a logger that this file writes to. */
export interface JwksLog {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** Where the keys of --auth.jwks come from. */
export interface JwksSource {
  /** Returns the keys in force. Throws {@link JwksUnavailable} while there are none. */
  keys(): Promise<JWTVerifyGetKey>;
  /** Asks for newer keys, because a token names one that is not there; false when there are none now. */
  renewed(): Promise<boolean>;
}

/** There are no keys to check a token with. */
export class JwksUnavailable extends Error {
  override readonly name = "JwksUnavailable";
}

/** A text that is no set of keys. */
export class JwksError extends Error {
  override readonly name = "JwksError";
}

/** Makes a set usable; `jose`'s createLocalJWKSet. */
export type MakeKeys = (set: JSONWebKeySet) => JWTVerifyGetKey;

/** Keys are fetched again after this time, while those that are there go on being used. */
const FRESH_MS = 10 * 60_000;
/** Without an answer for so long, the keys are no longer used: one of them may have been withdrawn. */
const MAX_STALE_MS = 24 * 60 * 60_000;
/** A token that names an unknown key makes the keys be fetched, but not more often than this. */
const COOLDOWN_MS = 30_000;
/** While there are no keys at all, a further attempt may come sooner. */
const RETRY_MS = 5_000;
const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1024 * 1024;

/** Reads the text of a set of keys (RFC 7517 section 5); secrets (`oct`) are left out. Throws {@link JwksError}. */
export function readJwks(text: string): JSONWebKeySet {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JwksError("no JSON");
  }
  const keys = typeof value === "object" && value !== null && "keys" in value ? value.keys : undefined;
  if (!Array.isArray(keys) || keys.some((key) => typeof key !== "object" || key === null)) {
    throw new JwksError('expected {"keys": [...]}, a set of keys (RFC 7517)');
  }
  // A key that signs HS256 has no place among public keys, and would let everybody sign who can read them.
  const publicKeys = keys.filter(({ kty, use }) => kty !== "oct" && (use === undefined || use === "sig"));
  if (publicKeys.length === 0) throw new JwksError("none of the keys is a public key for signatures");
  return { keys: publicKeys };
}

/** Keys from a file, until it is read again. */
export class FileJwks implements JwksSource {
  readonly #make: MakeKeys;
  #keys: JWTVerifyGetKey;

  /** Throws {@link JwksError}. */
  constructor(text: string, make: MakeKeys) {
    this.#make = make;
    this.#keys = make(readJwks(text));
  }

  /**
   * Puts the keys of another text in the place of the present ones, and returns how many they are. Throws {@link JwksError},
   * and keeps them then.
   */
  replace(text: string): number {
    const set = readJwks(text);
    this.#keys = this.#make(set);
    return set.keys.length;
  }

  keys(): Promise<JWTVerifyGetKey> {
    return Promise.resolve(this.#keys);
  }

  renewed(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

export interface RemoteJwksOptions {
  readonly url: string;
  readonly make: MakeKeys;
  readonly log: JwksLog;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds that only grow. */
  readonly now?: () => number;
}

/**
 * Keys from a URL: fetched when first needed, kept, fetched again after {@link FRESH_MS} or for a key that is not known, and
 * kept in use through an outage of up to a day.
 */
export class RemoteJwks implements JwksSource {
  readonly #options: RemoteJwksOptions;
  readonly #fetch;
  readonly #now;
  #keys: JWTVerifyGetKey | undefined;
  /** The text of the keys, to tell whether they have changed. */
  #text = "";
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #failing = false;
  #running: Promise<boolean> | undefined;

  constructor(options: RemoteJwksOptions) {
    this.#options = options;
    this.#fetch = options.fetch ?? ((url: string, init: RequestInit) => fetch(url, init));
    this.#now = options.now ?? (() => performance.now());
  }

  async keys(): Promise<JWTVerifyGetKey> {
    const age = this.#now() - this.#fetchedAt;
    if (this.#keys === undefined || age > MAX_STALE_MS) await this.#refresh(RETRY_MS);
    else if (age > FRESH_MS) this.#refresh(COOLDOWN_MS);
    if (this.#keys !== undefined && this.#now() - this.#fetchedAt <= MAX_STALE_MS) return this.#keys;
    throw new JwksUnavailable("the keys that tokens are checked with cannot be fetched now");
  }

  async renewed(): Promise<boolean> {
    const before = this.#text;
    await this.#refresh(COOLDOWN_MS);
    return this.#text !== before;
  }

  /** Fetches the keys, once at a time, and not when that was tried less than `pauseMs` ago. */
  #refresh(pauseMs: number): Promise<boolean> {
    if (this.#running !== undefined) return this.#running;
    if (this.#now() - this.#triedAt < pauseMs) return Promise.resolve(false);
    this.#triedAt = this.#now();
    return this.#running = this.#load().finally(() => this.#running = undefined);
  }

  async #load(): Promise<boolean> {
    const { url, make, log } = this.#options;
    try {
      const text = await this.#download();
      const keys = make(readJwks(text));
      if (this.#failing) log.info("The keys of --auth.jwks can be fetched again");
      [this.#keys, this.#text, this.#fetchedAt, this.#failing] = [keys, text, this.#now(), false];
      return true;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const now = this.#keys === undefined ? "tokens are answered 503" : "the keys that are there go on being used";
      if (!this.#failing) log.warn("Cannot fetch the keys of --auth.jwks", { url, reason, now });
      this.#failing = true;
      return false;
    }
  }

  async #download(): Promise<string> {
    // A redirect could lead to a host that the operator did not name.
    const init = { redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
    const response = await this.#fetch(this.#options.url, { ...init, headers: { accept: "application/json" } });
    if (!response.ok) {
      await response.body?.cancel();
      throw new JwksError(`status ${response.status}`);
    }
    const decoder = new TextDecoder();
    let text = "";
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > MAX_BYTES) throw new JwksError(`more than ${MAX_BYTES} bytes`);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  }
}
