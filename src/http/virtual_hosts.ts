import { STATUS_CODE } from "@std/http/status";
import { addressOf, type RateLimitedWarnings, type RequestInfo } from "../transport/mod.ts";
import { refuse } from "./refusal.ts";

/** The rules, geth's, for the host names of requests (node/rpcstack.go `virtualHostHandler`). */
export interface HostPolicy {
  /** `null` is a request without a Host header: no browser sent it. */
  allows(host: string | null): boolean;
}

const MAX_LOGGED_CHARACTERS = 200;

/** Refuses requests for hosts that `--http.vhosts` does not name, and says so in a bounded number of log lines. */
export class HostGuard {
  readonly #policy: HostPolicy;
  readonly #warnings: RateLimitedWarnings;

  /** `names` is geth's --http.vhosts. */
  constructor(names: readonly string[], warnings: RateLimitedWarnings) {
    this.#policy = hostPolicy(names);
    this.#warnings = warnings;
  }

  /** Returns the refusal of a request, or null. */
  check(request: Request, info: RequestInfo): Response | null {
    const host = hostOf(request);
    if (this.#policy.allows(host)) return null;
    const logged = host?.slice(0, MAX_LOGGED_CHARACTERS);
    const fields = { host: logged, peer: addressOf(info.remoteAddr), hint: "--http.vhosts" };
    this.#warnings.warn({ message: "Rejected HTTP request", kind: `host ${logged}`, fields });
    return refuse(STATUS_CODE.Forbidden, "invalid host specified");
  }

  /** Writes the last counts. */
  close(): void {
    this.#warnings.close();
  }
}

/** HTTP/2 has `:authority` in the place of Host, and the runtime shows it in the URL only. */
function hostOf(request: Request): string | null {
  return request.headers.get("host") ?? URL.parse(request.url)?.host ?? null;
}

const ANY = "*";
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/**
 * Builds the policy for `--http.vhosts`. It defends against DNS rebinding: a page whose host name was made to resolve to
 * this machine sends that name as Host. An address needs no rule, because no name server can change where it leads.
 */
export function hostPolicy(names: readonly string[]): HostPolicy {
  const admitted = new Set(names.map((name) => name.trim().toLowerCase()).filter((name) => name !== ""));
  return {
    allows(host) {
      if (host === null || host === "" || admitted.has(ANY)) return true;
      const name = hostname(host.toLowerCase());
      return isAddress(name) || admitted.has(name);
    },
  };
}

/** Returns the host without its port. */
function hostname(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(host);
  if (bracketed !== null) return bracketed[1] ?? "";
  const colon = host.indexOf(":");
  return colon >= 0 && colon === host.lastIndexOf(":") ? host.slice(0, colon) : host;
}

function isAddress(name: string): boolean {
  if (IPV4.test(name)) return true;
  // No host name contains a colon, so a text with one is an IPv6 address or not a host.
  return name.includes(":") && URL.canParse(`http://[${name}]/`);
}
