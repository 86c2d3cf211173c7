import { assert, assertEquals } from "@std/assert";
import { Gate } from "../../src/access/gate.ts";
import type { LimitRules } from "../../src/access/limiter.ts";
import {
  type Connection,
  type ConnectionHandler,
  createDispatcher,
  createRegistry,
  DEFAULT_LIMITS,
  method,
  type Principal,
  string,
  subscription,
} from "../../src/rpc/mod.ts";
import { FakeClock, settledPromises } from "../support/fake_clock.ts";

const ignore = () => {};

/** A call that a test lets end. */
const waiting: ((result: string) => void)[] = [];

const REGISTRY = createRegistry([{
  namespace: "eth",
  methods: {
    eth_blockNumber: method({ summary: "Light.", params: [], result: string, handler: () => "0x0" }),
    eth_call: method({ summary: "Heavier.", params: [], result: string, handler: () => "0x1" }),
    eth_wait: method({
      summary: "Waits.",
      params: [],
      result: string,
      handler: () => new Promise<string>((resolve) => waiting.push(resolve)),
    }),
    eth_large: method({ summary: "Large.", params: [], result: string, handler: () => "x".repeat(1000) }),
  },
  subscriptions: { heads: subscription({ summary: "", params: [], result: string, start: () => ignore }) },
}], { allow: ["eth"] });

/** A client of one connection. */
class Client {
  readonly sent: string[] = [];
  readonly throttled: (number | null)[] = [];
  ended: string | undefined;
  readonly #handler: ConnectionHandler;
  #lastId = 0;

  constructor(gate: Gate, { principal = null, address = "10.0.0.1:1", canSubscribe = true }: {
    principal?: Principal | null;
    address?: string;
    canSubscribe?: boolean;
  } = {}) {
    const connection: Connection = {
      peer: { address, origin: null, principal },
      canSubscribe,
      send: (text) => void this.sent.push(text),
      isBehind: () => false,
      drained: () => Promise.resolve(),
      close: (code, reason) => void (this.ended ??= `${code} ${reason}`),
      throttled: (retryAfterMs) => void this.throttled.push(retryAfterMs),
    };
    this.#handler = gate.serve(connection, (connection, { layers, ...around }) =>
      createDispatcher(connection, {
        registry: REGISTRY,
        limits: DEFAULT_LIMITS,
        log: { debug: ignore, error: ignore },
        layers,
        ...around,
      }));
  }

  send(text: string): string | undefined {
    this.#handler.message(text);
    return this.sent.at(-1);
  }

  /** Calls a method; returns "ok", or the data of the error, of the answer that came at once. */
  call(method: string, ...params: string[]): unknown {
    const before = this.sent.length;
    this.send(JSON.stringify({ jsonrpc: "2.0", id: ++this.#lastId, method, params }));
    if (this.sent.length === before) return "waits";
    const { error } = JSON.parse(this.sent.at(-1) ?? "");
    if (error === undefined) return "ok";
    return error.data ?? error.message;
  }

  /** How many of so many calls are admitted. */
  admitted(count: number, method = "eth_blockNumber"): number {
    return Array.from({ length: count }, () => this.call(method)).filter((answer) => answer === "ok").length;
  }

  close(): void {
    this.#handler.closed();
  }
}

function gateOf(limits: LimitRules = {}): { gate: Gate; clock: FakeClock } {
  const clock = new FakeClock(settledPromises);
  return { gate: new Gate({ credentials: { ws: [], http: [] }, limits, trustedProxies: [], clock }), clock };
}

Deno.test("A connection has a bucket of its own, and heavy calls take more of it", async () => {
  const { gate, clock } = gateOf({ connection: { perSecond: 10, burst: 20 } });
  const [one, other] = [new Client(gate), new Client(gate)];
  assertEquals(one.admitted(30), 20);
  assertEquals(other.admitted(30, "eth_call"), 4);
  assertEquals(one.call("eth_blockNumber"), { limit: "connection", max: 10, retryAfterMs: 100 });
  assertEquals(other.call("eth_call"), { limit: "connection", max: 10, retryAfterMs: 500 });
  await clock.advance(1000);
  assertEquals([one.admitted(30), other.admitted(30, "eth_call")], [10, 2]);
});

Deno.test("An address and a principal have one bucket for all their connections; a refusal takes from none", async () => {
  const { gate, clock } = gateOf({
    connection: { perSecond: 1000, burst: 1000 },
    address: { perSecond: 10, burst: 15 },
  });
  const a = { name: "a", limits: { requestsPerSecond: 5, burst: 10 } };
  const here = [new Client(gate, { principal: a }), new Client(gate, { principal: a })];
  const there = new Client(gate, { principal: a, address: "10.0.0.2:1" });
  const stranger = new Client(gate);
  assertEquals(here.map((client) => client.admitted(6)), [6, 4]);
  assertEquals(there.call("eth_blockNumber"), { limit: "key", max: 5, retryAfterMs: 200 });
  // What the key refused was not taken from the address.
  assertEquals(stranger.admitted(20), 5);
  assertEquals(stranger.call("eth_blockNumber"), { limit: "address", max: 10, retryAfterMs: 100 });
  await clock.advance(200);
  // The address has two, and the key one.
  assertEquals([here[0]?.admitted(3), stranger.admitted(3), there.admitted(3)], [1, 1, 0]);
});

Deno.test("Weights of a key replace the default ones", () => {
  const { gate } = gateOf();
  const limits = { requestsPerSecond: 10, weights: { eth_call: 0, eth_blockNumber: 5 } };
  const client = new Client(gate, { principal: { name: "a", limits } });
  assertEquals([client.admitted(100, "eth_call"), client.admitted(5)], [100, 2]);
});

Deno.test("200 clients of one key are admitted exactly as often as its bucket says", async () => {
  const { gate, clock } = gateOf();
  const principal = { name: "a", limits: { requestsPerSecond: 50, burst: 333 } };
  const clients = Array.from({ length: 200 }, () => new Client(gate, { principal }));
  const round = () => clients.map((client) => client.admitted(5)).reduce((sum, count) => sum + count);
  assertEquals(round(), 333);
  await clock.advance(2000);
  assertEquals(round(), 100);
  const [sample] = gate.samples;
  assertEquals(sample, { principal: "a", connections: 200, subscriptions: 0, admitted: 433, refused: 2000 - 433 });
});

Deno.test("Calls that run at a time are limited for all connections of a key", async () => {
  const { gate } = gateOf();
  const principal = { name: "a", limits: { inFlight: 2 } };
  const [one, other] = [new Client(gate, { principal }), new Client(gate, { principal })];
  assertEquals([one.call("eth_wait"), other.call("eth_wait")], ["waits", "waits"]);
  const refused = { limit: "inFlight", max: 2, retryAfterMs: 1000 };
  assertEquals([one.call("eth_wait"), one.call("eth_blockNumber")], [refused, refused]);
  waiting.shift()?.("done");
  await settledPromises();
  assertEquals(other.call("eth_blockNumber"), "ok");
  waiting.shift()?.("done");
});

Deno.test("Subscriptions are limited for all connections of a key, and an end makes room", () => {
  const { gate } = gateOf();
  const principal = { name: "a", limits: { subscriptions: 2 } };
  const [one, other] = [new Client(gate, { principal }), new Client(gate, { principal })];
  assertEquals([one.call("eth_subscribe", "heads"), other.call("eth_subscribe", "heads")], ["ok", "ok"]);
  assertEquals(one.call("eth_subscribe", "heads"), { limit: "subscriptions", max: 2 });
  const { result: id } = JSON.parse(other.sent[0] ?? "");
  assertEquals([other.call("eth_unsubscribe", id), one.call("eth_subscribe", "heads")], ["ok", "ok"]);
  one.close();
  assertEquals([other.admitted(3), gate.samples[0]?.subscriptions], [3, 0]);
  // A kind that does not exist takes nothing.
  for (let round = 0; round < 5; round++) other.call("eth_subscribe", "nothing");
  const again = Array.from({ length: 3 }, () => other.call("eth_subscribe", "heads"));
  assertEquals(again, ["ok", "ok", { limit: "subscriptions", max: 2 }]);
});

Deno.test("Bytes in both directions are counted, and calls wait until the debt is paid", async () => {
  const { gate, clock } = gateOf();
  const client = new Client(gate, { principal: { name: "a", limits: { bytesPerSecond: 1000 } } });
  assertEquals(client.call("eth_large"), "ok");
  const debt = (client.sent[0]?.length ?? 0) + '{"jsonrpc":"2.0","id":1,"method":"eth_large","params":[]}'.length -
    1000;
  const refused = client.call("eth_blockNumber") as { limit: string; max: number; retryAfterMs: number };
  assertEquals([refused.limit, refused.max], ["bytes", 1000]);
  assert(refused.retryAfterMs > debt, `${refused.retryAfterMs} for ${debt}`);
  await clock.advance(2000);
  assertEquals(client.call("eth_blockNumber"), "ok");
});

Deno.test("A client that goes on although it is refused is closed with 4029, one that stops is not", async () => {
  const { gate, clock } = gateOf({ connection: { perSecond: 1, burst: 5 } });
  const [stubborn, patient] = [new Client(gate), new Client(gate)];
  assertEquals(stubborn.admitted(5 + 105), 5);
  assertEquals(stubborn.ended, undefined);
  stubborn.call("eth_blockNumber");
  assertEquals(stubborn.ended, "4029 rate limited: the client went on although its calls were refused");
  for (let round = 0; round < 500; round++) {
    patient.admitted(2);
    await clock.advance(1000);
  }
  assertEquals(patient.ended, undefined);
});

Deno.test("Messages that are no calls are charged too, and end a client that sends nothing else", () => {
  const { gate } = gateOf({ connection: { perSecond: 1, burst: 5 } });
  const client = new Client(gate);
  for (const text of ["oops", "[]", "7", '[{"id":1},2]']) client.send(text);
  assertEquals(client.call("eth_blockNumber"), { limit: "connection", max: 1, retryAfterMs: 1000 });
  for (let round = 0; round < 200; round++) client.send("oops");
  assertEquals(client.ended?.slice(0, 5), "4029 ");
});

Deno.test("A request is told to be throttled when nothing of it was admitted", () => {
  const { gate } = gateOf({ address: { perSecond: 1, burst: 5 } });
  const http = () => new Client(gate, { canSubscribe: false });
  const batch = (...methods: string[]) =>
    JSON.stringify(methods.map((method, id) => ({ jsonrpc: "2.0", id, method, params: [] })));
  const first = http();
  first.send(batch("eth_blockNumber", "eth_call"));
  // A call of weight 5 has to wait, the other one was admitted.
  assertEquals(first.throttled, [null]);
  const second = http();
  second.send(batch("eth_call", "eth_blockNumber"));
  assertEquals(second.throttled, [1000, null]);
  const third = http();
  assertEquals(third.admitted(5), 3);
  const fourth = http();
  fourth.call("eth_blockNumber");
  assertEquals(fourth.throttled, [1000]);
});

Deno.test("An address over its limit is refused before its request is read, and handshakes are charged", async () => {
  const { gate, clock } = gateOf({ address: { perSecond: 5, burst: 10 } });
  const ask = async (endpoint: "ws" | "http", address: string) => {
    const decision = await gate.authorize(endpoint)?.(new Request("http://localhost/"), { address });
    return decision !== null && decision !== undefined && "status" in decision
      ? `${decision.status} ${decision.headers?.["retry-after"]} ${decision.sentence}`
      : decision;
  };
  assertEquals([await ask("ws", "10.0.0.1:1"), await ask("ws", "10.0.0.1:2")], [null, null]);
  assertEquals(await ask("ws", "10.0.0.1:3"), "429 1 too many requests from this address");
  assertEquals(await ask("http", "10.0.0.1:4"), "429 1 too many requests from this address");
  assertEquals(await ask("http", "10.0.0.2:4"), null);
  await clock.advance(1000);
  assertEquals([await ask("http", "10.0.0.1:4"), await ask("ws", "10.0.0.1:3")], [null, null]);
});

Deno.test("Connections of a key are limited at the handshake, and again when they open", async () => {
  const clock = new FakeClock(settledPromises);
  const principal: Principal = { name: "a", limits: { connections: 2 } };
  const credential = { noun: "a word", check: () => principal };
  const gate = new Gate({
    credentials: { ws: [credential], http: [credential] },
    limits: {},
    trustedProxies: [],
    clock,
  });
  const request = new Request("http://localhost/", { headers: { authorization: "Bearer x" } });
  const ask = async (endpoint: "ws" | "http") => await gate.authorize(endpoint)?.(request, { address: "10.0.0.1" });
  const clients = [new Client(gate, { principal }), new Client(gate, { principal })];
  const refusal = { status: 429, sentence: "a has all of its 2 connections open", headers: { "retry-after": "1" } };
  assertEquals([await ask("ws"), await ask("http")], [refusal, principal]);
  assertEquals(clients.map(({ ended }) => ended), [undefined, undefined]);
  const third = new Client(gate, { principal });
  assertEquals(third.ended, "4029 a has all of its 2 connections open");
  third.close();
  clients[0]?.close();
  assertEquals(await ask("ws"), principal);
});
