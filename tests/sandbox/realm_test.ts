import { assertEquals } from "@std/assert";

const PROGRAM = new URL("./closed_program.ts", import.meta.url);

/** What is deleted rather than closed. */
const ABSENT = {
  "write into the cache": "ReferenceError",
  "write into localStorage": "ReferenceError",
  "write into sessionStorage": "ReferenceError",
  "reach Deno's operations": "TypeError",
};
const CLOSED = [
  ...["import a package by name", "import a package by name in capitals", "import a package from data:"],
  ...["import a package from blob:", "import a package from eval", "import a package from a function"],
  ...["import a JSR package", "import a remote module", "import node:worker_threads", "import worker_threads"],
  ...["import node:module", "import node:v8", "start a worker"],
];
const CLOSED_HERE = [
  ...["add a hook of its own", "load a module of Node", "require a package", "require node:worker_threads"],
  ...["load by the old loader", "send itself a signal", "deceive the hook"],
];

function run(env: Record<string, string>): Promise<Deno.CommandOutput> {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", PROGRAM.pathname],
    // The runtime would look for a newer version of itself once a day.
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
  }).output();
}

Deno.test("From inside a closed program and its worker no import, worker, signal or store leads out", async () => {
  // Every request of the runtime itself would come through here.
  let requests = 0;
  const proxy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const counting = (async () => {
    for await (const conn of proxy) {
      requests += 1;
      conn.close();
    }
  })();
  const address = `http://127.0.0.1:${proxy.addr.port}`;
  // The first run downloads what the program's own packages still lack.
  await run({});
  const { code, stdout, stderr } = await run({ HTTP_PROXY: address, HTTPS_PROXY: address, NO_PROXY: "" });
  proxy.close();
  await counting;
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  const { fromProgram, fromWorker } = JSON.parse(new TextDecoder().decode(stdout));

  const closed = Object.fromEntries(CLOSED.map((name) => [name, "closed"]));
  const closedHere = Object.fromEntries(CLOSED_HERE.map((name) => [name, "closed"]));
  const common = { ...closed, ...ABSENT, "delete what refuses": "TypeError", "use a package of the program's": "done" };
  assertEquals(fromProgram, { ...common, ...closedHere });
  assertEquals(fromWorker, common);
  assertEquals(requests, 0);
});
