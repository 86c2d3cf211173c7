import type { Principal } from "../rpc/principal.ts";
import type { Refusal } from "../transport/mod.ts";
import { unauthorized } from "./authorizer.ts";
import { principalOfClaims } from "./claims.ts";
import type { Credential } from "./credential.ts";
import { KeyFileError } from "./key_file.ts";
import type { Presented } from "./presented.ts";
import { readToken, type Token, TokenError } from "./token.ts";

/** How far `iat` may be from now, in either direction: geth's jwtExpiryTimeout (node/jwt_handler.go). */
const MAX_AGE_MS = 60_000;
const ALGORITHM = "HS256";
/** The algorithms that golang-jwt knows; any other is unavailable to it, and these are only not allowed. */
const KNOWN = /^(?:none|EdDSA|[HREP]S(?:256|384|512))$/;

/** The tokens that another credential of the endpoint checks, by their algorithm. */
export interface JwtSecretOptions {
  readonly others?: readonly string[];
  /** The Unix time, milliseconds. */
  readonly now?: () => number;
}

/**
 * The tokens of --ws.jwtsecret and --http.jwtsecret: HS256 with `iat` close to now, as on geth's port of the engine API, with
 * its texts (node/jwt_handler.go). `nbf` is obeyed, which geth overlooks. The key is kept where no code can read it again.
 */
export class JwtSecret implements Credential {
  readonly noun = "a token (JWT, HS256)";
  readonly missing = refuse("missing token", { presented: false });
  readonly #key: CryptoKey;
  readonly #others: readonly string[];
  readonly #now: () => number;

  private constructor(key: CryptoKey, { others = [], now = Date.now }: JwtSecretOptions) {
    this.#key = key;
    this.#others = others;
    this.#now = now;
  }

  static async create(secret: Uint8Array<ArrayBuffer>, options: JwtSecretOptions = {}): Promise<JwtSecret> {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    return new JwtSecret(await crypto.subtle.importKey("raw", secret, algorithm, false, ["verify"]), options);
  }

  async check({ token: text }: Presented): Promise<Principal | Refusal | undefined> {
    try {
      const token = readToken(text);
      if (this.#others.includes(String(token.header["alg"]))) return undefined;
      await this.#verify(token);
      return this.#principalOf(token);
    } catch (cause) {
      if (cause instanceof TokenError || cause instanceof KeyFileError) return refuse(cause.message);
      throw cause;
    }
  }

  async #verify({ header, signed, signature }: Token): Promise<void> {
    const { alg } = header;
    if (typeof alg !== "string") throw new TokenError("signing method (alg) is unspecified.");
    if (!KNOWN.test(alg)) throw new TokenError("signing method (alg) is unavailable.");
    if (alg !== ALGORITHM) throw new TokenError(`signing method ${alg} is invalid`);
    // RFC 7515 section 4.1.11: a token with extensions that must be understood is not valid where they are not.
    if (header["crit"] !== undefined) throw new TokenError("signing method (crit) is not understood");
    if (!await crypto.subtle.verify("HMAC", this.#key, signature, signed)) throw new TokenError("signature is invalid");
  }

  #principalOf({ claims }: Token): Principal {
    const now = this.#now();
    const [expiresAt, notBefore, issuedAt] = [dateOf(claims, "exp"), dateOf(claims, "nbf"), dateOf(claims, "iat")];
    if (expiresAt !== undefined && expiresAt <= now) throw new TokenError("token is expired");
    if (notBefore !== undefined && notBefore > now + MAX_AGE_MS) throw new TokenError("token is not valid yet");
    if (issuedAt === undefined) throw new TokenError("missing issued-at");
    if (now - issuedAt > MAX_AGE_MS) throw new TokenError("stale token");
    if (issuedAt - now > MAX_AGE_MS) throw new TokenError("future token");
    return principalOfClaims(claims, { expiresAt });
  }
}

/** Returns a date of the claims as Unix time in milliseconds; golang-jwt drops the part below a second. */
function dateOf(claims: Token["claims"], name: string): number | undefined {
  const value = claims[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isFinite(value)) return Math.trunc(value) * 1000;
  throw new TokenError(`token ${name} must be a number of seconds`);
}

/** geth answers with the text alone (http.Error). */
function refuse(text: string, options?: { readonly presented?: boolean }): Refusal {
  return { ...unauthorized(text, options), text: `${text}\n` };
}
