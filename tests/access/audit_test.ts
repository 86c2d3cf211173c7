import { assert, assertEquals } from "@std/assert";
import { Audit } from "../../src/access/audit.ts";
import { AUDITED, auditedRow } from "../../src/access/audited.ts";
import { type CallContext, type Invoke, RawJson, RpcError } from "../../src/rpc/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { testTables } from "../support/tables.ts";

const NOW = Date.UTC(2026, 10, 25);
const A = `0x${"aa".repeat(20)}`;
const B = `0x${"bb".repeat(20)}`;
const HASH = `0x${"12".repeat(32)}`;
const SECRET = `0x${"77".repeat(32)}`;

function setUp() {
  const lines: string[] = [];
  const clock = new FakeClock();
  const audit = new Audit((line) => lines.push(line), { clock, now: () => NOW });
  const peer = { address: "10.0.0.1:5000", origin: null, principal: { name: "a" } };
  const run = (method: string, params: unknown, invoke: Invoke = () => undefined) =>
    audit.layerFor({ peer })(invoke)({ kind: "notification", method, params }, {} as CallContext);
  return { lines, clock, audit, run };
}

const HEAD = '{"time":"2026-11-25T00:00:00.000Z","event":"call","principal":"a","address":"10.0.0.1:5000","via":"ws"';

Deno.test("A line shows accounts and hashes where the table says so, and nothing else of the client", () => {
  const { lines, run } = setUp();
  const cases: readonly [method: string, params: unknown, result: unknown, shown: string][] = [
    ["eth_sendRawTransaction", [SECRET], HASH, `"action":"send",M,"outcome":"ok","result":"${HASH}"`],
    [
      "eth_sendTransaction",
      [{ from: A, to: B, data: SECRET }],
      HASH,
      `"action":"send",M,"from":"${A}","to":"${B}","outcome":"ok","result":"${HASH}"`,
    ],
    ["eth_sendRawTransactionSync", [SECRET], new RawJson('{"x":1}'), '"action":"send",M,"outcome":"ok"'],
    ["eth_sign", [A, SECRET], SECRET, `"action":"sign",M,"account":"${A}","outcome":"ok"`],
    ["personal_sign", [SECRET, A, "password"], "0x1", `"action":"sign",M,"account":"${A}","outcome":"ok"`],
    ["personal_unlockAccount", [A, B, 30], true, `"action":"account",M,"account":"${A}","outcome":"ok"`],
    // A password may look like an address.
    ["personal_newAccount", [B], A, `"action":"account",M,"outcome":"ok","result":"${A}"`],
    [
      "personal_importRawKey",
      [SECRET, B],
      new RawJson(`"${A}"`),
      `"action":"account",M,"outcome":"ok","result":"${A}"`,
    ],
    ["anvil_setBalance", [A, "0x1"], null, `"action":"control",M,"account":"${A}","outcome":"ok"`],
    ["anvil_mine", ["0x10"], null, '"action":"control",M,"outcome":"ok"'],
    ["hardhat_setStorageAt", { account: A }, null, '"action":"control",M,"outcome":"ok"'],
    ["evm_snapshot", undefined, HASH, '"action":"control",M,"outcome":"ok"'],
  ];
  for (const [method, params, result, shown] of cases) {
    run(method, params, () => result);
    assertEquals(lines.at(-1), `${HEAD},${shown.replace("M", `"method":"${method}"`)}}`);
  }
});

Deno.test("What changes nothing has no line", () => {
  const { lines, run } = setUp();
  for (const method of ["eth_call", "eth_getLogs", "personal_listAccounts", "anvil_nodeInfo", "debug_traceCall", "x"]) {
    run(method, []);
  }
  assertEquals(lines, []);
});

Deno.test("A failure is shown by its code, sooner or later, and never by its text", async () => {
  const { lines, run } = setUp();
  const fail = (error: unknown): Invoke => () => {
    throw error;
  };
  const swallow = (work: () => unknown) => {
    try {
      work();
    } catch { /* The caller gets it as it was. */ }
  };
  const tail = () => lines.at(-1)?.slice(lines.at(-1)?.indexOf('"outcome"'));
  swallow(() => run("eth_sendTransaction", [], fail(new RpcError(-32000, `bad ${SECRET}`))));
  assertEquals(tail(), '"outcome":"failed","code":-32000}');
  swallow(() =>
    run("eth_sendTransaction", [], fail(new RpcError(-32005, "too many", { data: { limit: "key", max: 1 } })))
  );
  assertEquals(tail(), '"outcome":"failed","code":-32005,"limit":"key"}');
  swallow(() => run("anvil_mine", [], fail(new TypeError("crashed"))));
  assertEquals(tail(), '"outcome":"failed","code":-32603}');
  const later = run("anvil_mine", [], () => Promise.reject(new RpcError(-32601, "there is none")));
  await (later as Promise<unknown>).catch(() => {});
  assertEquals(tail(), '"outcome":"failed","code":-32601}');
  assertEquals(lines.length, 4);
});

Deno.test("A client cannot make a line of its own, nor steer a terminal", () => {
  const { lines, audit, run } = setUp();
  run('anvil_x"}\n{"event":"call","principal":"root"}\u202e', [{ from: `${A}"\n`, to: B }]);
  audit.refused({ status: 401, sentence: "no such key" }, {
    address: "10.0.0.1:1",
    origin: 'https://a"\n\u001b[2J',
    via: "ws",
  });
  assertEquals(lines.length, 2);
  for (const line of lines) assert(/^[\x20-\x7e]+$/.test(line), line);
  const [call, refused] = lines.map((line) => JSON.parse(line));
  assertEquals([call.method, call.principal, call.from, call.to], [
    'anvil_x"}\n{"event":"call","principal":"root"}\u202e',
    "a",
    undefined,
    B,
  ]);
  assertEquals(refused, {
    time: "2026-11-25T00:00:00.000Z",
    event: "refused",
    principal: null,
    address: "10.0.0.1:1",
    origin: 'https://a"\n\u001b[2J',
    via: "ws",
    status: 401,
    reason: "no such key",
  });
});

Deno.test("Refusals that strangers cause without end are counted, and what was done never is", async () => {
  const { lines, clock, audit, run } = setUp();
  const refuse = () =>
    audit.refused({ status: 401, sentence: "no" }, { address: "10.0.0.1:1", origin: null, via: "http" });
  for (let count = 0; count < 5000; count++) refuse();
  assertEquals(lines.length, 1000);
  run("anvil_mine", []);
  assertEquals(lines.length, 1001);
  await clock.advance(100);
  refuse();
  assertEquals(JSON.parse(lines[1001] ?? ""), { time: "2026-11-25T00:00:00.000Z", event: "omitted", refusals: 4000 });
  assertEquals(JSON.parse(lines[1002] ?? "").event, "refused");
});

/** Methods whose names say that they change something, by namespace. */
const CHANGES =
  /^(eth_(send|sign|resend)|personal_(send|sign|unlock|lock|new|import)|(anvil|hardhat|evm)_(set|add|mine|re|un|drop|imp|auto|stop|inc|load|roll|snap|en)|debug_set|testing_commit)/;

Deno.test("Every method that changes something is audited, and every row of the table is about one", () => {
  const names = testTables().flatMap(({ methods }) => Object.keys(methods));
  assertEquals(names.filter((name) => CHANGES.test(name) && auditedRow(name) === null), []);
  const others = names.filter((name) => !CHANGES.test(name) && auditedRow(name) !== null);
  assertEquals(others, []);
  assert(AUDITED.every(({ words }) => words.length > 0));
});
