import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import WebSocketClient from "../clients/ws.ts";
import type { Hex } from "../clients/viem.ts";
import { ServerProcess, type ServerProcessOptions } from "../e2e/server_process.ts";
import { makeCertificate } from "../support/certificate.ts";
import { freePort } from "../support/free_port.ts";
import { until } from "../support/until.ts";
import { runProgram } from "./run_program.ts";

const authority = await makeCertificate({ name: "Test Authority", isAuthority: true });
const first = await makeCertificate({ name: "first", by: authority });
const second = await makeCertificate({ name: "second", by: authority });
const READY = /WebSocket enabled\s+url=(wss:\/\/\S+)/;

/** The files of a certificate in a folder of their own. */
class Files implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync();
  readonly cert = `${this.folder}/cert.pem`;
  readonly key = `${this.folder}/key.pem`;
  readonly flags = ["--tls.cert", this.cert, "--tls.key", this.key];
  readonly permissions = [`--allow-read=${this.cert},${this.key}`];

  constructor({ cert, key } = first) {
    this.write({ cert, key });
  }

  write({ cert, key }: { cert: string; key: string }): void {
    Deno.writeTextFileSync(this.cert, cert);
    Deno.writeTextFileSync(this.key, key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

function start(files: Files, { flags = [], permissions = files.permissions, ...rest }: ServerProcessOptions = {}) {
  return ServerProcess.start({ ready: READY, permissions, flags: [...files.flags, ...flags], ...rest });
}

/** A client that trusts the authority only, with what came and how it ended. */
function connect(url: string) {
  const socket = new WebSocketClient(url, { ca: authority.cert });
  const messages: string[] = [];
  socket.on("message", (data: unknown) => messages.push(String(data)));
  const opened = new Promise<void>((resolve, reject) => {
    socket.on("open", resolve);
    socket.on("error", reject);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on("close", (code: number, reason: unknown) => resolve({ code, reason: String(reason) }))
  );
  const ask = (method: string, params: unknown[] = [], id = 1) =>
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
  return { socket, messages, opened, closed, ask };
}

for (const listener of ["bounded", "deno"] as const) {
  Deno.test(`The program serves wss, https and the metrics under --tls.cert (${listener}), and keeps no permission`, async () => {
    await using files = new Files();
    const [http, metrics] = [await freePort(), await freePort()];
    const flags = [
      `--listener=${listener}`,
      "--http",
      `--http.port=${http}`,
      "--metrics",
      `--metrics.port=${metrics}`,
      "--http.vhosts=*",
    ];
    await using server = await start(files, { flags });
    assertMatch(server.printed, /Sandbox closed .*kept=nothing\n/);
    assertMatch(server.printed, /TLS certificate +names="localhost, 127\.0\.0\.1" until=/);
    assertMatch(server.printed, /HTTP server started .*tls=true/);
    const { opened, messages, ask, socket, closed } = connect(server.url);
    await opened;
    ask("net_version");
    await until(() => messages.length === 1);
    assertEquals(messages, ['{"jsonrpc":"2.0","id":1,"result":"1337"}']);
    socket.close();
    await closed;
    using client = Deno.createHttpClient({ caCerts: [authority.cert] });
    const [, page = ""] = /Metrics enabled +url=(\S+)/.exec(server.printed) ?? [];
    assertMatch(page, /^https:/);
    assertStringIncludes(await (await fetch(page, { client })).text(), "ws_connections");
    const body = '{"jsonrpc":"2.0","id":1,"method":"net_version"}';
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`https://localhost:${http}`, { method: "POST", body, headers, client });
    assertEquals(await answer.json(), { jsonrpc: "2.0", id: 1, result: "1337" });
  });
}

const FAULTS: readonly (readonly [what: string, material: { cert: string; key: string }, fault: string])[] = [
  [
    "a certificate that is none",
    { ...first, cert: "hello" },
    "cert: expected certificates in PEM (-----BEGIN CERTIFICATE-----)",
  ],
  [
    "a key that is none",
    { ...first, key: "secret" },
    "key: expected a private key in PEM (-----BEGIN PRIVATE KEY-----)",
  ],
  ["a key that is another's", { ...first, key: second.key }, "key: the key is not the one of the certificate"],
  [
    "an encrypted key",
    { ...first, key: first.key.replaceAll("PRIVATE", "ENCRYPTED PRIVATE") },
    "key: the key is encrypted: write it out without a passphrase",
  ],
];

for (const [what, material, fault] of FAULTS) {
  Deno.test(`The program refuses ${what} in one line that names flag and file, and shows nothing of it`, async () => {
    await using files = new Files({ ...first, ...material });
    const args = ["--ws", "--ws.port=0", ...files.flags];
    const { code, stderr } = await runProgram(args, { permissions: ["--allow-net", ...files.permissions] });
    const [part = "", sentence] = fault.split(/: (.*)/s);
    const path = part === "cert" ? files.cert : files.key;
    assertEquals([code, stderr], [1, `Fatal: --tls.${part}: cannot use "${path}": ${sentence}\n`]);
  });
}

Deno.test("The program warns of a certificate that has expired", async () => {
  await using files = new Files(await makeCertificate({ name: "old", until: new Date(Date.now() - 60_000) }));
  await using server = await start(files);
  assertMatch(server.printed, /The certificate has expired: clients refuse it/);
});

Deno.test("SIGHUP shows newcomers the new certificate, and no connection is lost", async () => {
  await using files = new Files();
  await using server = await start(files, { flags: ["--tls.reload"] });
  assertMatch(server.printed, new RegExp(`kept="read=${files.cert},read=${files.key}`));
  const old = connect(server.url);
  await old.opened;
  files.write({ cert: first.cert, key: second.key });
  Deno.kill(server.pid, "SIGHUP");
  await server.waitForOutput(/Cannot use what was read again.*the key is not the one of the certificate/);
  files.write(second);
  Deno.kill(server.pid, "SIGHUP");
  await server.waitForOutput(/Read again +what=--tls\.cert,--tls\.key now="localhost/);
  assertEquals(await shownName(server.url), "second");
  old.ask("net_version");
  await until(() => old.messages.length === 1);
  old.socket.close();
  assertEquals((await old.closed).code, 1005);
});

Deno.test("With --tls.client-ca only clients of the authority come in, another authority on SIGHUP included", async () => {
  await using files = new Files();
  const ca = `${files.folder}/ca.pem`;
  const others = await makeCertificate({ name: "Other Authority", isAuthority: true });
  const [member, newcomer] = await Promise.all(
    [authority, others].map((by) => makeCertificate({ name: "client", by })),
  );
  Deno.writeTextFileSync(ca, authority.cert);
  await using server = await start(files, {
    flags: ["--tls.client-ca", ca, "--tls.reload"],
    permissions: [`--allow-read=${files.cert},${files.key},${ca}`],
  });
  const isIn = (client?: { cert: string; key: string }) =>
    new Promise<boolean>((resolve) => {
      const credentials = client === undefined ? {} : { cert: client.cert, key: client.key };
      const socket = new WebSocketClient(server.url, { ca: authority.cert, ...credentials });
      socket.on("open", () => socket.close());
      socket.on("close", (code: number) => resolve(code === 1005));
      socket.on("error", () => {});
    });
  assertEquals([await isIn(member), await isIn(newcomer), await isIn()], [true, false, false]);
  await server.waitForOutput(/TLS connection failed .*reason="peer sent no certificates"/);
  await server.waitForOutput(
    /TLS connection failed .*reason="the client left, or its certificate is of no known authority/,
  );
  Deno.writeTextFileSync(ca, others.cert);
  Deno.kill(server.pid, "SIGHUP");
  await server.waitForOutput(/Read again +what=--tls/);
  assertEquals([await isIn(member), await isIn(newcomer), await isIn()], [false, true, false]);
});

Deno.test("Without --tls.reload a SIGHUP ends the program, as it does geth", async () => {
  await using files = new Files();
  const server = await start(files);
  assertEquals(await server.stop("SIGHUP"), 129);
});

Deno.test("SIGHUP on Deno's listener closes with 1012 and a reason, and clients that resume have every block once", async () => {
  await using files = new Files();
  const flags = ["--tls.reload", "--listener=deno", "--ws.port", String(await freePort())];
  await using server = await start(files, { flags });
  const numbers: number[] = [];
  let last: { number: Hex; hash: Hex } | undefined;
  let endings = 0;
  let stopped = false;
  let isFollowing = false;
  async function follow(): Promise<void> {
    while (!stopped) {
      const client = connect(server.url);
      try {
        await client.opened;
      } catch {
        continue;
      }
      client.socket.on("message", (data: unknown) => {
        const { params } = JSON.parse(String(data));
        if (params === undefined) return;
        // The block that a client names comes again, so that it can see that its place is known.
        if (params.result.hash !== last?.hash) numbers.push(Number(params.result.number));
        last = params.result;
        if (stopped) client.socket.close();
      });
      const point = last === undefined ? { fromBlock: "0x0" } : { fromBlock: last.number, blockHash: last.hash };
      client.ask("eth_subscribe", ["newHeads", point]);
      isFollowing = true;
      const { code, reason } = await client.closed;
      isFollowing = false;
      if (code !== 1012) continue;
      assertEquals(reason, "the server has a new certificate: connect again");
      endings += 1;
    }
  }
  const following = follow();
  let mined = 0;
  async function mine(): Promise<void> {
    const client = connect(server.url);
    try {
      await client.opened;
    } catch {
      return;
    }
    client.ask("eth_accounts");
    await until(() => client.messages.length > 0 || client.socket.readyState !== WebSocketClient.OPEN);
    const [from] = JSON.parse(client.messages[0] ?? '{"result":[]}').result;
    for (let call = 2; call < 12 && from !== undefined; call++) {
      client.ask("eth_sendTransaction", [{ from, to: from }], call);
      await until(() => client.messages.length === call || client.socket.readyState !== WebSocketClient.OPEN);
    }
    mined += Math.max(0, client.messages.length - 1);
    client.socket.close();
    await client.closed;
  }
  for (let round = 0; round < 3; round++) {
    files.write(round % 2 === 0 ? second : first);
    await until(() => isFollowing);
    const mining = mine();
    Deno.kill(server.pid, "SIGHUP");
    await mining;
    await until(() => (server.printed.match(/Read again/g) ?? []).length > round);
    await mine();
  }
  assertEquals(await shownName(server.url), "second");
  assert(mined >= 30, `${mined} blocks`);
  const head = await headOf(server.url);
  await until(() => numbers.at(-1) === head);
  stopped = true;
  await mine();
  await following;
  assertEquals(numbers, numbers.map((_, index) => index));
  assertEquals(endings, 3);
});

/** The common name of the certificate that is shown. */
async function shownName(url: string): Promise<string> {
  const { connect } = await import("node:tls");
  const { port } = new URL(url);
  return await new Promise((resolve, reject) => {
    const socket = connect({ host: "localhost", port: Number(port), ca: authority.cert }, () => {
      const { CN } = socket.getPeerCertificate().subject;
      socket.destroy();
      resolve(String(CN));
    });
    socket.on("error", reject);
  });
}

async function headOf(url: string): Promise<number> {
  const client = connect(url);
  await client.opened;
  client.ask("eth_blockNumber");
  await until(() => client.messages.length === 1);
  client.socket.close();
  await client.closed;
  return Number(JSON.parse(client.messages[0] ?? "").result);
}
