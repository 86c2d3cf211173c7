import { assertEquals } from "@std/assert";
import { exposition } from "../../src/metrics/exposition.ts";
import { RpcMetrics } from "../../src/metrics/mod.ts";
import { parseExposition } from "./exposition.ts";

Deno.test("RpcMetrics counts calls and their times under geth's names", () => {
  const metrics = new RpcMetrics();
  for (let milliseconds = 1; milliseconds <= 99; milliseconds++) {
    metrics.count({ method: "eth_call", milliseconds, ok: true });
  }
  metrics.count({ method: "rpc.discover", milliseconds: 5000, ok: false });
  const { types, samples } = parseExposition(exposition(metrics.families));
  assertEquals([...types], [
    ["rpc_requests", "gauge"],
    ["rpc_success", "gauge"],
    ["rpc_failure", "gauge"],
    ["rpc_duration_all", "summary"],
    ["rpc_duration_eth_call_success", "summary"],
    ["rpc_duration_rpc_discover_failure", "summary"],
  ]);
  assertEquals(samples.get("rpc_requests"), 100);
  assertEquals([samples.get("rpc_success"), samples.get("rpc_failure")], [99, 1]);
  assertEquals(samples.get("rpc_duration_eth_call_success_count"), 99);
  assertEquals(samples.get("rpc_duration_eth_call_success_sum"), 4950e6);
  assertEquals(samples.get('rpc_duration_eth_call_success{quantile="0.5"}'), 50e6);
  assertEquals(samples.get('rpc_duration_eth_call_success{quantile="0.9999"}'), 99e6);
  assertEquals(samples.get('rpc_duration_all{quantile="0.9999"}'), 5000e6);
});

Deno.test("RpcMetrics makes quantiles of the newest calls only", () => {
  const metrics = new RpcMetrics();
  for (let i = 0; i < 1028; i++) metrics.count({ method: "eth_call", milliseconds: 1000, ok: true });
  for (let i = 0; i < 1028; i++) metrics.count({ method: "eth_call", milliseconds: 1, ok: true });
  const { samples } = parseExposition(exposition(metrics.families));
  assertEquals(samples.get('rpc_duration_all{quantile="0.9999"}'), 1e6);
  assertEquals(samples.get("rpc_duration_all_count"), 2056);
});

Deno.test("exposition escapes what would break a line", () => {
  const text = exposition([{
    name: "x",
    type: "gauge",
    help: "two\nlines",
    samples: [{ labels: { reason: 'a "quoted" \\ \n word' }, value: 1 }],
  }]);
  assertEquals(text, '# HELP x two\\nlines\n# TYPE x gauge\nx{reason="a \\"quoted\\" \\\\ \\n word"} 1\n');
  assertEquals(parseExposition(text).samples.size, 1);
});
