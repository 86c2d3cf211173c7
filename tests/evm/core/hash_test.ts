import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { assertEquals } from "@std/assert";
import { randomBytes, seeded } from "../../chain/seeded.ts";
import { returned } from "./program.ts";

/** Lengths around the ends of blocks, and beyond what is hashed in one go. */
const LENGTHS = [0, 1, 31, 32, 55, 56, 63, 64, 65, 135, 136, 137, 272, 532, 65_536, 131_072, 131_073, 300_000, 600_001];

const COPY_INPUT = "365f5f37";

Deno.test("KECCAK256 gives the digests of another implementation in every length", async () => {
  const next = seeded(2);
  for (const length of LENGTHS) {
    const data = randomBytes(length, next);
    assertEquals(await returned(`${COPY_INPUT}365f205f5260205ff3`, data), keccak_256(data), `${length} bytes`);
  }
});

Deno.test("The contract of SHA-256 gives the digests of another implementation in every length", async () => {
  const next = seeded(3);
  for (const length of LENGTHS) {
    const data = randomBytes(length, next);
    assertEquals(await returned(`${COPY_INPUT}60205f365f60025afa5060205ff3`, data), sha256(data), `${length} bytes`);
  }
});

Deno.test("The identity contract gives back what it gets, in every length", async () => {
  const next = seeded(4);
  for (const length of LENGTHS) {
    const data = randomBytes(length, next);
    assertEquals(await returned(`${COPY_INPUT}5f5f365f60045afa503d5f5f3e3d5ff3`, data), data, `${length} bytes`);
  }
});
