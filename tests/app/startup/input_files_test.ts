import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { readInputFiles, requireFilePermission, StartError } from "../../../src/app/startup/mod.ts";

Deno.test("readInputFiles reads what is named and nothing else", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [genesis, chain, password] = [`${folder}/genesis.json`, `${folder}/chain.rlp`, `${folder}/passwords`];
    await Deno.writeTextFile(password, "one\r\ntwo");
    await Deno.writeTextFile(genesis, '{"alloc":{}}');
    await Deno.writeFile(chain, Uint8Array.of(0xc0, 0xc1));
    assertEquals(await readInputFiles({ genesis, import: chain, password, keystore: folder }), {
      genesis: '{"alloc":{}}',
      blocks: Uint8Array.of(0xc0, 0xc1),
      passwords: ["one", "two"],
    });
    assertEquals(await readInputFiles({ genesis: undefined, import: undefined }), {
      genesis: undefined,
      blocks: undefined,
      passwords: undefined,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readInputFiles names the flag, the file and the reason", async () => {
  const error = await assertRejects(() => readInputFiles({ genesis: "/", import: undefined }), StartError);
  assertEquals(error.message, "--genesis: cannot read \"/\": Is a directory (os error 21): readfile '/'");
  assertEquals(error.cause instanceof Error, true);
});

Deno.test({
  name: "requireFilePermission fails with the flag to add where Deno would ask",
  permissions: { read: ["/held"], write: false },
  fn() {
    requireFilePermission("keystore", { name: "read", scope: "/held" });
    const error = assertThrows(() => requireFilePermission("keystore", { name: "write", scope: "/held" }), StartError);
    assertEquals(error.message, '--keystore: writing "/held" is not permitted: add --allow-write=/held');
  },
});
