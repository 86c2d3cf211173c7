import { assertEquals } from "@std/assert";
import { corsPolicy } from "../../src/http/mod.ts";

const PAGE = "http://app.example";

function post(origin?: string): Request {
  return new Request("http://localhost/", { method: "POST", headers: origin === undefined ? {} : { origin } });
}

function preflight(origin: string, { method = "POST", headers = "content-type" } = {}): Request {
  return new Request("http://localhost/", {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": method, "access-control-request-headers": headers },
  });
}

Deno.test("corsPolicy without an origin says nothing at all", () => {
  const policy = corsPolicy([]);
  assertEquals(policy.headersFor(post(PAGE)), {});
  assertEquals(policy.preflight(preflight(PAGE)), null);
});

Deno.test("corsPolicy lets the named origins read, and tells caches that the origin counts", () => {
  const policy = corsPolicy([PAGE, "https://*.example.org"]);
  assertEquals(policy.headersFor(post(PAGE)), { vary: "Origin", "access-control-allow-origin": PAGE });
  const sub = "https://a.b.example.org";
  assertEquals(policy.headersFor(post(sub)), { vary: "Origin", "access-control-allow-origin": sub });
  for (const stranger of ["http://app.example.evil", "https://app.example", "http://a.example.org", "null"]) {
    assertEquals(policy.headersFor(post(stranger)), { vary: "Origin" }, stranger);
  }
  assertEquals(policy.headersFor(post()), { vary: "Origin" });
});

Deno.test("corsPolicy with * names no origin", () => {
  assertEquals(corsPolicy(["*"]).headersFor(post(PAGE)), { vary: "Origin", "access-control-allow-origin": "*" });
});

Deno.test("corsPolicy answers a preflight as geth does", () => {
  const policy = corsPolicy([PAGE]);
  const allowed = policy.preflight(preflight(PAGE, { headers: "Content-Type, bad header" }));
  assertEquals(allowed?.status, 200);
  assertEquals(Object.fromEntries(allowed?.headers ?? []), {
    "access-control-allow-headers": "Content-Type",
    "access-control-allow-methods": "POST",
    "access-control-allow-origin": PAGE,
    "access-control-max-age": "600",
    "vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
  });
  for (const refused of [preflight("http://evil.example"), preflight(PAGE, { method: "DELETE" })]) {
    assertEquals(policy.preflight(refused)?.headers.get("access-control-allow-origin"), null);
  }
});
