import { assertEquals, assertMatch } from "@std/assert";
import { Output } from "../e2e/server_process.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const MAX_FILES = 120;
const CROWD = 200;
const READY_DEADLINE_MS = 60_000;
const DEADLINE_MS = 30_000;

interface Limited extends AsyncDisposable {
  readonly url: URL;
  readonly output: Output;
  readonly code: Promise<number>;
}

/** Starts the program where it may open few files. */
async function startLimited(flags: readonly string[]): Promise<Limited> {
  const program = [Deno.execPath(), "run", "--no-prompt", "--allow-net", MAIN, "--ws", "--ws.port=0", ...flags];
  const child = new Deno.Command("sh", {
    args: ["-c", `ulimit -n ${MAX_FILES} && exec "$@"`, "sh", ...program],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = new Output(child);
  const code = child.status.then(({ code }) => code);
  const [, url = ""] = await output.waitFor(/WebSocket enabled\s+url=(ws:\/\/\S+)/, READY_DEADLINE_MS);
  let ended = false;
  code.then(() => ended = true);
  return {
    url: new URL(url),
    output,
    code,
    async [Symbol.asyncDispose]() {
      if (!ended) child.kill("SIGTERM");
      await code;
      await output.ended;
    },
  };
}

/** Opens connections that say nothing, until the server takes no more. */
async function crowd(port: number): Promise<Disposable> {
  const conns: Deno.Conn[] = [];
  try {
    for (let i = 0; i < CROWD; i++) conns.push(await Deno.connect({ hostname: "127.0.0.1", port }));
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused || error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return { [Symbol.dispose]: () => conns.forEach((conn) => conn.close()) };
}

/** A WebSocket that asks; undefined when it cannot connect. */
async function open(url: URL): Promise<{ ask(): Promise<unknown>; close(): Promise<void> } | undefined> {
  const socket = new WebSocket(url);
  const closed = new Promise<void>((resolve) => socket.onclose = () => resolve());
  const opened = new Promise<boolean>((resolve) => {
    socket.onopen = () => resolve(true);
    socket.onerror = () => resolve(false);
  });
  if (!await opened) {
    await closed;
    return undefined;
  }
  return {
    ask() {
      const answer = new Promise((resolve) => socket.onmessage = ({ data }) => resolve(JSON.parse(data).result));
      socket.send('{"jsonrpc":"2.0","id":1,"method":"net_version"}');
      return answer;
    },
    async close() {
      socket.close();
      await closed;
    },
  };
}

for (const sandbox of ["on", "off"]) {
  Deno.test({
    name:
      `With no file left to accept a connection the program goes on and serves newcomers (--listener=bounded --sandbox=${sandbox})`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using server = await startLimited([`--sandbox=${sandbox}`, "--listener=bounded"]);
      const early = await open(server.url);
      {
        using _crowd = await crowd(Number(server.url.port));
        await server.output.waitFor(/Cannot accept connections.*Too many open files/, DEADLINE_MS);
        assertEquals(await early?.ask(), "1337");
        // Connections that say nothing give way to one that does.
        const late = await open(server.url);
        assertEquals(await late?.ask(), "1337");
        await late?.close();
      }
      const later = await open(server.url);
      assertEquals([await early?.ask(), await later?.ask()], ["1337", "1337"]);
      await Promise.all([early?.close(), later?.close()]);
      assertEquals(server.output.text.match(/Cannot accept/g)?.length, 1);
    },
  });
}

Deno.test({
  name: "With no file left to accept a connection the program goes on, and listens again once there is one",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using server = await startLimited(["--sandbox=off"]);
    const early = await open(server.url);
    {
      using _crowd = await crowd(Number(server.url.port));
      await server.output.waitFor(/Cannot accept connections.*Too many open files/, DEADLINE_MS);
      assertEquals(await early?.ask(), "1337");
    }
    const deadline = performance.now() + DEADLINE_MS;
    let late = await open(server.url);
    while (late === undefined && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      late = await open(server.url);
    }
    assertEquals([await early?.ask(), await late?.ask()], ["1337", "1337"]);
    await Promise.all([early?.close(), late?.close()]);
    assertEquals(server.output.text.match(/Cannot accept/g)?.length, 1);
  },
});

Deno.test({
  name: "A port that the sandbox does not let it have again ends the program with one line and exit code 1",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using server = await startLimited([]);
    using _crowd = await crowd(Number(server.url.port));
    assertEquals(await server.code, 1);
    await server.output.ended;
    assertMatch(
      server.output.text,
      /\nFatal: Stopped listening on 127\.0\.0\.1:\d+, and cannot again: the sandbox gave that permission back [^\n]+\n$/,
    );
  },
});
