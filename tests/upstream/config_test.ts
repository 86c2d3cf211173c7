import { assertEquals, assertThrows } from "@std/assert";
import { readUpstreams, UpstreamConfigError } from "../../src/upstream/config.ts";

function config(upstreams: unknown) {
  return readUpstreams({ urls: [], headers: [], config: JSON.stringify({ upstreams }) });
}

Deno.test("readUpstreams names each upstream by its host, and by a number where two share one", () => {
  const specs = readUpstreams({ urls: ["ws://a:1/x", "ws://a:1/y", "http://b"], headers: ["X-Key: v: 1"] });
  assertEquals(specs.map(({ name, priority, timeoutMs }) => [name, priority, timeoutMs]), [
    ["a:1", 0, 30_000],
    ["a:1#2", 0, 30_000],
    ["b:80", 0, 30_000],
  ]);
  assertEquals(specs.map(({ address }) => address.headers), Array(3).fill({ "x-key": "v: 1" }));
});

Deno.test("readUpstreams reads what a URL cannot say from the file", () => {
  const [spec] = config([{
    url: "wss://paid.example/KEY",
    name: "paid",
    priority: 1,
    headers: { Authorization: "Bearer t" },
    methods: ["eth_*", "debug_traceCall", "!eth_getLogs"],
    rateLimit: 25,
    timeout: 2.5,
  }]);
  assertEquals([spec?.name, spec?.priority, spec?.rateLimit, spec?.timeoutMs], ["paid", 1, 25, 2500]);
  assertEquals(spec?.address.headers, { authorization: "Bearer t" });
  const asked = ["eth_call", "debug_traceCall", "eth_getLogs", "debug_traceBlockByHash", "trace_block"];
  assertEquals(asked.map((method) => spec?.allows?.(method)), [true, true, false, false, false]);
});

Deno.test("readUpstreams names the place of a fault and no secret", () => {
  const url = "ws://a";
  const faults: [unknown, string][] = [
    [[{ url, SECRET: 1 }], 'upstreams[0]: unknown member "SECRET"; known are url, name'],
    [[{ url }, { url: 7 }], "upstreams[1].url: expected the URL of the upstream"],
    [[{ url: "SECRET" }], "upstreams[0].url: this is no URL: expected ws://"],
    [[{ url, priority: -1 }], "upstreams[0].priority: expected a whole number from 0"],
    [[{ url, rateLimit: 0 }], "upstreams[0].rateLimit: expected requests per second"],
    [[{ url, timeout: "5" }], "upstreams[0].timeout: expected seconds"],
    [[{ url, methods: ["eth"] }], 'upstreams[0].methods: expected a list such as ["eth_*", "!eth_getLogs"]'],
    [[{ url, headers: { "bad name": "x" } }], 'upstreams[0].headers: expected "Name: value" on one line'],
    [[{ url, name: "x" }, { url, name: "x" }], 'two upstreams have the name "x"'],
    ["ws://a", 'expected a list, or {"upstreams": [...]}'],
  ];
  for (const [upstreams, message] of faults) assertThrows(() => config(upstreams), UpstreamConfigError, message);
  assertThrows(
    () => readUpstreams({ urls: [], headers: [], config: "{SECRET" }),
    UpstreamConfigError,
    "the file is no JSON",
  );
});
