import { assertEquals, assertMatch, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { KeyFileError, WrongPassword } from "../../src/accounts/errors.ts";
import { decryptKey, encryptKey, LIGHT_KDF, parseKeyFile, STANDARD_KDF } from "../../src/accounts/v3.ts";
import { KEY, KEY_ADDRESS, keyBytes, PASSWORD } from "./capture.ts";

/** The test vectors of the Web3 Secret Storage definition, with the address that version 3 files carry. */
const VECTOR_KEY = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
const PBKDF2_VECTOR = {
  address: "008aeeda4d805471df9b2a5b0f38a0c3bcba786b",
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "6087dab2f9fdbbfaddc31a909735c1e6" },
    ciphertext: "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
    kdf: "pbkdf2",
    kdfparams: {
      c: 262_144,
      dklen: 32,
      prf: "hmac-sha256",
      salt: "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
    },
    mac: "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};
const SCRYPT_VECTOR = {
  ...PBKDF2_VECTOR,
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "83dbcc02d8ccb40e466191a123791e0e" },
    ciphertext: "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
    kdf: "scrypt",
    kdfparams: {
      dklen: 32,
      n: 262_144,
      p: 8,
      r: 1,
      salt: "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
    },
    mac: "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
  },
};

function replaced(path: string, value: unknown): string {
  const copy = structuredClone(PBKDF2_VECTOR);
  const names = path.split(".");
  // deno-lint-ignore no-explicit-any -- reaches into the middle of a JSON value by path
  let at: any = copy;
  for (const name of names.slice(0, -1)) at = at[name];
  at[names.at(-1) ?? ""] = value;
  return JSON.stringify(copy);
}

Deno.test("The vectors of the Web3 Secret Storage definition open", async () => {
  for (const vector of [PBKDF2_VECTOR, SCRYPT_VECTOR]) {
    const key = await decryptKey(parseKeyFile(JSON.stringify(vector)), { password: "testpassword" });
    assertEquals(key.toHex(), VECTOR_KEY);
  }
});

Deno.test("A wrong password is told from a damaged file by the MAC alone", async () => {
  const file = parseKeyFile(JSON.stringify(PBKDF2_VECTOR));
  const error = await assertRejects(() => decryptKey(file, { password: "testpasswort" }), WrongPassword);
  assertEquals(error.message, "could not decrypt key with given password");
  const flipped = parseKeyFile(replaced("crypto.ciphertext", "5".repeat(64)));
  await assertRejects(() => decryptKey(flipped, { password: "testpassword" }), WrongPassword);
});

Deno.test("A key that is not the key of the file's address is refused", async () => {
  const file = parseKeyFile(replaced("address", KEY_ADDRESS.slice(2)));
  const error = await assertRejects(() => decryptKey(file, { password: "testpassword" }), KeyFileError);
  assertEquals(error.message, "the file's key is not the key of the file's address");
});

Deno.test("A key is sealed with geth's fields, each time differently, and opens again", async () => {
  const options = { password: PASSWORD, kdf: LIGHT_KDF };
  const [first, second] = await Promise.all([encryptKey(keyBytes(), options), encryptKey(keyBytes(), options)]);
  const file = JSON.parse(first);
  assertEquals(Object.keys(file), ["address", "crypto", "id", "version"]);
  assertEquals(file.address, KEY_ADDRESS.slice(2));
  assertEquals(file.version, 3);
  assertMatch(file.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assertEquals({ ...file.crypto.kdfparams, salt: "" }, { n: 4096, r: 8, p: 6, dklen: 32, salt: "" });
  assertNotEquals(file.crypto.kdfparams.salt, JSON.parse(second).crypto.kdfparams.salt);
  assertNotEquals(file.crypto.cipherparams.iv, JSON.parse(second).crypto.cipherparams.iv);
  assertEquals((await decryptKey(parseKeyFile(second), { password: PASSWORD })).toHex(), KEY);
});

Deno.test("The standard parameters are geth's", () => {
  assertEquals(STANDARD_KDF, { name: "scrypt", n: 262_144, r: 8, p: 1, dklen: 32 });
});

Deno.test("Files of other shapes are refused with a reason that quotes nothing of them", () => {
  const big = JSON.stringify({ ...SCRYPT_VECTOR, crypto: { ...SCRYPT_VECTOR.crypto, kdfparams: { n: 2 ** 24 } } });
  const scrypt = (parameters: Record<string, unknown>) =>
    JSON.stringify({
      ...SCRYPT_VECTOR,
      crypto: { ...SCRYPT_VECTOR.crypto, kdfparams: { ...SCRYPT_VECTOR.crypto.kdfparams, ...parameters } },
    });
  const dear = "scrypt parameters ask for more than 512 MiB or four times geth's standard work";
  const integers = "scrypt needs positive integers n, r, p with n a power of two";
  const cases = [
    ["hunter2", "not JSON"],
    ["[]", "file is not an object"],
    [replaced("version", 1), "not a version 3 key file"],
    [replaced("version", "3"), "not a version 3 key file"],
    [replaced("crypto", null), "crypto is not an object"],
    [replaced("crypto.cipher", "aes-128-cbc"), "the cipher is not aes-128-ctr"],
    [replaced("crypto.kdf", "argon2"), "unsupported KDF"],
    [replaced("crypto.kdfparams.prf", "hmac-md5"), "unsupported PBKDF2 PRF"],
    [replaced("crypto.kdfparams.c", 0), "pbkdf2 iterations must be 1 to 10000000"],
    [replaced("crypto.kdfparams.c", 2 ** 31), "pbkdf2 iterations must be 1 to 10000000"],
    [replaced("crypto.kdfparams.dklen", 16), "dklen must be 32 to 64"],
    [replaced("crypto.kdfparams.salt", 7), "salt is not hex"],
    [replaced("crypto.cipherparams.iv", "00"), "iv is not 16 bytes"],
    [replaced("crypto.ciphertext", "0g".repeat(32)), "ciphertext is not hex"],
    [replaced("crypto.mac", "00"), "mac is not 32 bytes"],
    [replaced("address", undefined), "address is not hex"],
    [replaced("address", "0".repeat(40)), "missing or zero address"],
    [big, "dklen is not an integer"],
    [scrypt({ n: 2 ** 24 }), dear],
    [scrypt({ p: 2 ** 20 }), dear],
    [scrypt({ n: 262_143 }), integers],
    [scrypt({ r: 0 }), integers],
    [scrypt({ n: 1 }), integers],
  ] as const;
  for (const [text, message] of cases) {
    assertEquals(assertThrows(() => parseKeyFile(text), KeyFileError).message, message);
  }
});
