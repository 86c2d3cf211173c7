import { assertEquals } from "@std/assert";
import { createSite, HealthPages } from "../../src/http/mod.ts";
import { hostGuard, PEER, read } from "./fixture.ts";

const REPORT = {
  version: "1.2.3",
  chainId: 1337,
  head: 7,
  uptimeSeconds: 1.5,
  connections: 2,
  subscriptions: 3,
  lastEventAgeSeconds: null,
};

Deno.test("A site sends upgrades, pages and the rest where they belong", async () => {
  const site = createSite({
    pages: { "/health": () => new Response("page") },
    hosts: hostGuard(),
    upgrade: () => new Response("upgrade"),
    rest: () => new Response("rest"),
  });
  const ask = async (path: string, init?: RequestInit) =>
    (await read(site(new Request(`http://localhost${path}`, init), PEER))).join(" ");
  assertEquals(await ask("/health"), "200 page");
  assertEquals(await ask("/health", { headers: { upgrade: "websocket" } }), "200 upgrade");
  assertEquals(await ask("/health", { method: "POST" }), "405 method not allowed\n");
  assertEquals(await ask("/healthy"), "200 rest");
  // A page whose host name was made to resolve to this machine reads none of them.
  assertEquals(await ask("/health", { headers: { host: "evil.example" } }), "403 invalid host specified\n");
});

Deno.test("/health and /ready say in JSON how the server is, and no more than that", async () => {
  let ready = true;
  const healthy = new HealthPages({
    report: () => Promise.resolve(REPORT),
    unready: () => ready ? undefined : "shutting down",
  });
  const [status, body] = await read(healthy.health());
  assertEquals([status, JSON.parse(body)], [200, { status: "ok", ...REPORT }]);
  assertEquals(await read(healthy.ready()), [200, '{"status":"ready"}']);
  ready = false;
  assertEquals(await read(healthy.ready()), [503, '{"status":"shutting down"}']);
  const failing = new HealthPages({ report: () => Promise.reject(new Error("secret path")), unready: () => undefined });
  assertEquals(await read(failing.health()), [503, '{"status":"the chain does not answer"}']);
});
