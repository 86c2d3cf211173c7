import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createServer } from "../../src/mod.ts";
import { ServerProcess } from "../e2e/server_process.ts";
import { runProgram } from "../main/run_program.ts";
import { call, Client, keyFile } from "./fixture.ts";

const ACCOUNT = "0x71562b71999873db5b286df957af199ec94617f7";
const PASSWORD = "correct horse battery staple";
const STRANGER = `sp_${"B".repeat(43)}`;
const DATA = `0x${"5ec2e7".repeat(20)}`;

/** The lines of a log without what differs from run to run. */
function events(text: string): unknown[] {
  return text.trim().split("\n").map((line) => {
    const { time, address, ...fields } = JSON.parse(line);
    assert(!Number.isNaN(Date.parse(time)) && /^127\.0\.0\.1:\d+$/.test(address), line);
    return fields;
  });
}

Deno.test("The audit log has who did what and what was refused, over both transports, and no secret", async () => {
  await using file = await keyFile({
    operator: {},
    reader: { allow: ["eth"], limits: { requestsPerSecond: 0.001, burst: 10 } },
  });
  const path = `${file.path}.audit`;
  const flags = ["--http", "--http.port=0", "--ws.api=eth,net,web3,evm,personal", "--verbosity=5"];
  const server = await ServerProcess.start({
    flags: [...flags, "--auth.keys", file.path, "--audit", path],
    permissions: [`--allow-read=${file.path}`, `--allow-write=${path}`],
  });
  const url = server.url.replace("ws:", "http:");
  const post = async (token: string | undefined, body: string) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    return await (await fetch(url, { method: "POST", headers, body })).text();
  };
  const { operator, reader } = file.keys;
  const served: string[] = [];
  const socket = await Client.connect(server.url, { token: operator });
  for (
    const [method, params] of [
      ["eth_sendTransaction", [{ from: ACCOUNT, to: ACCOUNT, value: "0x1", data: DATA }]],
      ["personal_sign", [DATA, ACCOUNT, PASSWORD]],
      ["personal_unlockAccount", [ACCOUNT, PASSWORD, 30]],
      ["evm_mine", []],
      ["eth_chainId", []],
    ] as const
  ) served.push(await socket.ask(call(method, params)));
  const { result: hash } = JSON.parse(served[0] ?? "");
  // The next call reaches its end after those before it, whatever transport it came by.
  served.push(await post(operator, call("eth_sign", [ACCOUNT, DATA])));
  served.push(await post(reader, call("eth_sendTransaction", [{ from: ACCOUNT, to: ACCOUNT }])));
  served.push(await post(reader, call("eth_sendTransaction", [{ from: ACCOUNT, to: ACCOUNT }])));
  served.push(await post(reader, call("evm_mine")));
  served.push(await post(STRANGER, call("eth_chainId")));
  await Client.connect(server.url, { token: STRANGER }).catch(() => {});
  await Client.connect(server.url, { token: operator, headers: { origin: "https://evil.example" } }).catch(() => {});
  await file.rewrite({ reader: {} });
  Deno.kill(server.pid, "SIGHUP");
  await socket.ended;
  await server.stop();

  const text = await Deno.readTextFile(path);
  const [ws, http] = [{ event: "call", principal: "operator", via: "ws" }, {
    event: "call",
    principal: "reader",
    via: "http",
  }];
  const sent = JSON.parse(served[6] ?? "").result;
  assertEquals(events(text), [
    { ...ws, action: "send", method: "eth_sendTransaction", from: ACCOUNT, to: ACCOUNT, outcome: "ok", result: hash },
    { ...ws, action: "sign", method: "personal_sign", account: ACCOUNT, outcome: "failed", code: -32000 },
    { ...ws, action: "account", method: "personal_unlockAccount", account: ACCOUNT, outcome: "failed", code: -32000 },
    { ...ws, action: "control", method: "evm_mine", outcome: "ok" },
    { ...ws, via: "http", action: "sign", method: "eth_sign", account: ACCOUNT, outcome: "ok" },
    { ...http, action: "send", method: "eth_sendTransaction", from: ACCOUNT, to: ACCOUNT, outcome: "ok", result: sent },
    {
      ...http,
      action: "send",
      method: "eth_sendTransaction",
      from: ACCOUNT,
      to: ACCOUNT,
      outcome: "failed",
      code: -32005,
      limit: "key",
    },
    { ...http, action: "control", method: "evm_mine", outcome: "failed", code: -32005, limit: "key" },
    { event: "refused", principal: null, via: "http", status: 401, reason: "no such key" },
    { event: "refused", principal: null, via: "ws", status: 401, reason: "no such key" },
    {
      event: "refused",
      principal: null,
      origin: "https://evil.example",
      via: "ws",
      status: 403,
      reason: "origin",
    },
    {
      event: "closed",
      principal: "operator",
      via: "ws",
      code: 4403,
      reason: "the credential of operator was removed or changed",
    },
  ]);
  const secrets = [operator, reader, STRANGER].map((key = "") => key.slice(3, 23));
  const everything = [text, server.printed, ...served.filter((answer) => !answer.includes('"result"'))].join("\n");
  for (const secret of [...secrets, PASSWORD, DATA.slice(2, 40)]) assert(!everything.includes(secret), everything);
  assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
});

Deno.test("The audit log may go to the standard output, apart from the log of the program", async () => {
  await using server = await ServerProcess.start({ flags: ["--ws.api=eth,evm", "--audit=-"] });
  using client = await Client.connect(server.url);
  await client.ask(call("evm_mine"));
  const [line] = await server.waitForOutput(/^\{.*"event":"call".*\}$/m);
  assertEquals(events(line), [
    { event: "call", principal: null, via: "ws", action: "control", method: "evm_mine", outcome: "ok" },
  ]);
  await client.close();
});

Deno.test("A library keeps the same log, and appends to it", async () => {
  const folder = await Deno.makeTempDir();
  const audit = `${folder}/audit.jsonl`;
  for (let run = 0; run < 2; run++) {
    await using server = await createServer({ audit, "ws.api": ["eth", "evm"] });
    await server.request({ method: "evm_mine" });
  }
  const lines = (await Deno.readTextFile(audit)).trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ method, address }) => [method, address]), [["evm_mine", "memory"], ["evm_mine", "memory"]]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("A file that cannot be written ends the start", async () => {
  const start = (path: string, permission: string) =>
    runProgram(["--ws", "--ws.port=0", "--audit", path], { permissions: ["--allow-net", permission] });
  const forbidden = await start("/tmp/audit.jsonl", "--allow-read=/tmp");
  assertEquals(forbidden.code, 1);
  assertStringIncludes(
    forbidden.stderr,
    '--audit: writing "/tmp/audit.jsonl" is not permitted: add --allow-write=/tmp/audit.jsonl',
  );
  const nowhere = await start("/nowhere/audit.jsonl", "--allow-write=/nowhere");
  assertStringIncludes(nowhere.stderr, '--audit: cannot write "/nowhere/audit.jsonl": No such file or directory');
});
