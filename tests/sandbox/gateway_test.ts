import { assert, assertEquals, assertMatch } from "@std/assert";
import { Output, ServerProcess } from "../e2e/server_process.ts";
import { freePort } from "../support/free_port.ts";
import { Relay } from "../support/relay.ts";
import type { Aims } from "./compromised_module.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const MODULE = new URL("./compromised_module.ts", import.meta.url).pathname;

/** A node that also redirects, and passes everything else on to a Sallyport. */
function startNode(behind: string, redirect: string) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    if (new URL(request.url).pathname === "/redirect") return Response.redirect(`http://${redirect}/`, 302);
    if (request.method !== "POST") return new Response("a node");
    return await fetch(`http://${behind}/`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: await request.text(),
    });
  });
  return { host: `127.0.0.1:${server.addr.port}`, stop: () => server.shutdown() };
}

async function outcomesOf(flags: readonly string[], aims: Aims): Promise<{ outcomes: unknown; printed: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...[
        "run",
        "--no-prompt",
        "--cached-only",
        "--allow-env=SALLYPORT_TEST_AIMS",
        ...flags,
        "--preload",
        MODULE,
        MAIN,
      ],
      ...["--ws", "--ws.port", aims.own.split(":")[1] ?? "", "--upstream", `http://${aims.upstream}`],
    ],
    env: { SALLYPORT_TEST_AIMS: JSON.stringify(aims) },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = new Output(child);
  try {
    const [, json = ""] = await output.waitFor(/^outcomes (.+)$/m, 60_000);
    await output.waitFor(/WebSocket enabled/, 60_000);
    return { outcomes: JSON.parse(json), printed: output.text };
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await output.ended;
  }
}

Deno.test("From inside a gateway with exact flags, a module reaches the node and nothing else", async () => {
  const other = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response("no"));
  const httpPort = freePort();
  await using chain = await ServerProcess.start({ flags: ["--http", "--http.port", String(httpPort)] });
  assertMatch(chain.printed, /HTTP/);
  const node = startNode(`127.0.0.1:${httpPort}`, `127.0.0.1:${other.addr.port}`);
  const aims = { own: `127.0.0.1:${freePort()}`, upstream: node.host, other: `127.0.0.1:${other.addr.port}` };
  try {
    const { outcomes, printed } = await outcomesOf([`--allow-net=${aims.own},${aims.upstream}`], aims);
    assertEquals(outcomes, {
      "connect": "refused",
      "connect to the port of the upstream by another name": "refused",
      "connect to another port of the upstream's host": "refused",
      "connect to the own port": "refused",
      "fetch": "refused",
      "fetch what the upstream redirects to": "refused",
      "open a WebSocket": "refused",
      "node:net": "refused",
      "node:http": "refused",
      "listen on the own port again": "refused",
      "listen on any port": "refused",
      "resolve a name": "refused",
      "a worker": "refused",
      "the upstream by TCP": "done",
      "the upstream by fetch": "done",
    });
    assertMatch(printed, new RegExp(`Sandbox closed.*kept="net=${aims.upstream}"`));
  } finally {
    await node.stop();
    await other.shutdown();
  }
});

Deno.test("A gateway with a bare --allow-net says that it is too broad and which line is enough; strict refuses it", async () => {
  await using chain = await ServerProcess.start();
  using relay = new Relay(chain.url);
  const host = relay.url.slice("ws://".length);
  await using gateway = await ServerProcess.start({ flags: ["--upstream", relay.url] });
  assertMatch(gateway.printed, /Sandbox keeps more than it needs, as a whole grant cannot be narrowed/);
  assert(gateway.printed.includes(`--allow-net=127.0.0.1:0,${host} main.ts`), gateway.printed);
  const refused = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--cached-only",
      "--allow-net",
      MAIN,
      "--ws",
      "--upstream",
      relay.url,
      "--sandbox",
      "strict",
    ],
    stdin: "null",
  }).output();
  assertEquals(refused.code, 1);
  assertMatch(new TextDecoder().decode(refused.stderr), new RegExp(`--allow-net=127.0.0.1:8546,${host}`));
});
