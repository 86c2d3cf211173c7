import { assert, assertEquals, assertMatch } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { ServerProcess } from "../e2e/server_process.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const TERMINAL = { rows: 24, columns: 100 };

Deno.test("The first screen fits a small terminal and shows what a user needs to know", async () => {
  await using server = await ServerProcess.start();
  const lines = server.printed.trimEnd().split("\n");
  const rows = lines.reduce((sum, line) => sum + Math.ceil(line.length / TERMINAL.columns), 0);
  // The last row is the shell's.
  assert(rows <= TERMINAL.rows - 1, `${rows} rows:\n${server.printed}`);
  const line = (start: string) => lines.find((line) => line.slice(26).startsWith(start)) ?? "";
  assertMatch(line("Sallyport"), new RegExp(`version=${project.version} +deno=${Deno.version.deno}$`));
  assertMatch(line("Embedded chain"), /chainid=1337 /);
  assertEquals(lines.filter((line) => / Account +address=0x[0-9a-fA-F]{40}$/.test(line)).length, 11);
  assertMatch(line("Account"), /address=0x71562b71999873DB5b286dF957af199Ec94617F7$/);
  assertMatch(line("Namespaces"), /on=eth,net,rpc,web3$/);
  assertMatch(line("Sandbox"), / held=net dropped=net kept=nothing$/);
  assertMatch(line("Origins"), /origins=localhost,127\.0\.0\.1,\[::1\]$/);
  assertEquals(lines.at(-1)?.slice(26), `WebSocket enabled      url=${server.url}`);
});

Deno.test("The first screen shows no private key and no mnemonic", async () => {
  const mnemonic = "legal winner thank year wave sausage worth useful legal winner thank yellow";
  await using server = await ServerProcess.start({ flags: ["--dev.mnemonic", mnemonic, "--verbosity", "5"] });
  for (const word of ["sausage", "b71c71a67e1177ad"]) assert(!server.printed.includes(word), word);
});

Deno.test("In the JSON form every line is JSON, and nothing goes to stdout", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-net", MAIN, "--ws", "--ws.port=0", "--log.format=json"],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const messages: string[] = [];
  const lines = child.stderr.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) {
    messages.push(JSON.parse(line).msg);
    if (messages.at(-1) === "WebSocket enabled") child.kill("SIGTERM");
  }
  assertEquals(messages.slice(-2), ["Stopping", "Stopped"]);
  assertEquals(await new Response(child.stdout).text(), "");
  assertEquals((await child.status).code, 0);
});

/** Cuts text into lines. */
class TextLineStream extends TransformStream<string, string> {
  constructor() {
    let rest = "";
    super({
      transform(chunk, controller) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line);
      },
    });
  }
}
