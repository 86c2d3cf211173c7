import { flag } from "./flag.ts";
import { list, text } from "./kinds.ts";

/** The rows about tokens. */
export const JWT_FLAGS = {
  "ws.jwtsecret": flag({
    category: "ACCESS",
    kind: text("FILE", "the path of a file with 32 bytes in hex"),
    default: undefined,
    help:
      "Let only clients in over WebSocket whose tokens are signed with this secret (JWT, HS256, iat within 60 s), " +
      "as geth's --authrpc.jwtsecret",
  }),
  "http.jwtsecret": flag({
    category: "ACCESS",
    kind: text("FILE", "the path of a file with 32 bytes in hex"),
    default: undefined,
    help: "The same over HTTP, for each request",
  }),
  "auth.jwks": flag({
    category: "ACCESS",
    kind: text("URL|FILE", "a URL, or the path of a JSON file"),
    default: undefined,
    help:
      "Let only clients in whose tokens an identity provider signed (JWT; RS256, ES256, EdDSA) with one of these keys; " +
      "keeps the permission to fetch or read them",
  }),
  "auth.issuer": flag({
    category: "ACCESS",
    kind: text("TEXT", "the claim iss of the tokens"),
    default: undefined,
    help: "The issuer that tokens of --auth.jwks must name",
  }),
  "auth.audience": flag({
    category: "ACCESS",
    kind: list("TEXTS"),
    default: [],
    help: "The audiences of which tokens of --auth.jwks must name one, separated by commas",
  }),
} as const;
