import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Output, ServerProcess } from "../e2e/server_process.ts";
import { runProgram } from "./run_program.ts";

Deno.test("The program gives back everything that it was started with, and says what would have been enough", async () => {
  const permissions = ["run", "ffi", "sys", "env", "write", "read"].map((name) => `--allow-${name}`);
  await using server = await ServerProcess.start({ permissions });
  assertMatch(
    server.printed,
    /Sandbox closed +held=run,ffi,sys,env,write,read,net +dropped=run,ffi,sys,env,write,read,net +kept=nothing\n/,
  );
  assertMatch(server.printed, /run="deno run --cached-only --allow-net=127\.0\.0\.1:0 main\.ts --ws --ws\.port=0"\n/);
  const socket = new WebSocket(server.url);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  const answer = new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data));
  socket.onopen = () => socket.send('{"jsonrpc":"2.0","id":1,"method":"net_version"}');
  assertEquals(await answer, '{"jsonrpc":"2.0","id":1,"result":"1337"}');
  socket.close();
  await closed;
});

Deno.test("--sandbox=strict refuses to start with more than it needs, with the line to use", async () => {
  const { code, stderr } = await runProgram(["--ws", "--sandbox=strict"], {
    permissions: ["--allow-net", "--allow-read"],
  });
  assertEquals(code, 1);
  assertEquals(
    stderr,
    "Fatal: --sandbox=strict: started with more than it needs (read, net). " +
      "Start it as: deno run --cached-only --allow-net=127.0.0.1:8546 main.ts --ws --sandbox=strict\n",
  );
});

Deno.test("The line that would have been enough shows no secret", async () => {
  const mnemonic = "legal winner thank year wave sausage worth useful legal winner thank yellow";
  const { code, stderr } = await runProgram(["--ws", "--dev.mnemonic", mnemonic, "--sandbox=strict"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "--dev.mnemonic=...");
  assertEquals(stderr.includes("sausage"), false);
});

Deno.test("The line that would have been enough says what the environment said", async () => {
  const { stderr } = await runProgram(["--ws", "--sandbox=strict"], {
    permissions: ["--allow-net", "--allow-env"],
    env: { SALLYPORT_WS_PORT: "9001", SALLYPORT_DEV_PERIOD: "3" },
  });
  assertStringIncludes(
    stderr,
    "Start it as: deno run --cached-only --allow-net=127.0.0.1:9001 main.ts --ws --ws.port=9001 --dev.period=3 --sandbox=strict\n",
  );
});

function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

for (const addr of ["::1", "[::1]"]) {
  Deno.test({
    name: `With --ws.addr ${addr} the line that would have been enough starts the program`,
    ignore: !hasIpv6(),
    async fn() {
      const free = Deno.listen({ hostname: "::1", port: 0 });
      const { port } = free.addr;
      free.close();
      const flags = ["--ws", "--ws.addr", addr, "--ws.port", String(port), "--sandbox=strict"];
      const refused = await runProgram(flags);
      const [, advised = ""] = /Start it as: (.+)\n/.exec(refused.stderr) ?? [];
      assertMatch(advised, /^deno run --cached-only '--allow-net=\[::1\]:\d+' main\.ts --ws /);
      // Word for word, as a shell reads it.
      const child = new Deno.Command("sh", {
        args: ["-c", `exec ${advised}`],
        cwd: new URL("../..", import.meta.url).pathname,
        env: { PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}` },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const output = new Output(child);
      await output.waitFor(new RegExp(`url=ws://\\[::1\\]:${port}\n`), 60_000);
      child.kill("SIGTERM");
      await output.ended;
      assertEquals((await child.status).code, 0);
    },
  });
}

function dirname(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
