import { STATUS_CODE } from "@std/http/status";
import { errors, jwtVerify, type JWTVerifyGetKey, type JWTVerifyOptions } from "jose";
import type { Principal } from "../rpc/principal.ts";
import type { Refusal } from "../transport/mod.ts";
import { unauthorized } from "./authorizer.ts";
import { principalOfClaims } from "./claims.ts";
import type { Credential } from "./credential.ts";
import { type JwksSource, JwksUnavailable } from "./jwks_source.ts";
import { KeyFileError } from "./key_file.ts";
import type { Presented } from "./presented.ts";
import { readToken, TokenError } from "./token.ts";

/** Signatures with public keys only: a token must not choose to be checked as an HMAC of a public key. */
export const JWKS_ALGORITHMS: readonly string[] = ["RS256", "ES256", "EdDSA", "Ed25519"];
const UNUSABLE_KEY = "token is signed with a key of --auth.jwks that cannot be used";
/** How far the clocks of the issuer and of this machine may differ. */
const TOLERANCE_SECONDS = 10;

export interface JwksOptions {
  readonly source: JwksSource;
  readonly issuer: string;
  /** A token must name one of these. */
  readonly audiences: readonly string[];
  /** The Unix time, milliseconds. */
  readonly now?: () => number;
}

/** The tokens of an identity provider, whose public keys --auth.jwks names. Only tokens with an end are taken. */
export class Jwks implements Credential {
  readonly noun = "a token (JWT)";
  readonly #options: JwksOptions;

  constructor(options: JwksOptions) {
    this.#options = options;
  }

  async check({ token }: Presented): Promise<Principal | Refusal> {
    const { issuer, audiences, now = Date.now } = this.#options;
    try {
      // It is bounded and well formed before the package sees it.
      readToken(token);
      const claims = await this.#verify(token, {
        algorithms: [...JWKS_ALGORITHMS],
        issuer,
        audience: [...audiences],
        requiredClaims: ["exp"],
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: new Date(now()),
      });
      const expiresAt = (Number(claims["exp"]) + TOLERANCE_SECONDS) * 1000;
      return principalOfClaims(claims, { expiresAt });
    } catch (cause) {
      return refusalOf(cause);
    }
  }

  async #verify(token: string, options: JWTVerifyOptions): Promise<Record<string, unknown>> {
    const { source } = this.#options;
    try {
      return await verifyWith(await source.keys(), { token, options });
    } catch (cause) {
      // A key of the set may be too short, or no key at all.
      if (cause instanceof TypeError || cause instanceof DOMException) throw new TokenError(UNUSABLE_KEY);

      // The issuer may have a key that is newer than the set.
      if (!(cause instanceof errors.JWKSNoMatchingKey) || !await source.renewed()) throw cause;
      return await verifyWith(await source.keys(), { token, options });
    }
  }
}

/** The most keys that are tried for a token that names none. */
const MAX_TRIED_KEYS = 8;

async function verifyWith(
  keys: JWTVerifyGetKey,
  { token, options }: { token: string; options: JWTVerifyOptions },
): Promise<Record<string, unknown>> {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (cause) {
    if (!(cause instanceof errors.JWKSMultipleMatchingKeys)) throw cause;
    let tried = 0;
    for await (const key of cause) {
      if (tried++ >= MAX_TRIED_KEYS) break;
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (other) {
        if (!(other instanceof errors.JWSSignatureVerificationFailed)) throw other;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

function refusalOf(cause: unknown): Refusal {
  if (cause instanceof JwksUnavailable) {
    const headers = { "retry-after": "5" };
    return { status: STATUS_CODE.ServiceUnavailable, sentence: cause.message, headers };
  }
  if (cause instanceof TokenError || cause instanceof KeyFileError) return unauthorized(cause.message);
  if (cause instanceof errors.JOSEError) return unauthorized(sentenceOf(cause));
  throw cause;
}

/** The sentences hold nothing of a token but names of claims. */
function sentenceOf(cause: errors.JOSEError): string {
  if (cause instanceof errors.JWTExpired) return "token is expired";
  if (cause instanceof errors.JWTClaimValidationFailed) {
    if (cause.claim === "nbf") return "token is not valid yet";
    return `token claim ${cause.claim} ${cause.reason === "missing" ? "is missing" : "is not the expected one"}`;
  }
  if (cause instanceof errors.JOSEAlgNotAllowed) return `token must be signed with ${JWKS_ALGORITHMS.join(", ")}`;
  if (cause instanceof errors.JWKSNoMatchingKey) return "token is signed with a key that is not in --auth.jwks";
  if (cause instanceof errors.JWSSignatureVerificationFailed) return "signature is invalid";
  return "token is not valid";
}
