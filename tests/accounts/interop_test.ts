import { assertEquals } from "@std/assert";
import { decryptKeystoreJson, encryptKeystoreJson } from "../clients/ethers.ts";
import { Web3 } from "../clients/web3.ts";
import { Keystore } from "../../src/accounts/keystore.ts";
import { decryptKey, encryptKey, LIGHT_KDF, parseKeyFile, STANDARD_KDF } from "../../src/accounts/v3.ts";
import { captureLog, KEY, KEY_ADDRESS, keyBytes, PASSWORD, withFolder } from "./capture.ts";

const LIGHT = { N: 4096, r: 8, p: 6 };
const web3 = new Web3().eth.accounts;

/** What other programs write for the same key, each with parameters that take little time. */
const FOREIGN: [program: string, file: () => Promise<string>][] = [
  ["ethers", () => encryptKeystoreJson({ address: KEY_ADDRESS, privateKey: `0x${KEY}` }, PASSWORD, { scrypt: LIGHT })],
  [
    "web3 with scrypt",
    async () =>
      JSON.stringify(await web3.encrypt(`0x${KEY}`, PASSWORD, { kdf: "scrypt", n: LIGHT.N, r: LIGHT.r, p: LIGHT.p })),
  ],
  [
    "web3 with pbkdf2",
    async () => JSON.stringify(await web3.encrypt(`0x${KEY}`, PASSWORD, { kdf: "pbkdf2", c: 4096 })),
  ],
];

for (const [program, write] of FOREIGN) {
  Deno.test(`A key file of ${program} opens here`, async () => {
    await withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/foreign.json`, await write());
      const log = captureLog();
      const keystore = await Keystore.open({ folder, light: true, log });
      assertEquals(await keystore.files(), [{ address: KEY_ADDRESS, path: `${folder}/foreign.json` }]);
      assertEquals((await keystore.open(KEY_ADDRESS, { password: PASSWORD })).toHex(), KEY);
      assertEquals(log.lines, []);
    });
  });
}

Deno.test("A light key file of ours opens in ethers and in web3", async () => {
  const text = await encryptKey(keyBytes(), { password: PASSWORD, kdf: LIGHT_KDF });
  assertEquals((await decryptKeystoreJson(text, PASSWORD)).privateKey, `0x${KEY}`);
  assertEquals((await web3.decrypt(text, PASSWORD)).privateKey, `0x${KEY}`);
});

Deno.test("A standard key file goes both ways between ethers and us", async () => {
  const ours = await encryptKey(keyBytes(), { password: PASSWORD, kdf: STANDARD_KDF });
  assertEquals((await decryptKeystoreJson(ours, PASSWORD)).privateKey, `0x${KEY}`);
  // Without options ethers takes n = 131072.
  const theirs = await encryptKeystoreJson({ address: KEY_ADDRESS, privateKey: `0x${KEY}` }, PASSWORD);
  assertEquals((await decryptKey(parseKeyFile(theirs), { password: PASSWORD })).toHex(), KEY);
});
