import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { keystoreUnavailable, StartRefused, WrongPassword } from "../../src/accounts/errors.ts";
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

/** What a client is told when the folder cannot be used: its reason, and nothing of the server's paths. */
async function unavailable(work: () => Promise<unknown>, folder: string): Promise<string> {
  const error = await assertRejects(work, RpcError);
  assertEquals([error.code, error.message.includes(folder)], [-32000, false]);
  return error.message;
}

Deno.test("A folder that is removed or replaced by a file is named as the fault, and serves again when it is back", async () => {
  await withFolder(async (parent) => {
    const folder = `${parent}/keys`;
    const keystore = await open(folder);
    await keystore.add(keyBytes(), { password: PASSWORD });
    await Deno.rename(folder, `${parent}/away`);
    const calls = [
      () => keystore.files(),
      () => keystore.open(KEY_ADDRESS, { password: PASSWORD }),
      () => keystore.add(Uint8Array.fromHex(SECOND_KEY), { password: PASSWORD }),
    ];
    for (const call of calls) {
      assertEquals(await unavailable(call, parent), "keystore unavailable: the folder is missing");
    }
    await Deno.writeTextFile(folder, "a file");
    for (const call of calls) {
      assertEquals(await unavailable(call, parent), "keystore unavailable: the folder is no folder any more");
    }
    assertEquals(await Deno.readTextFile(folder), "a file");
    await Deno.remove(folder);
    await Deno.rename(`${parent}/away`, folder);
    assertEquals((await keystore.open(KEY_ADDRESS, { password: PASSWORD })).toHex(), KEY);
    assertEquals((await keystore.add(Uint8Array.fromHex(SECOND_KEY), { password: PASSWORD })).address, SECOND_ADDRESS);
  });
});

Deno.test("What the system says of the disk is told in words, without its paths", () => {
  const cases: [unknown, string][] = [
    [Object.assign(new Error("write /home/x: no space"), { code: "ENOSPC" }), "no space is left on the device"],
    [Object.assign(new Error("/home/x"), { code: "EDQUOT" }), "the disk quota is used up"],
    [Object.assign(new Error("/home/x"), { code: "EROFS" }), "the file system is read-only"],
    [new Deno.errors.PermissionDenied("/home/x"), "permission was denied"],
    [new Deno.errors.NotCapable("/home/x"), "this process may not use the folder"],
    [new Error("/home/x"), "the folder could not be used"],
  ];
  for (const [cause, reason] of cases) {
    const error = keystoreUnavailable(cause);
    assertEquals([error.message, error.cause], [`keystore unavailable: ${reason}`, cause]);
  }
});

Deno.test("A disk that is full leaves the old keys as they are and no part of a new one", async () => {
  await withFolder(async (folder) => {
    const keystore = await open(folder);
    await keystore.add(keyBytes(), { password: PASSWORD });
    const before = await names(folder);
    const sync = Deno.FsFile.prototype.sync;
    Deno.FsFile.prototype.sync = () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" }));
    try {
      const add = () => keystore.add(Uint8Array.fromHex(SECOND_KEY), { password: PASSWORD });
      assertEquals(await unavailable(add, folder), "keystore unavailable: no space is left on the device");
    } finally {
      Deno.FsFile.prototype.sync = sync;
    }
    assertEquals(await names(folder), before);
    assertEquals((await keystore.open(KEY_ADDRESS, { password: PASSWORD })).toHex(), KEY);
  });
});

Deno.test("Two servers that import one key into one folder at once make one file, and one of them is told", async () => {
  await withFolder(async (folder) => {
    const servers = await Promise.all(Array.from({ length: 4 }, () => open(folder)));
    const added = await Promise.allSettled(servers.map((server) => server.add(keyBytes(), { password: PASSWORD })));
    const reasons = added.map((one) => one.status === "fulfilled" ? "added" : one.reason.message);
    assertEquals(reasons.sort(), [
      "account already exists",
      "account already exists",
      "account already exists",
      "added",
    ]);
    assertEquals((await names(folder)).length, 1);
    for (const server of servers) {
      assertEquals((await server.open(KEY_ADDRESS, { password: PASSWORD })).toHex(), KEY);
    }
  });
});

Deno.test("A lock that a killed server left behind is taken over", async () => {
  await withFolder(async (folder) => {
    const lock = `${folder}/.${KEY_ADDRESS.slice(2)}.lock`;
    await Deno.writeTextFile(lock, "");
    const long = new Date(Date.now() - 60_000);
    await Deno.utime(lock, long, long);
    await (await open(folder)).add(keyBytes(), { password: PASSWORD });
    assertEquals((await names(folder)).length, 1);
  });
});
