import { assert, assertEquals } from "@std/assert";
import { CONTROL_NAMESPACES, type OpenPort, openPortTable, openPortVerdict } from "../../src/access/open_ports.ts";
import { ServerProcess } from "../e2e/server_process.ts";
import { runProgram } from "../main/run_program.ts";
import { call, Client, keyFile } from "./fixture.ts";

const LOOPBACK: OpenPort = {
  flag: "--ws.addr",
  address: "127.0.0.1",
  namespaces: ["eth", "anvil", "evm"],
  isGuarded: false,
  isEncrypted: false,
  isAllowed: false,
};

Deno.test("A loopback address is quiet, whatever it offers", () => {
  for (const address of ["127.0.0.1", "localhost", "::1", "[::1]", "127.1.2.3"]) {
    assertEquals(openPortVerdict({ ...LOOPBACK, address }), { kind: "quiet" });
  }
});

Deno.test("An open port says what is open to whom, and is refused where it would give the node away", () => {
  for (const address of ["0.0.0.0", "::", "192.168.0.2", "node.example"]) {
    const open = { ...LOOPBACK, address };
    assertEquals(openPortVerdict({ ...open, namespaces: ["eth", "net"] }), {
      kind: "warned",
      sentence: `--ws.addr=${address}: everybody who can reach ${address} may call eth,net; ` +
        "--auth.keys lets only holders of a key in",
    });
    const refused: ReturnType<typeof openPortVerdict> = {
      kind: "refused",
      sentence:
        `--ws.addr=${address}: everybody who can reach ${address} could control the node by anvil,evm; ask for keys ` +
        "(--auth.keys) or tokens, bind a loopback address, or say --allow-insecure-open",
    };
    assertEquals(openPortVerdict(open), refused);
    // Encryption keeps nobody out.
    assertEquals(openPortVerdict({ ...open, isEncrypted: true }), refused);
    assertEquals(openPortVerdict({ ...open, isAllowed: true }), {
      kind: "warned",
      sentence:
        `--ws.addr=${address}: everybody who can reach ${address} may control the node by anvil,evm, and call ` +
        "eth,anvil,evm; --auth.keys lets only holders of a key in",
    });
    assertEquals(openPortVerdict({ ...open, isGuarded: true, isEncrypted: true }), { kind: "quiet" });
    assertEquals(openPortVerdict({ ...open, isGuarded: true }), {
      kind: "warned",
      sentence:
        `--ws.addr=${address}: keys, tokens and answers travel unencrypted; use --tls.cert, or a proxy that encrypts`,
    });
  }
});

Deno.test("Every namespace that controls the node is refused alone, and the page has a row for each case", () => {
  for (const name of CONTROL_NAMESPACES) {
    assertEquals(openPortVerdict({ ...LOOPBACK, address: "0.0.0.0", namespaces: [name] }).kind, "refused", name);
  }
  const rows = openPortTable().split("\n").slice(2);
  assertEquals(rows.length, 8);
  assertEquals(rows.filter((row) => row.includes("**refused**")).map((row) => row.split(" | ").slice(0, 3)), [
    ["| 0.0.0.0", "no", "no"],
    ["| 0.0.0.0", "no", "yes"],
  ]);
});

Deno.test("The program refuses to give the node to everybody, and serves it when that is said in full", async () => {
  const flags = ["--ws.addr=0.0.0.0", "--ws.api=eth,anvil"];
  const sentence =
    "sallyport: --ws.addr=0.0.0.0: everybody who can reach 0.0.0.0 could control the node by anvil; ask for keys " +
    "(--auth.keys) or tokens, bind a loopback address, or say --allow-insecure-open\n";
  assertEquals(await runProgram(["--ws", "--ws.port=0", ...flags]), { code: 2, stdout: "", stderr: sentence });
  await using server = await ServerProcess.start({ flags: [...flags, "--allow-insecure-open"] });
  assert(server.printed.includes("everybody who can reach 0.0.0.0 may control the node by anvil, and call eth,anvil"));
});

Deno.test("A node behind keys may be controlled from elsewhere, with a warning where nothing encrypts", async () => {
  await using file = await keyFile({ operator: {} });
  await using server = await ServerProcess.start({
    flags: ["--ws.addr=0.0.0.0", "--ws.api=eth,anvil", "--auth.keys", file.path],
    permissions: [`--allow-read=${file.path}`],
  });
  assert(server.printed.includes("keys, tokens and answers travel unencrypted"), server.printed);
  assert(server.printed.includes("Credentials asked for  ws=--auth.keys\n"), server.printed);
  const url = server.url.replace("0.0.0.0", "127.0.0.1");
  using client = await Client.connect(url, { token: file.keys["operator"] });
  assertEquals(JSON.parse(await client.ask(call("anvil_mine"))).error, undefined);
  await client.close();
});

Deno.test("The program on loopback says nothing about open ports", async () => {
  await using server = await ServerProcess.start({ flags: ["--ws.api=eth,anvil,debug,personal"] });
  assert(!server.printed.includes("WARN"), server.printed);
});
