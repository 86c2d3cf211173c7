import { assertEquals } from "@std/assert";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { keccak256, loadFastKeccak } from "../../src/crypto/keccak.ts";
import { keccakOfData } from "../../src/primitives/hash.ts";
import { bytesToHex } from "../../src/primitives/hex.ts";
import { randomBytes, seeded } from "../chain/seeded.ts";

Deno.test("Data of any length has the same digest in one piece and in many, with a prefix before it", async () => {
  const prefix = new TextEncoder().encode("prefix");
  for (const length of [0, 1, 100, 262_143, 262_144, 700_001]) {
    const bytes = randomBytes(length, seeded(length + 1));
    const data = bytesToHex(bytes);
    const breathe = () => Promise.resolve();
    assertEquals(await keccakOfData(data, { breathe }), keccak_256(bytes), `${length} bytes`);
    const prefixed = Uint8Array.of(...prefix, ...bytes.subarray(0, 1000));
    assertEquals(await keccakOfData(bytesToHex(bytes.subarray(0, 1000)), { prefix, breathe }), keccak_256(prefixed));
  }
});

Deno.test("Long data lets other work in between its pieces of 256 KiB, which may hash as well", async () => {
  await loadFastKeccak();
  const bytes = randomBytes(1 << 20, seeded(4));
  let others = 0;
  const digest = await keccakOfData(bytesToHex(bytes), {
    async breathe() {
      keccak256(Uint8Array.of(++others));
      if (others === 2) await keccakOfData(bytesToHex(bytes.subarray(1)), { breathe: () => Promise.resolve() });
    },
  });
  assertEquals(digest, keccak_256(bytes));
  assertEquals(others, 5);
});
