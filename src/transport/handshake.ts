import { STATUS_CODE, STATUS_TEXT } from "@std/http/status";
import type { Awaitable } from "../rpc/awaitable.ts";
import type { Principal } from "../rpc/principal.ts";
import { type OriginPolicy, ruleFor } from "./origin.ts";

/** The only protocol version there is (RFC 6455 section 4.1). */
const VERSION = "13";
/** geth's flag that names the origins of pages that may connect. */
const ORIGINS = "--ws.origins";
/** Sixteen bytes in base64 (RFC 6455 section 4.1). */
const KEY = /^[A-Za-z0-9+/]{22}==$/;
/** The answer to a refused request repeats its Origin up to this length. */
const MAX_ECHO_CHARACTERS = 200;

/** The rules that an upgrade must meet. */
export interface HandshakeRules {
  /** geth's --ws.rpcprefix: empty for `/` only. */
  readonly prefix: string;
  readonly origins: OriginPolicy;
  /** True where the end of a path may be a credential: see {@link splitTokenPath}. */
  readonly tokenPaths?: boolean;
}

/**
 * Identifies the client of a request that meets the other rules: as a principal, as null for anybody, or with a refusal.
 * The address is that of the client as far as it is known, with or without a port.
 */
export type Authorize = (
  request: Request,
  asked: { readonly address: string },
) => Awaitable<Principal | Refusal | null>;

/** The subprotocol that is selected where a browser has to send its token as another one. */
export const SUBPROTOCOL = "sallyport.v1";

/** The reason why a request does not become a WebSocket. */
export interface Refusal {
  readonly status: number;
  /** The explanation for the client, after the status name. */
  readonly sentence: string;
  readonly headers?: Record<string, string>;
  /** The whole body, in place of the status name and the sentence. */
  readonly text?: string;
  /** For the log: the refused Origin, cut, and the flag that would admit it in addition to the rules in force. */
  readonly origin?: string;
  readonly flag?: string;
}

/** Returns true when a request asks to become a WebSocket, correctly or not. */
export function isUpgrade(request: Request): boolean {
  return hasToken(request.headers, "upgrade", "websocket");
}

/** Checks an upgrade request in geth's order: path, then RFC 6455 section 4.2.1, with the Origin before the key. */
export function refuseUpgrade(request: Request, rules: HandshakeRules): Refusal | null {
  const { headers } = request;
  const path = rules.tokenPaths === true ? splitTokenPath(pathOf(request.url)).path : pathOf(request.url);
  if (!servesPath(path, rules.prefix)) {
    return { status: STATUS_CODE.NotFound, sentence: `the WebSocket endpoint is at ${rules.prefix || "/"}` };
  }
  if (!hasToken(headers, "connection", "upgrade")) {
    return { status: STATUS_CODE.BadRequest, sentence: "the Connection header must contain: Upgrade" };
  }
  if (request.method !== "GET") {
    return {
      status: STATUS_CODE.MethodNotAllowed,
      sentence: "a WebSocket starts with GET",
      headers: { allow: "GET" },
    };
  }
  if (headers.get("sec-websocket-version") !== VERSION) {
    return {
      status: STATUS_CODE.BadRequest,
      sentence: `Sec-WebSocket-Version must be ${VERSION}`,
      headers: { "sec-websocket-version": VERSION },
    };
  }
  const origin = headers.get("origin");
  if (origin !== null && !rules.origins.allows(origin)) {
    return refuseOrigin(origin, rules.origins);
  }
  if (!KEY.test(headers.get("sec-websocket-key") ?? "")) {
    return { status: STATUS_CODE.BadRequest, sentence: "Sec-WebSocket-Key must be 16 bytes in base64" };
  }
  return null;
}

/** Refuses an origin. The client is told of its own origin only; the log also names the present rules. */
function refuseOrigin(origin: string, policy: OriginPolicy): Refusal {
  const shown = origin.slice(0, MAX_ECHO_CHARACTERS);
  const rule = origin.length > MAX_ECHO_CHARACTERS ? null : ruleFor(origin);
  const advice = rule === null
    // Only `*` admits an origin without a name, and `*` admits every page: do not advise that.
    ? `No rule of ${ORIGINS} can name it`
    : `To admit it, name '${rule}' in ${ORIGINS}, together with the origins that stay`;
  return {
    status: STATUS_CODE.Forbidden,
    sentence: `origin ${JSON.stringify(shown)} is not allowed here. ${advice}`,
    origin: shown,
    flag: rule === null ? `no rule of ${ORIGINS} can name it` : `${ORIGINS} ${[...policy.rules, rule].join(",")}`,
  };
}

/** Returns the refusal of a request that is no upgrade, where a port serves nothing else. */
export function upgradeRequired(prefix: string, { secure = false }: { secure?: boolean } = {}): Refusal {
  return {
    status: STATUS_CODE.UpgradeRequired,
    sentence: `this is an Ethereum JSON-RPC endpoint for WebSocket clients; connect to ${
      secure ? "wss" : "ws"
    }://HOST:PORT${prefix || "/"}`,
    headers: { upgrade: "websocket", connection: "Upgrade" },
  };
}

/** Writes a refusal as plain text. */
export function refusalResponse(refusal: Refusal): Response {
  const name = STATUS_TEXT[refusal.status] ?? "Error";
  return new Response(refusal.text ?? `${name}: ${refusal.sentence}\n`, {
    status: refusal.status,
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff", ...refusal.headers },
  });
}

/** Returns the path as it was sent: `URL` would turn `/x/..` into `/`. */
export function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  return start < 0 ? "/" : url.slice(start).split(/[?#]/, 1)[0] ?? "/";
}

/** Takes a credential from the end of a path: `/k/TOKEN` is the path `/` with a token. */
export function splitTokenPath(path: string): { readonly path: string; readonly token: string | undefined } {
  const [, base, token] = /^(.*)\/k\/([^/]+)$/.exec(path) ?? [];
  return token === undefined ? { path, token } : { path: base || "/", token };
}

/** Returns the value for the answer's Sec-WebSocket-Protocol; undefined when the client did not offer it. */
export function chosenProtocol(request: Request): string | undefined {
  return hasToken(request.headers, "sec-websocket-protocol", SUBPROTOCOL) ? SUBPROTOCOL : undefined;
}

/** Matches a prefix at a path boundary. geth compares strings, so its prefix `/rpc` also matches `/rpcx`. */
export function servesPath(path: string, prefix: string): boolean {
  if (prefix === "") return path === "/";
  const base = prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
  return path === base || path.startsWith(`${base}/`);
}

function hasToken(headers: Headers, name: string, token: string): boolean {
  return (headers.get(name) ?? "").split(",").some((part) => part.trim().toLowerCase() === token);
}
