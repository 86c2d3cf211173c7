import { assert, assertEquals } from "@std/assert";
import { keyFile } from "../access/fixture.ts";
import { type Issuer, makeIssuer, nowSeconds } from "../access/token_maker.ts";
import { Output } from "../e2e/server_process.ts";
import { viemScenario } from "../e2e/viem_scenario.ts";
import { withFile } from "../support/temp_file.ts";
import { RawClient } from "../transport/raw_client.ts";

const PROGRAM = new URL("../../src/app/serve.ts", import.meta.url).pathname;
const READY_DEADLINE_MS = 60_000;

interface ServeOptions {
  readonly flags?: readonly string[];
  readonly env?: Record<string, string>;
  readonly host?: string;
}

/** `deno serve` in a process of its own, on a free port. */
function spawn(
  { flags = [], env = {}, host = "127.0.0.1" }: ServeOptions,
): { child: Deno.ChildProcess; output: Output } {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["serve", "--no-prompt", "--allow-net", "--host", host, "--port", "0", ...flags, PROGRAM],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", ...env },
  }).spawn();
  return { child, output: new Output(child) };
}

async function withServer(
  options: ServeOptions,
  use: (host: string, output: Output, child: Deno.ChildProcess) => Promise<void>,
) {
  const { child, output } = spawn(options);
  try {
    const match = await output.waitFor(/Serving +address=(127\.0\.0\.1:\d+)/, READY_DEADLINE_MS);
    await use(match[1] ?? "", output, child);
  } finally {
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 0);
    await output.ended;
  }
}

Deno.test("deno serve opens the same door, to the whole scenario", async (t) => {
  await withServer({}, async (host, output) => {
    await viemScenario(t, `ws://${host}`);
    const call = { method: "POST", headers: { "content-type": "application/json" } };
    const answer = await fetch(`http://${host}`, { ...call, body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}' });
    assertEquals(await answer.text(), '{"jsonrpc":"2.0","id":1,"result":"0x539"}\n');
    assertEquals((await (await fetch(`http://${host}/ready`)).json()).status, "ready");
    assert(/Sandbox closed +held=net dropped=net kept=nothing/.test(output.text), output.text);
  });
});

Deno.test("deno serve takes its flags from the environment where that is permitted", async () => {
  const env = { SALLYPORT_HTTP_API: "net", SALLYPORT_METRICS: "true" };
  await withServer({ env, flags: ["--allow-env"] }, async (host) => {
    const call = { method: "POST", headers: { "content-type": "application/json" } };
    const answer = await fetch(`http://${host}`, { ...call, body: '{"jsonrpc":"2.0","id":1,"method":"rpc_modules"}' });
    assertEquals(await answer.text(), '{"jsonrpc":"2.0","id":1,"result":{"net":"1.0","rpc":"1.0"}}\n');
    const page = await fetch(`http://${host}/debug/metrics/prometheus`);
    assert((await page.text()).includes("rpc_duration_rpc_modules_success_count 1\n"));
  });
});

Deno.test("deno serve forks the chain that the environment names", async () => {
  await withServer({}, async (node) => {
    const env = { SALLYPORT_FORK_URL: `ws://${node}`, SALLYPORT_FORK_BLOCK: "0" };
    await withServer({ env, flags: ["--allow-env"] }, async (host, output) => {
      const { head, upstreams } = await (await fetch(`http://${host}/health`)).json();
      assertEquals([head, upstreams.map(({ name }: { name: string }) => name)], [0, [node]]);
      assert(/Sandbox closed +held=.*kept=net/.test(output.text), output.text);
    });
  });
});

Deno.test("deno serve closes its WebSockets with 1001 when it is told to stop", async () => {
  const { child, output } = spawn({});
  const match = await output.waitFor(/Serving +address=(127\.0\.0\.1:\d+)/, READY_DEADLINE_MS);
  const socket = new WebSocket(`ws://${match[1]}`);
  await new Promise((resolve) => socket.onopen = resolve);
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  child.kill("SIGTERM");
  assertEquals((await closed).code, 1001);
  assertEquals((await child.status).code, 0);
  await output.ended;
});

Deno.test("deno serve --parallel is refused with one line: each worker would have a chain of its own", async () => {
  const { child, output } = spawn({ flags: ["--parallel"], env: { DENO_JOBS: "2" } });
  assertEquals((await child.status).code, 1);
  await output.ended;
  const refusal = "Fatal: each worker of --parallel would serve a chain of its own; start without --parallel";
  assert(output.text.includes(refusal), output.text);
  assert(!output.text.includes("    at "), output.text);
});

Deno.test("deno serve refuses a wrong setting with one line, no stack, and main.ts's exit code", async () => {
  const { child, output } = spawn({ env: { SALLYPORT_DEV_MNEMONIC: "sausage roll" }, flags: ["--allow-env"] });
  assertEquals((await child.status).code, 2);
  await output.ended;
  assert(/^Fatal: --dev\.mnemonic: expected 12, [^\n]+\n$/.test(output.text), output.text);
});

Deno.test("deno serve asks for keys as the program does, and reads them again", async () => {
  await using file = await keyFile({ one: {}, two: {} });
  const env = { SALLYPORT_AUTH_KEYS: file.path };
  await withServer({ env, flags: ["--allow-env", `--allow-read=${file.path}`] }, async (host, output, child) => {
    const ask = async (name: string) => {
      const headers = { "content-type": "application/json", authorization: `Bearer ${file.keys[name]}` };
      const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';
      const response = await fetch(`http://${host}`, { method: "POST", headers, body });
      return [response.status, await response.text()];
    };
    const answered = [200, '{"jsonrpc":"2.0","id":1,"result":"0x539"}\n'];
    assertEquals([await ask("one"), await ask("two")], [answered, answered]);
    await file.rewrite({ one: {} });
    child.kill("SIGHUP");
    await output.waitFor(/Read again +what=--auth\.keys now="1 keys"/, READY_DEADLINE_MS);
    assertEquals([await ask("one"), await ask("two")], [answered, [401, "Unauthorized: no such key\n"]]);
  });
});

Deno.test("deno serve does not give the node to everybody who can reach its host", async () => {
  const env = { SALLYPORT_WS_API: "eth,anvil" };
  const { child, output } = spawn({ env, flags: ["--allow-env"], host: "0.0.0.0" });
  assertEquals((await child.status).code, 2);
  await output.ended;
  assert(
    output.text.includes("Fatal: --host=0.0.0.0: everybody who can reach 0.0.0.0 could control the node by anvil;"),
  );
});

Deno.test("deno serve asks for tokens, reads the keys again on SIGHUP, and leaves encryption to the host", async () => {
  const [first, second] = [await makeIssuer("ES256", "first"), await makeIssuer("EdDSA", "second")];
  const setOf = ({ jwk }: Issuer) => JSON.stringify({ keys: [jwk] });
  await withFile(setOf(first), async (path) => {
    const env = { SALLYPORT_AUTH_JWKS: path, SALLYPORT_AUTH_ISSUER: "i", SALLYPORT_AUTH_AUDIENCE: "a" };
    const { child, output } = spawn({ env, flags: ["--allow-env", `--allow-read=${path}`] });
    const [, port = ""] = await output.waitFor(/Serving +address=127\.0\.0\.1:(\d+)/, READY_DEADLINE_MS);
    const statusOf = async (issuer: Issuer) => {
      const token = await issuer.sign({ iss: "i", aud: "a", exp: nowSeconds() + 60 });
      return (await RawClient.ask(Number(port), { headers: { Authorization: `Bearer ${token}` } })).status;
    };
    assertEquals([await statusOf(first), await statusOf(second)], [101, 401]);
    await Deno.writeTextFile(path, setOf(second));
    child.kill("SIGHUP");
    await output.waitFor(/Read again +what=--auth\.jwks now="1 keys"/, READY_DEADLINE_MS);
    assertEquals([await statusOf(first), await statusOf(second)], [401, 101]);
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 0);
    await output.ended;
  });
  const { child, output } = spawn({ env: { SALLYPORT_TLS_CERT: "c", SALLYPORT_TLS_KEY: "k" }, flags: ["--allow-env"] });
  assertEquals((await child.status).code, 2);
  await output.ended;
  assertEquals(
    output.text,
    "Fatal: SALLYPORT_TLS_CERT: the host binds the port, so it encrypts it: deno serve --cert FILE --key FILE\n",
  );
});
