import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { testChain } from "../chain/fixture.ts";
import { runProgram } from "./run_program.ts";
import { withFile } from "../support/temp_file.ts";

const START = ["--ws", "--ws.port=0"];
const permissions = ["--allow-net", "--allow-read"];

const MNEMONICS: readonly (readonly [words: string, fault: string])[] = [
  [
    "foo bar",
    "expected 12, 15, 18, 21 or 24 words of BIP-39's English list, with one space between them, got 2",
  ],
  [`${"test ".repeat(11)}sallyport`, "word 12 of 12 is not in BIP-39's English list"],
  [
    "test ".repeat(12).trim(),
    "the words are not a BIP-39 mnemonic: their checksum is wrong, so one is mistaken or out of place",
  ],
];

for (const [words, fault] of MNEMONICS) {
  Deno.test(`A mnemonic of which ${fault.slice(0, 24)}... names the flag, shows no word, and exits 2`, async () => {
    const { code, stderr } = await runProgram([...START, "--dev.mnemonic", words]);
    assertEquals([code, stderr], [2, `sallyport: --dev.mnemonic: ${fault}\n`]);
  });
}

const GENESES: readonly (readonly [what: string, content: string, fault: string])[] = [
  ["that is no JSON", "\x1b]0;stolen title\x07 \x9b31m", "genesis: not JSON"],
  ["that is an array", "[]", "genesis: expected an object"],
  ["without alloc", '{"config":{"chainId":1}}', "genesis alloc: expected an object"],
  [
    "with a terminal's control characters",
    '{"config":{"chainId":"\x9b31m\u202e"},"alloc":{}}',
    String.raw`genesis chainId: expected a number, found "\u009b31m\u202e"`,
  ],
  [
    "with a blob schedule of the wrong shape",
    '{"config":{"chainId":1,"blobSchedule":{"cancun":null}},"alloc":{}}',
    "genesis blobSchedule: expected an object, found null",
  ],
];

for (const [what, content, fault] of GENESES) {
  Deno.test(`A genesis file ${what} is one line with the flag and the file, and exit code 1`, async () => {
    await withFile(content, async (path) => {
      const { code, stderr } = await runProgram([...START, "--genesis", path], { permissions });
      assertEquals([code, stderr], [1, `Fatal: --genesis: cannot use "${path}": ${fault}\n`]);
    });
  });
}

Deno.test("A file that is no chain of blocks is one line with the flag and the file, and exit code 1", async () => {
  await withFile("no blocks", async (path) => {
    const { code, stderr } = await runProgram([...START, "--import", path], { permissions });
    assertEquals(code, 1);
    assert(stderr.startsWith(`Fatal: --import: cannot use "${path}": block 0 of the file cannot be read: `), stderr);
    assertEquals(stderr.match(/\n/g)?.length, 1);
  });
});

Deno.test("Flags without the one that they belong to are warned of", async () => {
  // The unknown namespace ends the program before it listens, after the warnings.
  const { code, stderr } = await runProgram(["--ws", "--lightkdf", "--password", "/nowhere", "--ws.api=nothing"]);
  assertStringIncludes(stderr, "--lightkdf has no effect without --keystore");
  assertStringIncludes(stderr, "--password has no effect without --unlock");
  assert(code !== 0);
});

Deno.test("A file of another chain's blocks is refused with what to do about it", async () => {
  using other = await testChain({ gasLimit: 9_000_000n });
  await other.node.dev.mine(1n);
  for (const number of [0n, 1n]) {
    await withFile(Uint8Array.fromHex((await other.node.raw.rawBlock({ number })).slice(2)), async (path) => {
      const { code, stderr } = await runProgram([...START, "--import", path], { permissions });
      assertEquals(code, 1);
      assert(stderr.startsWith(`Fatal: --import: cannot use "${path}": block ${number} (0x`), stderr);
      assert(stderr.endsWith("; the file is of another chain: name its genesis file with --genesis\n"), stderr);
    });
  }
});
