import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { runProgram } from "./run_program.ts";

Deno.test("--help and --version print to stdout and exit 0, without any permission", async () => {
  const help = await runProgram(["--help"], { permissions: [] });
  assertEquals([help.code, help.stderr], [0, ""]);
  assertStringIncludes(help.stdout, "--ws.port PORT");
  const version = await runProgram(["-v"], { permissions: [] });
  assertEquals(version, { code: 0, stdout: `sallyport ${project.version}\n`, stderr: "" });
});

Deno.test("A wrong command line is one line on stderr and exit code 2", async () => {
  const cases: [args: string[], line: string][] = [
    [[], "sallyport: nothing to serve: no endpoint is on; start one with --ws or --http\n"],
    [["--ws", "--ws.prot", "1"], "sallyport: unknown flag --ws.prot: did you mean --ws.port?\n"],
    [["--ws", "--ws.port=65536"], 'sallyport: --ws.port: expected a whole number from 0 to 65535, got "65536"\n'],
    [["--ws", "--ws.api", ""], "sallyport: --ws.api: expected at least one namespace, such as eth,net,web3\n"],
    [["--ws", "--ws.api", "eth,wbe3"], 'sallyport: --ws.api: unknown namespace "wbe3": did you mean web3?\n'],
    [["--ws", "prompt"], 'sallyport: unexpected argument "prompt": expected only flags, and --help lists them\n'],
  ];
  for (const [args, line] of cases) {
    assertEquals(await runProgram(args), { code: 2, stdout: "", stderr: line });
  }
});

Deno.test("The environment gives defaults where reading it is permitted, and only there", async () => {
  const env = { SALLYPORT_WS_PORT: "no number" };
  const permitted = await runProgram(["--ws"], { permissions: ["--allow-net", "--allow-env=SALLYPORT_WS_PORT"], env });
  assertEquals(permitted.code, 2);
  assertStringIncludes(permitted.stderr, "SALLYPORT_WS_PORT (the default of --ws.port): expected a whole number");
  const forbidden = await runProgram(["--ws", "--ws.api", "nothing"], { env });
  assertStringIncludes(forbidden.stderr, "--ws.api: unknown namespace");
});

Deno.test("A busy port is one clear line and exit code 1", async () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, stderr } = await runProgram(["--ws", "--ws.port", String(other.addr.port)]);
  assertEquals(code, 1);
  assertEquals(
    stderr,
    `Fatal: Cannot listen on 127.0.0.1:${other.addr.port}: the port is in use; choose another one with --ws.port\n`,
  );
});

Deno.test("An address that is not this machine's is one clear line and exit code 1", async () => {
  // 192.0.2.0/24 is reserved for documentation (RFC 5737): no machine has it.
  const { code, stderr } = await runProgram(["--ws", "--ws.addr", "192.0.2.1", "--ws.port", "0"]);
  assertEquals(code, 1);
  assertEquals(stderr, "Fatal: Cannot listen on 192.0.2.1:0: this machine has no such address; see --ws.addr\n");
});

Deno.test("A missing permission is one line that names it, and exit code 1", async () => {
  const listening = await runProgram(["--ws"], { permissions: [] });
  assertEquals(listening.code, 1);
  assertEquals(
    listening.stderr,
    "Fatal: Listening on 127.0.0.1:8546 is not permitted: start with deno run --allow-net=127.0.0.1:8546\n",
  );
  const reading = await runProgram(["--ws", "--ws.port=0", "--genesis", "/nowhere/genesis.json"]);
  assertEquals(reading.code, 1);
  assertEquals(
    reading.stderr,
    'Fatal: --genesis: reading "/nowhere/genesis.json" is not permitted: add --allow-read=/nowhere/genesis.json\n',
  );
});

Deno.test("A file that cannot be used is one line that names the flag and the reason, and exit code 1", async () => {
  const permissions = ["--allow-net", "--allow-read"];
  const missing = await runProgram(["--ws", "--ws.port=0", "--import", "/nowhere/chain.rlp"], { permissions });
  assertEquals(missing.code, 1);
  assertEquals(missing.stderr, 'Fatal: --import: cannot read "/nowhere/chain.rlp": there is no such file\n');
  const wrong = await runProgram(["--ws", "--ws.port=0", "--genesis", import.meta.filename ?? ""], { permissions });
  assertEquals(wrong.code, 1);
  assertMatch(wrong.stderr, /^Fatal: .+\n$/);
  assert(!wrong.stderr.includes("    at "), "a user's mistake shows no stack");
});
