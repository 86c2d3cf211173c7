import { assertEquals } from "@std/assert";
import { parseCidr } from "../../src/access/cidr.ts";
import { clientAddressOf } from "../../src/access/client_address.ts";

const PROXIES = ["10.0.0.0/8", "2001:db8:ffff::/48"].flatMap((text) => parseCidr(text) ?? []);

interface Headers {
  readonly "x-forwarded-for"?: string;
  readonly forwarded?: string;
}

/** peer, headers, the client */
const CASES: readonly [string, Headers, string][] = [
  // A peer that is not trusted says what it wants.
  ["192.0.2.1", { "x-forwarded-for": "127.0.0.1" }, "192.0.2.1:5000"],
  ["192.0.2.1", { forwarded: "for=127.0.0.1" }, "192.0.2.1:5000"],
  ["10.0.0.1", {}, "10.0.0.1:5000"],
  ["10.0.0.1", { "x-forwarded-for": "192.0.2.7" }, "192.0.2.7"],
  ["10.0.0.1", { "x-forwarded-for": "192.0.2.7:4711" }, "192.0.2.7:4711"],
  ["10.0.0.1", { "x-forwarded-for": "2001:db8::7" }, "[2001:db8::7]"],
  ["10.0.0.1", { "x-forwarded-for": "[2001:db8::7]:80" }, "[2001:db8::7]:80"],
  ["2001:db8:ffff::1", { "x-forwarded-for": "192.0.2.7" }, "192.0.2.7"],
  // What the client made up stands before what the proxy added.
  ["10.0.0.1", { "x-forwarded-for": "127.0.0.1, 192.0.2.7" }, "192.0.2.7"],
  ["10.0.0.1", { "x-forwarded-for": "1.1.1.1, 192.0.2.7, 10.0.0.2" }, "192.0.2.7"],
  ["10.0.0.1", { "x-forwarded-for": "10.0.0.3, 10.0.0.2" }, "10.0.0.3"],
  ["10.0.0.1", { "x-forwarded-for": "unknown" }, "unknown"],
  ["10.0.0.1", { "x-forwarded-for": "192.0.2.7, " }, "unknown"],
  ["10.0.0.1", { "x-forwarded-for": "" }, "unknown"],
  ["10.0.0.1", { forwarded: "for=192.0.2.7;proto=https" }, "192.0.2.7"],
  ["10.0.0.1", { forwarded: 'for=127.0.0.1, By=x; For="[2001:db8::7]:4711"' }, "[2001:db8::7]:4711"],
  ["10.0.0.1", { forwarded: "for=_hidden" }, "unknown"],
  ["10.0.0.1", { forwarded: "proto=https" }, "unknown"],
  // The proxy writes one of the headers and passes on the other.
  ["10.0.0.1", { forwarded: "for=192.0.2.7", "x-forwarded-for": "192.0.2.7" }, "192.0.2.7"],
  ["10.0.0.1", { forwarded: "for=127.0.0.1", "x-forwarded-for": "192.0.2.7" }, "unknown"],
];

Deno.test("Only trusted proxies tell the client, and only about the hop before them", () => {
  const clientAddress = clientAddressOf(PROXIES);
  for (const [hostname, headers, client] of CASES) {
    const request = new Request("http://localhost/", { headers: { ...headers } });
    const found = clientAddress(request, { remoteAddr: { transport: "tcp", hostname, port: 5000 } });
    assertEquals(found, client, JSON.stringify([hostname, headers]));
  }
});
