import { assertEquals, assertThrows } from "@std/assert";
import { parseFlags } from "../../src/cli/parse.ts";
import { UsageError } from "../../src/cli/mod.ts";

function parsed(...args: string[]): Record<string, readonly string[]> {
  return Object.fromEntries(parseFlags(args));
}

function refusal(...args: string[]): string {
  return assertThrows(() => parseFlags(args), UsageError).message;
}

Deno.test("parseFlags takes one dash or two, and a value behind a space or an equals sign", () => {
  for (const args of [["--ws.port", "3334"], ["--ws.port=3334"], ["-ws.port", "3334"], ["-ws.port=3334"]]) {
    assertEquals(parsed(...args), { "ws.port": ["3334"] });
  }
});

Deno.test("parseFlags takes the line of geth's documentation", () => {
  assertEquals(parsed("--ws", "--ws.port", "3334", "--ws.api", "eth,net,web3"), {
    "ws": ["true"],
    "ws.port": ["3334"],
    "ws.api": ["eth,net,web3"],
  });
});

Deno.test("parseFlags takes a switch bare or with a value behind an equals sign", () => {
  assertEquals(parsed("--ws"), { ws: ["true"] });
  assertEquals(parsed("--ws=false", "--dev=0"), { ws: ["false"], dev: ["0"] });
  assertEquals(parsed("--allow-insecure-unlock"), { "allow-insecure-unlock": ["true"] });
  assertEquals(parsed("--allow-insecure-unlock=public"), { "allow-insecure-unlock": ["public"] });
});

Deno.test("parseFlags keeps values that look like flags, numbers, paths or prose", () => {
  assertEquals(parsed("--ws.origins", "--x"), { "ws.origins": ["--x"] });
  assertEquals(parsed("--ws.port", "-1"), { "ws.port": ["-1"] });
  assertEquals(parsed("--ws.port", "0x10"), { "ws.port": ["0x10"] });
  assertEquals(parsed("--ws.api="), { "ws.api": [""] });
  assertEquals(parsed("--ws.api", ""), { "ws.api": [""] });
  assertEquals(parsed("--dev.mnemonic=a=b\nc"), { "dev.mnemonic": ["a=b\nc"] });
  assertEquals(parsed("--keystore", "/a.b/c d"), { keystore: ["/a.b/c d"] });
});

Deno.test("parseFlags keeps every value of a repeated flag, in order", () => {
  assertEquals(parsed("--ws.port", "1", "--ws.port=2"), { "ws.port": ["1", "2"] });
});

Deno.test("parseFlags knows the letters of help and version", () => {
  assertEquals(parsed("-h", "-v"), { help: ["true"], version: ["true"] });
});

Deno.test("parseFlags knows anvil's names of the flags of a fork", () => {
  const url = "ws://127.0.0.1:1";
  for (const name of ["--fork.url", "--fork-url", "--rpc-url", "-f"]) {
    assertEquals(parsed(name, url), { "fork.url": [url] });
  }
  assertEquals(parsed("--fork-block-number", "-5"), { "fork.block": ["-5"] });
  assertEquals(parsed("--fork-header=a: b"), { "fork.header": ["a: b"] });
});

Deno.test("parseFlags names an unknown flag and the nearest known one", () => {
  assertEquals(refusal("--ws.prot", "1"), "unknown flag --ws.prot: did you mean --ws.port?");
  assertEquals(refusal("--WS"), "unknown flag --WS: did you mean --ws?");
  assertEquals(refusal("--completely.different"), "unknown flag --completely.different: --help lists every flag");
  assertEquals(refusal("--__proto__=1"), "unknown flag --__proto__: --help lists every flag");
  assertEquals(refusal("--toString"), "unknown flag --toString: --help lists every flag");
  assertEquals(refusal("--\x1b[31m\n"), "unknown flag --\\u001b[31m\\n: --help lists every flag");
});

Deno.test("parseFlags refuses a stray word, and says how a switch takes its value", () => {
  assertEquals(refusal("prompt"), 'unexpected argument "prompt": expected only flags, and --help lists them');
  assertEquals(refusal("-"), 'unexpected argument "-": expected only flags, and --help lists them');
  assertEquals(refusal("--="), 'unexpected argument "--=": expected only flags, and --help lists them');
  assertEquals(refusal("--ws", "false"), "--ws takes its value behind an equals sign: --ws=false");
  assertEquals(
    refusal("--allow-insecure-unlock", "public"),
    "--allow-insecure-unlock takes its value behind an equals sign: --allow-insecure-unlock=public",
  );
});

Deno.test("parseFlags asks for a missing value", () => {
  assertEquals(refusal("--ws", "--ws.port"), "--ws.port needs a value: expected a whole number from 0 to 65535");
});
