/** The rules, geth's, for the host names of requests (node/rpcstack.go `virtualHostHandler`). */
export interface HostPolicy {
  /** `null` is a request without a Host header: no browser sent it. */
  allows(host: string | null): boolean;
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
