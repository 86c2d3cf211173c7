import { assertEquals, assertRejects } from "@std/assert";
import { deriveKey, type Kdf } from "../../src/accounts/kdf.ts";
import { KeyFileError } from "../../src/accounts/errors.ts";
import { RpcError } from "../../src/rpc/error.ts";

/** About 100 ms each, so that a line forms. */
const KDF: Kdf = { name: "scrypt", n: 16_384, r: 8, p: 2, dklen: 32 };
const salt = new Uint8Array(32);

Deno.test("Derivation agrees with RFC 7914's vectors", async () => {
  const text = (value: string) => new TextEncoder().encode(value);
  const scrypt: Kdf = { name: "scrypt", n: 1024, r: 8, p: 16, dklen: 64 };
  assertEquals(
    (await deriveKey("password", { kdf: scrypt, salt: text("NaCl") })).toHex(),
    "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162" +
      "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
  );
  const pbkdf2: Kdf = { name: "pbkdf2", c: 80_000, dklen: 64 };
  assertEquals(
    (await deriveKey("Password", { kdf: pbkdf2, salt: text("NaCl") })).toHex(),
    "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56" +
      "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d",
  );
});

Deno.test("No more than two derivations run and 32 wait; who is aborted leaves the line", async () => {
  const controller = new AbortController();
  const running = [deriveKey("a", { kdf: KDF, salt }), deriveKey("b", { kdf: KDF, salt })];
  const waiting = Array.from(
    { length: 32 },
    () => deriveKey("c", { kdf: KDF, salt, signal: controller.signal }).then(() => "derived", (error) => error.message),
  );
  const refused = await assertRejects(() => deriveKey("d", { kdf: KDF, salt }), RpcError);
  assertEquals([refused.code, refused.data], [-32005, { limit: 32, value: 33 }]);
  controller.abort(new Error("gone"));
  assertEquals(new Set(await Promise.all(waiting)), new Set(["gone"]));
  await Promise.all(running);
  // Both places are free again.
  assertEquals((await deriveKey("a", { kdf: KDF, salt })).length, 32);
});

Deno.test("Every scrypt that the limits let through is derived or refused as a key file, whatever its shape", async () => {
  for (const [n, r, p] of [[2, 2 ** 18, 1], [4, 2 ** 15, 2], [2, 1, 2 ** 16], [2, 8, 512], [65_536, 1, 1]]) {
    const kdf = { name: "scrypt", n: n ?? 0, r: r ?? 0, p: p ?? 0, dklen: 32 } as const;
    const outcome = await deriveKey("a", { kdf, salt }).then((key) => key.length, (error) => error.name);
    assertEquals(outcome === 32 || outcome === "KeyFileError", true, `${n} ${r} ${p}: ${outcome}`);
  }
  const refused = await assertRejects(
    () => deriveKey("a", { kdf: { name: "scrypt", n: 2, r: 2 ** 20, p: 1, dklen: 32 }, salt }),
    KeyFileError,
  );
  assertEquals(refused.message, "scrypt parameters ask for more than 512 MiB or four times geth's standard work");
});
