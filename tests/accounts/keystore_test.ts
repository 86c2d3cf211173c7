import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { StartRefused, WrongPassword } from "../../src/accounts/errors.ts";
import { keyFileName, keystoreGrants, writeKeyFile } from "../../src/accounts/key_file.ts";
import { Keystore } from "../../src/accounts/keystore.ts";
import { encryptKey, LIGHT_KDF } from "../../src/accounts/v3.ts";
import { RpcError } from "../../src/rpc/error.ts";
import { captureLog, KEY, KEY_ADDRESS, keyBytes, PASSWORD, withFolder } from "./capture.ts";

const SECOND_KEY = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
const SECOND_ADDRESS = "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b";

function open(folder: string, log = captureLog()) {
  return Keystore.open({ folder, light: true, log });
}

async function names(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(folder)) found.push(name);
  return found.sort();
}

Deno.test("A new key is one file of geth's name and of mode 0600, and nothing else", async () => {
  await withFolder(async (folder) => {
    const keystore = await open(folder);
    const file = await keystore.add(keyBytes(), { password: PASSWORD });
    assertEquals(file.address, KEY_ADDRESS);
    const [name = "", ...others] = await names(folder);
    assertEquals(others, []);
    assertMatch(name, /^UTC--\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\.\d{9}Z--2c7536e3605d9c16a7a3d7b1898e529396a65c23$/);
    assertEquals(file.path, `${folder}/${name}`);
    assertEquals((await Deno.stat(file.path)).mode ?? 0, 0o100600);
    assertEquals((await keystore.open(KEY_ADDRESS, { password: PASSWORD })).toHex(), KEY);
  });
});

Deno.test("A key file is named after its moment and its address, as geth names it", () => {
  const name = keyFileName(KEY_ADDRESS, new Date("2026-11-22T10:56:31.123Z"));
  assertEquals(name, "UTC--2026-11-22T10-56-31.123000000Z--2c7536e3605d9c16a7a3d7b1898e529396a65c23");
});

Deno.test("A missing keystore folder is made for its owner alone", async () => {
  await withFolder(async (folder) => {
    const keystore = await open(`${folder}/deep/er/`);
    assertEquals(keystore.folder, `${folder}/deep/er`);
    assertEquals((await Deno.stat(`${folder}/deep/er`)).mode ?? 0, 0o040700);
    assertEquals(await keystore.files(), []);
  });
});

Deno.test("A keystore that is no folder stops the start with one line", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const error = await assertRejects(() => open(`${folder}/file`), StartRefused);
    assertMatch(error.message, new RegExp(`^Cannot open the keystore ${folder}/file: .+$`));
  });
});

Deno.test("Damaged and foreign files are named once, skipped and left as they are", async () => {
  await withFolder(async (folder) => {
    const secret = "not json but hunter2";
    await Deno.writeTextFile(`${folder}/a-damaged`, secret);
    await Deno.writeTextFile(`${folder}/b-foreign.json`, `{"version":1,"note":"${secret}"}`);
    await Deno.writeTextFile(`${folder}/c-large`, " ".repeat(70_000));
    await Deno.writeTextFile(`${folder}/.hidden`, secret);
    await Deno.writeTextFile(`${folder}/backup~`, secret);
    await Deno.mkdir(`${folder}/folder`);
    await Deno.symlink("a-damaged", `${folder}/link`);
    const good = await encryptKey(keyBytes(), { password: PASSWORD, kdf: LIGHT_KDF });
    await Deno.writeTextFile(`${folder}/z-good`, good);

    const log = captureLog();
    const keystore = await open(folder, log);
    const expected = [
      { file: "a-damaged", reason: "not JSON" },
      { file: "b-foreign.json", reason: "not a version 3 key file" },
      { file: "c-large", reason: "too large for a key file" },
    ].map((fields) => ({ level: "warn", message: "Skipped a file of the keystore", fields }));
    assertEquals(log.lines, expected);
    assertEquals(await keystore.files(), [{ address: KEY_ADDRESS, path: `${folder}/z-good` }]);

    // The folder changes and is scanned again: nothing is reported a second time.
    await keystore.add(Uint8Array.fromHex(SECOND_KEY), { password: PASSWORD });
    assertEquals((await keystore.files()).length, 2);
    assertEquals(log.lines, expected);
    assertEquals(await Deno.readTextFile(`${folder}/a-damaged`), secret);
    assertEquals((await names(folder)).length, 9);
  });
});

Deno.test("Files that come and go are seen at the next look", async () => {
  await withFolder(async (folder) => {
    const keystore = await open(folder);
    const text = await encryptKey(keyBytes(), { password: PASSWORD, kdf: LIGHT_KDF });
    await Deno.writeTextFile(`${folder}/one`, text);
    assertEquals((await keystore.files()).map(({ address }) => address), [KEY_ADDRESS]);
    await Deno.remove(`${folder}/one`);
    assertEquals(await keystore.files(), []);
  });
});

Deno.test("A file that comes in the same tick of the folder's clock as the last look is seen", async () => {
  await withFolder(async (folder) => {
    const keystore = await open(folder);
    const now = new Date();
    await Deno.utime(folder, now, now);
    assertEquals(await keystore.files(), []);
    const text = await encryptKey(keyBytes(), { password: PASSWORD, kdf: LIGHT_KDF });
    await Deno.writeTextFile(`${folder}/one`, text);
    await Deno.utime(folder, now, now);
    assertEquals((await keystore.files()).length, 1);
  });
});

Deno.test("The second key of an address is refused, and a second file of one makes it ambiguous, as in geth", async () => {
  await withFolder(async (folder) => {
    const keystore = await open(folder);
    const { path } = await keystore.add(keyBytes(), { password: PASSWORD });
    const twice = await assertRejects(() => keystore.add(keyBytes(), { password: "other" }), RpcError);
    assertEquals(twice.message, "account already exists");
    await Deno.copyFile(path, `${folder}/a-copy`);
    const two = await assertRejects(() => keystore.open(KEY_ADDRESS, { password: PASSWORD }), RpcError);
    assertEquals(two.message, `multiple keys match address (${path},${folder}/a-copy)`);
  });
});

Deno.test("One key added many times at once becomes one file", async () => {
  await withFolder(async (folder) => {
    const keystore = await open(folder);
    const added = await Promise.allSettled(
      Array.from({ length: 4 }, () => keystore.add(keyBytes(), { password: PASSWORD })),
    );
    assertEquals(added.map(({ status }) => status).sort(), ["fulfilled", "rejected", "rejected", "rejected"]);
    assertEquals((await names(folder)).length, 1);
  });
});

Deno.test("Opening fails by what is wrong: the password, the address, or the file since the last look", async () => {
  await withFolder(async (folder) => {
    const keystore = await open(folder);
    const { path } = await keystore.add(keyBytes(), { password: PASSWORD });
    await assertRejects(() => keystore.open(KEY_ADDRESS, { password: "wrong" }), WrongPassword);
    const unknown = await assertRejects(() => keystore.open(SECOND_ADDRESS, { password: PASSWORD }), RpcError);
    assertEquals(unknown.message, "no key for given address or file");
    // Writing into a file leaves the folder's time as it is, so the folder is not scanned again.
    await Deno.utime(folder, 1, 1);
    await keystore.files();
    await Deno.writeTextFile(path, "{}");
    const damaged = await assertRejects(() => keystore.open(KEY_ADDRESS, { password: PASSWORD }), RpcError);
    assertEquals(damaged.message, `unusable key file of ${KEY_ADDRESS}: not a version 3 key file`);
  });
});

Deno.test("A key file that cannot be put in its place leaves nothing behind", async () => {
  await withFolder(async (folder) => {
    // A folder stands where the file would go, so the last step, the renaming, fails.
    await Deno.mkdir(`${folder}/taken/full`, { recursive: true });
    await assertRejects(() => writeKeyFile(`${folder}/taken`, "text"));
    assertEquals(await names(folder), ["taken"]);
  });
});

Deno.test("The keystore asks to keep reading and writing its folder, and no more", () => {
  assertEquals(keystoreGrants("/keys"), [{ name: "read", scope: "/keys" }, { name: "write", scope: "/keys" }]);
});

Deno.test("The event loop turns while a standard key file is decrypted", async () => {
  await withFolder(async (folder) => {
    const keystore = await Keystore.open({ folder, light: false, log: captureLog() });
    await keystore.add(keyBytes(), { password: PASSWORD });
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    try {
      await keystore.open(KEY_ADDRESS, { password: PASSWORD });
    } finally {
      clearInterval(timer);
    }
    assert(turns >= 5, `${turns} turns`);
  });
});
