import { hostOf } from "../text/host_port.ts";
import { addressOf, type ClientAddress } from "../transport/mod.ts";
import { type Cidr, inRanges, parseIp } from "./cidr.ts";

/** The address of a client whose proxies contradict each other: no range has it, and no port belongs to it. */
export const UNKNOWN_ADDRESS = "unknown";

/** The most hops that are read; a longer list is made up. */
const MAX_HOPS = 32;

/**
 * Returns the function that finds the client behind trusted proxies. The header of a peer that is not trusted is ignored. A
 * trusted one names the hop before it; the list is read from its end, and the first hop that is not trusted is the client.
 *
 * A proxy usually writes one of the two headers and passes the other on as the client sent it. Where both are there and differ,
 * one of them may be made up, so the client is unknown.
 */
export function clientAddressOf(trusted: readonly Cidr[]): ClientAddress {
  function isTrusted(address: string): boolean {
    const bytes = parseIp(hostOf(address));
    return bytes !== undefined && inRanges(bytes, trusted);
  }

  function clientIn(hops: readonly string[], proxy: string): string {
    let last = proxy;
    for (const hop of hops.slice(-MAX_HOPS).toReversed()) {
      if (!isTrusted(last)) break;
      if (parseIp(hostOf(hop)) === undefined) return UNKNOWN_ADDRESS;
      last = hop;
    }
    return last;
  }

  return ({ headers }, { remoteAddr }) => {
    const proxy = addressOf(remoteAddr);
    if (!isTrusted(proxy)) return proxy;
    const [standard, common] = [headers.get("forwarded"), headers.get("x-forwarded-for")];
    const found = [
      ...standard === null ? [] : [clientIn(forwardedFor(standard), proxy)],
      ...common === null ? [] : [clientIn(common.split(",").map(written), proxy)],
    ];
    const [one = proxy, other = one] = found;
    return hostOf(one) === hostOf(other) ? one : UNKNOWN_ADDRESS;
  };
}

/** Returns the `for` of every element of a Forwarded header (RFC 7239 section 4); an element without one is no address. */
function forwardedFor(header: string): readonly string[] {
  return header.split(",").map((element) => {
    const pair = element.split(";").map((pair) => pair.trim()).find((pair) => /^for=/i.test(pair));
    return written(pair?.slice("for=".length).replace(/^"(.*)"$/, "$1") ?? "");
  });
}

/** Writes a hop as addresses are written here: an IPv6 address in brackets, also without a port. */
function written(hop: string): string {
  const text = hop.trim();
  return /^[^[\]]*:[^[\]]*:/.test(text) ? `[${text}]` : text;
}
