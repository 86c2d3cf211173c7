/** Writes a host as it stands before a port, in a URL and in a permission of Deno: an IPv6 address in brackets. */
export function bracketed(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** Writes `host:port`, an IPv6 address in brackets. */
export function hostPort(hostname: string, port: number): string {
  return `${bracketed(hostname)}:${port}`;
}

/** Returns the host of `host:port`, without brackets. */
export function hostOf(address: string): string {
  return unbracketed(address.replace(/:\d+$/, ""));
}

/**
 * Returns the address to bind, which is also the one that needs the permission, for the value of a flag: brackets are
 * those of a URL, and `localhost` is 127.0.0.1 as in geth, so that one permission and one URL name the endpoint.
 */
export function bindHostname(addr: string): string {
  return addr === "localhost" ? "127.0.0.1" : unbracketed(addr);
}

/** Returns true for a host that only this machine can reach; a name other than localhost may resolve to anything. */
export function isLoopback(address: string): boolean {
  const host = unbracketed(address.toLowerCase());
  if (host === "localhost" || host.endsWith(".localhost") || host === "::1") return true;
  return /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.+)\]$/, "$1");
}
