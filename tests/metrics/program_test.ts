import { assert, assertEquals } from "@std/assert";
import { ServerProcess } from "../e2e/server_process.ts";
import { parseExposition } from "./exposition.ts";

async function scrape(url: string) {
  const response = await fetch(url);
  assertEquals(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return parseExposition(await response.text());
}

/** A socket that keeps what it receives. */
async function open(url: string) {
  const socket = new WebSocket(url);
  const received: string[] = [];
  let look = () => {};
  socket.onmessage = ({ data }) => {
    received.push(data);
    look();
  };
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket.onopen = resolve);
  const take = (count: number) =>
    new Promise<readonly string[]>((resolve) => {
      look = () => received.length >= count && resolve(received);
      look();
    });
  return { socket, take, closed };
}

Deno.test("The metrics page shows calls, connections, subscriptions, notifications, closes and refusals", async () => {
  await using server = await ServerProcess.start({
    flags: ["--metrics", "--metrics.port", "0", "--http", "--http.port", "0", "--ws.max-message", "2KiB"],
  });
  // Equal ports share a listener, so all three are on one.
  const base = server.url.replace("ws:", "http:");
  const page = `${base}/debug/metrics/prometheus`;
  assert(server.printed.includes(`Metrics enabled        url=${page}`), server.printed);

  const before = await scrape(page);
  assertEquals(before.samples.get("ws_connections"), 0);
  assertEquals(before.samples.has("chain_last_event_age_seconds"), false);

  const client = await open(server.url);
  const send = (id: number, method: string, params: unknown[]) =>
    client.socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
  send(1, "eth_subscribe", ["newHeads"]);
  send(2, "eth_subscribe", ["newPendingTransactions"]);
  send(3, "eth_call", [{ to: "0x" }]);
  await client.take(3);
  const [account] = (await (await fetch(base, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"jsonrpc":"2.0","id":1,"method":"eth_accounts"}',
  })).json()).result;
  send(4, "eth_sendTransaction", [{ from: account, to: account, value: "0x1" }]);
  await client.take(6);

  const { samples, types } = await scrape(page);
  assertEquals(samples.get("ws_connections"), 1);
  assertEquals(samples.get("ws_connections_opened_total"), 1);
  assertEquals(samples.get('ws_subscriptions{namespace="eth",kind="newHeads"}'), 1);
  assertEquals(samples.get('ws_notifications_total{namespace="eth",kind="newHeads"}'), 1);
  assertEquals(samples.get('ws_notifications_total{namespace="eth",kind="newPendingTransactions"}'), 1);
  assertEquals(samples.get("rpc_duration_eth_accounts_success_count"), 1);
  assertEquals(samples.get("rpc_duration_eth_sendTransaction_success_count"), 1);
  assertEquals(samples.get("rpc_requests"), 4, "the call with a bad address reached no handler");
  assertEquals(samples.get("chain_head_block"), 1);
  assertEquals(samples.get("ws_queued_bytes"), 0);
  assertEquals(samples.get("ws_event_lag_seconds"), 0);
  assert((samples.get("chain_last_event_age_seconds") ?? -1) >= 0);
  assertEquals(types.get("rpc_duration_all"), "summary");

  const report = await (await fetch(`${base}/health`)).json();
  assertEquals([report.head, report.connections, report.subscriptions], [1, 1, 2]);

  const refused = await fetch(base, {
    headers: {
      "upgrade": "websocket",
      "connection": "Upgrade",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "origin": "http://evil.example",
    },
  });
  assertEquals(refused.status, 403);
  await refused.body?.cancel();
  client.socket.send("x".repeat(3000));
  assertEquals((await client.closed).code, 1009);
  const polite = await open(server.url);
  polite.socket.close(4321);
  await polite.closed;

  const after = (await scrape(page)).samples;
  assertEquals(after.get('ws_upgrades_refused_total{reason="origin"}'), 1);
  assertEquals(after.get('ws_connections_closed_total{code="1009",reason="message too large"}'), 1);
  assertEquals(after.get('ws_connections_closed_total{code="other",reason="client"}'), 1);
  assertEquals(after.get('ws_subscriptions{namespace="eth",kind="newHeads"}'), 0);
});
