import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ReportLine, SandboxReport } from "../../src/sandbox/mod.ts";
import type { Order } from "./guarded_program.ts";
import { freePort } from "../support/free_port.ts";

const PROGRAM = new URL("./guarded_program.ts", import.meta.url);
const EVERY_ATTEMPT = [
  ...["read the file", "read another file", "read through node:fs", "write beside the file", "write elsewhere"],
  ...["connect", "fetch", "open a WebSocket", "listen again", "resolve a name", "run a command"],
  ...["read the environment", "ask for the host's name", "load a library", "import code from afar"],
  "connect from a worker",
];
/** What the server itself goes on needing: it imports late, and runs workers. */
const STILL_WORKS = ["start a worker that imports a package", "import a package late"];

interface Outcome {
  readonly port: number;
  readonly report: SandboxReport;
  readonly lines: readonly ReportLine[];
  readonly attempts: Record<string, string>;
  /** What a client got for `hello` after all of it. */
  readonly answer: string;
  /** Every permission that was asked for, from DENO_AUDIT_PERMISSIONS. */
  readonly asked: readonly string[];
}

async function run(flags: readonly string[], order: Partial<Order>): Promise<Outcome> {
  const folder = await Deno.makeTempDir();
  const auditFile = `${folder}/audit.jsonl`;
  const file = order.file ?? `${folder}/key`;
  await Deno.writeTextFile(file, "a key");
  try {
    await using process = start(flags, { mode: "on", keep: [], port: 0, ...order, file }, auditFile);
    const lines = linesOf(process.stdout);
    const { port, report, lines: reported } = JSON.parse(await nextLine(lines));
    const attempts = JSON.parse(await nextLine(lines));
    const answer = await exchange(port);
    const asked = (await Deno.readTextFile(auditFile)).trim().split("\n").map((line) => {
      const { permission, value } = JSON.parse(line);
      return `${permission} ${value}`;
    });
    await process.stdin.close();
    await process.status;
    return { port, report, lines: reported, attempts, answer, asked };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function start(flags: readonly string[], order: Order, auditFile?: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...flags, PROGRAM.pathname, JSON.stringify(order)],
    env: auditFile === undefined ? {} : { DENO_AUDIT_PERMISSIONS: auditFile },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

function linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncIterator<string> {
  return readLines(stream)[Symbol.asyncIterator]();
}

async function* readLines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

async function nextLine(lines: AsyncIterator<string>): Promise<string> {
  const { value, done } = await lines.next();
  assert(!done, "the program ended early");
  return value;
}

async function exchange(port: number): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  socket.onopen = () => socket.send("hello");
  socket.onmessage = ({ data }) => resolve(data);
  socket.onerror = () => reject(new Error("no answer"));
  const answer = await promise;
  const closed = new Promise((done) => socket.onclose = done);
  socket.close();
  await closed;
  return answer;
}

function assertClosed({ attempts, answer }: Outcome): void {
  for (const attempt of EVERY_ATTEMPT) assertEquals(attempts[attempt], "NotCapable", attempt);
  for (const need of STILL_WORKS) assertEquals(attempts[need], "done", need);
  assertEquals(answer, "still here: hello");
}

for (
  const flags of [
    ["-A"],
    ["--allow-net"],
    ["--allow-net=127.0.0.1:0"],
    ["--allow-net", "--allow-read", "--allow-env", "--allow-run", "--allow-write", "--allow-sys", "--allow-ffi"],
    ["--allow-net=127.0.0.1:0", "--allow-read=/etc", "--allow-env=HOME", "--allow-run=true", "--allow-write=/tmp"],
    ["-A", "--deny-net=192.0.2.1", "--deny-read=/proc"],
  ]
) {
  Deno.test(`Sandbox leaves nothing of ${flags.join(" ")} but the door itself`, async () => {
    assertClosed(await run(flags, {}));
  });
}

Deno.test("Sandbox needs no permission but the listening address, and the program asks for no other", async () => {
  const { asked, report } = await run(["--allow-net=127.0.0.1:0"], {});
  // The first attempt is a read; what came before it is the program itself.
  const itself = asked.slice(0, asked.findIndex((entry) => entry.startsWith("read ")));
  assertEquals([...new Set(itself)], ["net 127.0.0.1:0"]);
  assertEquals([report.excess, report.least], [[], null]);
});

Deno.test("Sandbox reports what was held, dropped and would have been enough", async () => {
  const { report, lines } = await run(["--allow-net", "--allow-read"], {});
  assertEquals(report.held, [{ name: "read" }, { name: "net" }]);
  assertEquals(report.dropped, [{ name: "read" }, { name: "net" }]);
  assertEquals(report.kept, []);
  assertEquals(lines, [
    { level: "info", message: "Sandbox closed", fields: { held: "read,net", dropped: "read,net", kept: "nothing" } },
    {
      level: "info",
      message: "Less would have been enough",
      fields: { run: "deno run --cached-only --allow-net=127.0.0.1:0 main.ts --ws" },
    },
  ]);
});

Deno.test("Sandbox keeps read and write of one folder, and only of it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const keep = [{ name: "read", scope: folder }, { name: "write", scope: folder }] as const;
    const flags = ["--allow-net", `--allow-read=${folder}`, `--allow-write=${folder}`, "--allow-env"];
    const { attempts, report, answer } = await run(flags, { keep, file: `${folder}/key` });
    assertEquals(attempts["read the file"], "done");
    assertEquals(attempts["write beside the file"], "done");
    for (const attempt of EVERY_ATTEMPT.filter((name) => !name.endsWith("the file"))) {
      assertEquals(attempts[attempt], "NotCapable", attempt);
    }
    assertEquals(answer, "still here: hello");
    assertEquals(report.kept, [{ name: "read", scope: folder }, { name: "write", scope: folder }]);
    assertEquals(report.tooBroad, []);
    assertEquals(
      report.least,
      `deno run --cached-only --allow-net=127.0.0.1:0 --allow-read=${folder} --allow-write=${folder} main.ts --ws`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Sandbox gives back a file that was needed once beside a folder that is kept", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { attempts, report } = await run(["--allow-net=127.0.0.1:0", `--allow-read=/etc/hostname,${folder}`], {
      keep: [{ name: "read", scope: folder }],
      once: [{ name: "read", scope: "/etc/hostname" }],
      file: `${folder}/key`,
    });
    assertEquals([attempts["read the file"], attempts["read another file"]], ["done", "NotCapable"]);
    assertEquals([report.kept, report.excess], [[{ name: "read", scope: folder }], []]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Sandbox gives back the listening address beside an upstream that is kept", async () => {
  const [port, upstream] = [freePort(), "127.0.0.1:9"];
  const keep = [{ name: "net", scope: upstream }] as const;
  const { attempts, report, answer } = await run([`--allow-net=127.0.0.1:${port},${upstream}`], { keep, port });
  for (const attempt of ["connect", "fetch", "open a WebSocket", "listen again", "connect from a worker"]) {
    assertEquals(attempts[attempt], "NotCapable", attempt);
  }
  // Nothing listens there; the permission is what counts.
  assertEquals(attempts["connect upstream"], "ConnectionRefused");
  assertEquals(answer, "still here: hello");
  assertEquals(report.dropped, [{ name: "net", scope: `127.0.0.1:${port}` }]);
  assertEquals([report.kept, report.tooBroad, report.least], [[{ name: "net", scope: upstream }], [], null]);
});

for (const flag of ["--allow-net", "--allow-net=127.0.0.1"]) {
  Deno.test(`Sandbox keeps an upstream that was granted by ${flag}, and says what would have been enough`, async () => {
    const [port, upstream] = [freePort(), "127.0.0.1:9"];
    const { attempts, report } = await run([flag], { keep: [{ name: "net", scope: upstream }], port });
    assertEquals(attempts["connect upstream"], "ConnectionRefused");
    assertEquals(report.tooBroad.map(({ name }) => name), ["net"]);
    assertEquals(report.least, `deno run --cached-only --allow-net=127.0.0.1:${port},${upstream} main.ts --ws`);
  });
}

Deno.test("Sandbox says when it has to keep a whole grant of which it needs a part", async () => {
  const { attempts, report, lines } = await run(["-A"], { keep: [{ name: "read", scope: "/keys" }] });
  assertEquals(attempts["read another file"], "done");
  assertEquals(attempts["write elsewhere"], "NotCapable");
  assertEquals(report.tooBroad, [{ name: "read" }]);
  assertEquals(lines[1], {
    level: "warn",
    message: "Sandbox keeps more than it needs, as a whole grant cannot be narrowed",
    fields: { kept: "read" },
  });
});

Deno.test("Sandbox off changes nothing and says so", async () => {
  const { attempts, report, lines } = await run(["--allow-net", "--allow-env"], { mode: "off" });
  assertEquals(attempts["connect"], "done");
  assertEquals(attempts["read the environment"], "done");
  assertEquals(attempts["run a command"], "NotCapable");
  assertEquals(report.dropped, []);
  assertEquals(lines.map(({ level, message }) => [level, message]), [["warn", "Sandbox is off"]]);
});

Deno.test("Sandbox strict starts with --cached-only, which grants imports as a whole and fetches none", async () => {
  assertClosed(await run(["--cached-only", "--allow-net=127.0.0.1:0"], { mode: "strict" }));
});

Deno.test("Sandbox strict starts with the least and closes it", async () => {
  assertClosed(await run(["--allow-net=127.0.0.1:0"], { mode: "strict" }));
});

for (
  const [flags, excess] of [
    [["--allow-net"], "net"],
    [["--allow-net=127.0.0.1"], "net=127.0.0.1"],
    [["--allow-net=127.0.0.1:0", "--allow-read"], "read"],
    [["-A"], "run, ffi, sys, env, write, read, import, net"],
  ] as const
) {
  Deno.test(`Sandbox strict refuses to start with ${flags.join(" ")}`, async () => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", ...flags, PROGRAM.pathname],
        JSON.stringify({ mode: "strict", keep: [], port: 0, file: "/dev/null" } satisfies Order),
      ],
      stdin: "null",
    });
    const { code, stdout, stderr } = await child.output();
    assertEquals([code, new TextDecoder().decode(stdout)], [1, ""]);
    assertEquals(
      new TextDecoder().decode(stderr),
      `SandboxError: --sandbox=strict: started with more than it needs (${excess}). ` +
        "Start it as: deno run --cached-only --allow-net=127.0.0.1:0 main.ts --ws\n",
    );
  });
}

Deno.test("Sandbox asks nothing on a terminal, while it looks at what it holds and gives it back", async () => {
  const script = await which("script");
  if (script === null) return;
  for (const flags of ["-A", "--allow-net", "--allow-net=127.0.0.1:0"]) {
    const order = JSON.stringify({ mode: "on", keep: [], port: 0, file: "", tries: false } satisfies Order);
    const command = `${Deno.execPath()} run --quiet ${flags} ${PROGRAM.pathname} '${order}'`;
    const { stdout } = await new Deno.Command(script, { args: ["-qec", command, "/dev/null"], stdin: "null" }).output();
    const screen = new TextDecoder().decode(stdout);
    assertStringIncludes(screen, '"message":"Sandbox closed"');
    assertEquals(screen.includes("Allow?"), false);
  }
});

async function which(name: string): Promise<string | null> {
  for (const folder of ["/usr/bin", "/bin"]) {
    const found = await Deno.stat(`${folder}/${name}`).then(() => true, () => false);
    if (found) return `${folder}/${name}`;
  }
  return null;
}

Deno.test("The strict report says plainly that Deno lists no scoped grants", async () => {
  const { port } = (() => {
    using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    return { port: free.addr.port };
  })();
  const flags = [`--allow-net=127.0.0.1:${port},8.8.8.8:53`, "--allow-env=HOME", "--allow-run=ls"];
  const { lines } = await run(flags, { mode: "strict", port });
  assertEquals(
    lines[0]?.fields["unseen"],
    "Deno lists no scoped grants (--allow-env=HOME), so none was refused; any were dropped",
  );
  const kept = await run([`--allow-net=127.0.0.1:${port}`], { mode: "on", port });
  assertEquals(kept.lines[0]?.fields["unseen"], undefined);
});
