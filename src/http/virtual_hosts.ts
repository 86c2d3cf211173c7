import { STATUS_CODE } from "@std/http/status";
import type { TransportLog } from "../transport/mod.ts";
import { refuse } from "./refuse.ts";

/** Decides by geth's rule which names a request may call this server by (node/rpcstack.go `virtualHostHandler`). */
export interface HostPolicy {
  /** `null` is a request that names no host: no browser sent it. */
  allows(host: string | null): boolean;
  /** Decides by the Host header and by the authority of the request's target, which is all that HTTP/2 sends. */
  admits(request: Request): boolean;
}

const ANY = "*";
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/**
 * Builds the policy for `--http.vhosts`. It is the defence against DNS rebinding: a page whose name was pointed at this
 * machine sends that name as Host. An address needs no rule, as no name server can point it elsewhere.
 */
export function hostPolicy(names: readonly string[]): HostPolicy {
  const admitted = new Set(names.map((name) => name.trim().toLowerCase()).filter((name) => name !== ""));
  function allows(host: string | null): boolean {
    if (host === null || host === "" || admitted.has(ANY)) return true;
    const name = hostname(host.toLowerCase());
    return isAddress(name) || admitted.has(name);
  }
  return {
    allows,
    admits({ headers, url }) {
      const host = headers.get("host");
      const authority = new URL(url).host;
      if (host !== null) return allows(host) && (sameAddress(host, authority) || allows(authority));
      // The runtime writes `localhost` into the URL of a request of HTTP/1 that names no host (measured).
      return authority.startsWith("localhost:") || allows(authority);
    },
  };
}

/** `URL` leaves the default port out, and puts an address into its shortest form. */
function sameAddress(host: string, authority: string): boolean {
  return URL.canParse(`http://${host}`) && new URL(`http://${host}`).host === authority;
}

/** The host without its port, as Go's net.SplitHostPort takes it: brackets without a port are part of the name. */
function hostname(host: string): string {
  const bracketed = /^\[([^\]]*)\]:\d*$/.exec(host);
  if (bracketed !== null) return bracketed[1] ?? "";
  const colon = host.indexOf(":");
  return colon >= 0 && colon === host.lastIndexOf(":") ? host.slice(0, colon) : host;
}

function isAddress(name: string): boolean {
  if (IPV4.test(name)) return true;
  // No host name contains a colon, so what has one is IPv6 or nothing.
  return !name.startsWith("[") && name.includes(":") && URL.canParse(`http://[${name}]/`);
}

const MAX_LOGGED_CHARACTERS = 200;

/** Answers a request whose host no rule names. */
export function refuseHost(request: Request, log: TransportLog): Response {
  const host = request.headers.get("host") ?? new URL(request.url).host;
  log.warn("Rejected HTTP request", { host: host.slice(0, MAX_LOGGED_CHARACTERS), hint: "--http.vhosts" });
  return refuse(STATUS_CODE.Forbidden, "invalid host specified");
}
