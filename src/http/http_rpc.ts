import { STATUS_CODE } from "@std/http/status";
import type { Accept } from "../rpc/connection.ts";
import type { Principal } from "../rpc/principal.ts";
import {
  addressOf,
  type Authorize,
  type ClientAddress,
  isUpgrade,
  pathOf,
  refusalResponse,
  type RequestInfo,
  servesPath,
  splitTokenPath,
  type TransportLog,
  within,
} from "../transport/mod.ts";
import { answerBody } from "./answer_body.ts";
import { bodyTooLarge, readBody } from "./body.ts";
import { corsPolicy } from "./cors.ts";
import { Exchange } from "./exchange.ts";
import { refuse } from "./refusal.ts";
import type { HostGuard } from "./virtual_hosts.ts";

/** The content types that geth takes for JSON-RPC (rpc/http.go `acceptedContentTypes`). */
const CONTENT_TYPES = ["application/json", "application/json-rpc", "application/jsonrequest"];
const JSON_TYPE = "application/json";

export interface HttpRpcOptions {
  /** geth's --http.rpcprefix: empty, or a path that starts with `/`. */
  readonly prefix: string;
  /** geth's --http.corsdomain; empty for no page of another origin. */
  readonly corsDomains: readonly string[];
  readonly hosts: HostGuard;
  readonly maxBodyBytes: number;
  /** Requests that are served at a time; one more is answered 503. */
  readonly maxRequests: number;
  readonly log: TransportLog;
  /** Decides who may call; without it everybody may. */
  readonly authorize?: Authorize | undefined;
  /** True where requests may carry a token at the end of the path. */
  readonly takesTokens?: boolean | undefined;
  /** Returns the address of the client behind a proxy; by default it is that of the peer. */
  readonly clientAddress?: ClientAddress | undefined;
}

/** JSON-RPC over POST behind a fetch-style handler. */
export interface HttpRpc {
  readonly fetch: (request: Request, info: RequestInfo) => Promise<Response>;
  /** Requests that are being served, and large answers that are being read. */
  readonly running: number;
  /** Refuses new requests, waits up to `graceMs` for running calls, and answers the rest with an error. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

/** Builds an {@link HttpRpc}; `accept` is called for each message that comes in. */
export function createHttpRpc(options: HttpRpcOptions, accept: Accept): HttpRpc {
  const cors = corsPolicy(options.corsDomains);
  const { hosts, maxBodyBytes, maxRequests, prefix, log, authorize, takesTokens = false, clientAddress } = options;
  /** Requests that are being served, and answers that are being read. */
  const unfinished = new Set<Promise<unknown>>();
  const exchanges = new Set<Exchange>();
  let stopping = false;

  function hold(work: Promise<unknown>): void {
    unfinished.add(work);
    const done = () => unfinished.delete(work);
    work.then(done, done);
  }

  /** Answers a request with geth's checks in geth's order (node/rpcstack.go): path, virtual host, CORS, then rpc/http.go's. */
  async function serve(request: Request, info: RequestInfo): Promise<Response> {
    if (isUpgrade(request)) return refuse(STATUS_CODE.NotFound, "no WebSocket endpoint on this port; --ws starts one");
    const path = pathOf(request.url);
    if (!servesPath(takesTokens ? splitTokenPath(path).path : path, prefix)) {
      return refuse(STATUS_CODE.NotFound, `the JSON-RPC endpoint is at ${prefix || "/"}`);
    }
    const refusal = hosts.check(request, info);
    if (refusal !== null) return refusal;
    const preflight = cors.preflight(request);
    if (preflight !== null) return preflight;
    const response = await admit(request, info);
    for (const [name, value] of Object.entries(cors.headersFor(request))) response.headers.set(name, value);
    return response;
  }

  async function admit(request: Request, info: RequestInfo): Promise<Response> {
    const address = clientAddress?.(request, info) ?? addressOf(info.remoteAddr);
    if (authorize === undefined) return await answer(request, { address, principal: null });
    // A preflight carries no credentials, so it is answered before this; geth refuses it.
    const decision = await authorize(request, { address });
    if (decision !== null && "status" in decision) {
      log.debug("Rejected HTTP request", { peer: address, reason: decision.sentence });
      return refusalResponse(decision);
    }
    return await answer(request, { address, principal: decision });
  }

  async function answer(
    request: Request,
    { address, principal }: { address: string; principal: Principal | null },
  ): Promise<Response> {
    const refusal = refuseRequest(request, maxBodyBytes);
    if (refusal !== null) return refusal;
    if (stopping) return refuse(STATUS_CODE.ServiceUnavailable, "the server is shutting down");
    if (unfinished.size >= maxRequests) {
      const sentence = `${maxRequests} requests are being served (--http.max-requests); try again later`;
      return refuse(STATUS_CODE.ServiceUnavailable, sentence, { "retry-after": "1" });
    }
    const body = await readBody(request, { maxBytes: maxBodyBytes });
    if (!(body instanceof Uint8Array)) return refuse(body.status, body.sentence, { connection: "close" });
    // geth answers an empty body with an empty one (rpc/server.go `messageForReadError`).
    if (body.length === 0) return jsonResponse("");
    const exchange = new Exchange({ address, origin: request.headers.get("origin"), principal });
    exchanges.add(exchange);
    const text = await exchange.run(body, { accept, request }).finally(() => exchanges.delete(exchange));
    if (text === undefined) return jsonResponse("");
    const { body: sent, bytes, delivered } = answerBody(`${text}\n`);
    hold(delivered);
    const length = { "content-length": `${bytes}` };
    const { retryAfterMs } = exchange;
    if (retryAfterMs === null) return jsonResponse(sent, { headers: length });
    const headers = { ...length, "retry-after": `${Math.ceil(retryAfterMs / 1000)}` };
    return jsonResponse(sent, { status: STATUS_CODE.TooManyRequests, headers });
  }

  return {
    fetch(request, info) {
      const served = serve(request, info);
      hold(served);
      return served;
    },
    get running() {
      return unfinished.size;
    },
    async stop({ graceMs }) {
      stopping = true;
      await within(graceMs, Promise.allSettled([...unfinished]));
      for (const exchange of exchanges) exchange.cancel();
    },
  };
}

/** Answers requests that can be refused without their body, as geth's rpc/http.go `ServeHTTP` and `validateRequest` do. */
function refuseRequest(request: Request, maxBodyBytes: number): Response | null {
  const { method, headers, url } = request;
  const length = Number(headers.get("content-length") ?? "0");
  // Load balancers check in this way that the server is up.
  if (method === "GET" && length === 0 && !url.includes("?")) return new Response(null);
  if (method === "PUT" || method === "DELETE") {
    return refuse(STATUS_CODE.MethodNotAllowed, "method not allowed", { allow: "GET, OPTIONS, POST" });
  }
  if (length > maxBodyBytes) {
    const { status, sentence } = bodyTooLarge(length, maxBodyBytes);
    return refuse(status, sentence, { connection: "close" });
  }
  if (method === "OPTIONS") return new Response(null);
  const [type = ""] = (headers.get("content-type") ?? "").split(";");
  if (CONTENT_TYPES.includes(type.trim().toLowerCase())) {
    // geth serves a GET with a body. The runtime does not hand it over, and a call must not be ignored.
    if (method === "POST") return null;
    return refuse(STATUS_CODE.MethodNotAllowed, "method not allowed", { allow: "GET, OPTIONS, POST" });
  }
  return refuse(STATUS_CODE.UnsupportedMediaType, `invalid content type, only ${JSON_TYPE} is supported`);
}

function jsonResponse(
  body: BodyInit,
  { status = STATUS_CODE.OK, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return new Response(body, { status, headers: { "content-type": JSON_TYPE, ...headers } });
}
