import { assertEquals } from "@std/assert";
import { createAccounts, keystoreGrants } from "../../src/accounts/mod.ts";
import { captureLog, KEY_ADDRESS, keyBytes, PASSWORD } from "./capture.ts";

// The permissions of a test are fixed when it is registered, so the folder is made before.
const parent = Deno.makeTempDirSync({ prefix: "sallyport-keystore-" });
const folder = `${parent}/keys`;
const exposure = { networkEndpoint: false, insecureUnlock: "off", address: "127.0.0.1", origins: [] } as const;

Deno.test({
  name: "Without a keystore no permission is needed",
  permissions: "none",
  async fn() {
    const accounts = await createAccounts({ devAccounts: [], exposure, log: captureLog() });
    assertEquals(await accounts.list(), []);
    accounts.close();
  },
});

Deno.test({
  name: "A keystore is made and used with nothing but the permissions that it asks to keep",
  permissions: { read: [folder], write: [folder] },
  async fn() {
    for (const { name, scope } of keystoreGrants(folder)) {
      assertEquals(Deno.permissions.querySync({ name, path: scope }).state, "granted");
    }
    const log = captureLog();
    const accounts = await createAccounts({ devAccounts: [], keystore: { folder, light: true }, exposure, log });
    const { path } = await accounts.importKey(keyBytes(), { password: PASSWORD });
    await accounts.unlock(KEY_ADDRESS, { seconds: 0n, use: { password: PASSWORD } });
    assertEquals(accounts.unlockedAddresses(), [KEY_ADDRESS]);
    await Deno.remove(path);
    assertEquals(await accounts.list(), []);
    assertEquals(log.lines, []);
    accounts.close();
  },
});

Deno.test("The folder of the permission tests is removed", async () => {
  await Deno.remove(parent, { recursive: true });
});
