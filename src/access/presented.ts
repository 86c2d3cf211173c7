import { pathOf, splitTokenPath } from "../transport/mod.ts";

/** A token that a request carries, and the place where it was found. */
export interface Presented {
  readonly token: string;
  readonly via: "header" | "subprotocol" | "path";
}

/** RFC 6750 section 2.1; the scheme is written in any case (RFC 9110 section 11.1). */
const BEARER = /^bearer +(\S+) *$/i;
/** The prefix of the subprotocol that carries a token: a page cannot set headers on a WebSocket. */
const SUBPROTOCOL_PREFIX = "bearer.";

/** Finds the token of a request: in the Authorization header, among the subprotocols, or at the end of the path. */
export function presentedBy(request: Request): Presented | undefined {
  const [, token] = BEARER.exec(request.headers.get("authorization") ?? "") ?? [];
  if (token !== undefined) return { token, via: "header" };
  const offered = request.headers.get("sec-websocket-protocol");
  const hidden = offered?.split(",").map((one) => one.trim()).find((one) => one.startsWith(SUBPROTOCOL_PREFIX));
  if (hidden !== undefined) return { token: hidden.slice(SUBPROTOCOL_PREFIX.length), via: "subprotocol" };
  const last = splitTokenPath(pathOf(request.url)).token;
  return last === undefined ? undefined : { token: last, via: "path" };
}
