import { assert, assertEquals, assertRejects } from "@std/assert";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { customCrypto } from "../../src/evm/custom_crypto.ts";
import { heavy, stopHeavyWork } from "../../src/crypto/heavy.ts";
import { hashInPieces, keccak256, keccakString, keccakWord, loadFastKeccak } from "../../src/crypto/keccak.ts";
import { proveBlobs, verifyBlobs } from "../../src/crypto/kzg.ts";
import { loadFastRecovery } from "../../src/crypto/signature.ts";
import { randomBytes, seeded } from "../chain/seeded.ts";
import { bytesString } from "../../src/state/binary_string.ts";
import { recoverAddress } from "../../src/primitives/signature.ts";

Deno.test("Keccak gives the same digests in every form and length", async () => {
  await loadFastKeccak();
  const next = seeded(2);
  for (const length of [0, 1, 31, 32, 64, 64, 135, 136, 137, 532, 300_000, 600_001]) {
    const data = randomBytes(length, next);
    const expected = keccak_256(data);
    assertEquals(keccak256(data), expected, `${length} bytes`);
    assertEquals(keccakString(data), bytesString(expected));
    assertEquals(keccakWord(data), BigInt(`0x${expected.toHex()}`));
    assertEquals(await hashInPieces(data, () => Promise.resolve()), BigInt(`0x${expected.toHex()}`));
  }
});

Deno.test("Keccak of long input lets others hash between its pieces", async () => {
  await loadFastKeccak();
  const data = randomBytes(900_000, seeded(4));
  let others = 0;
  const word = await hashInPieces(data, async () => {
    keccak256(new Uint8Array([++others]));
    if (others === 2) await hashInPieces(data.subarray(0, 300_000), () => Promise.resolve());
  });
  assertEquals(word, BigInt(`0x${keccak_256(data).toHex()}`));
  assert(others >= 4);
});

Deno.test("Recovery finds the signer with and without WebAssembly, and none for a signature that is none", async () => {
  const next = seeded(6);
  const check = () => {
    for (let round = 0; round < 20; round++) {
      const key = randomBytes(32, next);
      const digest = randomBytes(32, next);
      const signature = secp256k1.Signature.fromBytes(
        secp256k1.sign(digest, key, { prehash: false, format: "recovered" }),
        "recovered",
      );
      const publicKey = secp256k1.getPublicKey(key, false).subarray(1);
      const yParity = signature.recovery === 1 ? 1 : 0;
      const address = `0x${keccak_256(publicKey).toHex().slice(24)}`;
      assertEquals(recoverAddress(digest, { r: signature.r, s: signature.s, yParity }), address);
      assertEquals(recoverAddress(digest, { r: 0n, s: signature.s, yParity }), undefined);
      assertEquals(recoverAddress(digest, { r: signature.r, s: secp256k1.Point.Fn.ORDER, yParity }), undefined);
      const [r, s] = [signature.toBytes("compact").subarray(0, 32), signature.toBytes("compact").subarray(32)];
      for (const v of [BigInt(yParity), 27n + BigInt(yParity)]) {
        assertEquals(customCrypto.ecrecover?.(digest, v, r, s), publicKey);
      }
      assertEquals(customCrypto.ecrecover?.(digest, 35n + 2n * 1337n + BigInt(yParity), r, s, 1337n), publicKey);
    }
  };
  check();
  await loadFastRecovery();
  check();
});

const pairing = (gasLimit: bigint, bytes = 0) =>
  ({
    kind: "precompile",
    address: `${"0".repeat(38)}08`,
    data: new Uint8Array(bytes),
    gasLimit,
    eips: [],
    params: { bn254PairingGas: 45_000, bn254PairingWordGas: 34_000 },
  }) as const;

Deno.test("Heavy work answers what the library's contract answers, errors included", async () => {
  try {
    const empty = await heavy(pairing(100_000n)).result;
    assertEquals([empty.gasUsed, empty.error, empty.returnValue.at(-1)], [45_000n, undefined, 1]);
    assertEquals((await heavy(pairing(40_000n)).result).error, "out of gas");
    assertEquals((await heavy(pairing(1_000_000n, 7)).result).error, "invalid input length");
  } finally {
    stopHeavyWork();
  }
});

Deno.test("Heavy work that is cancelled ends, and what waits behind it is done", async () => {
  try {
    const slow = heavy(pairing(100_000_000n, 192 * 500));
    const waiting = heavy(pairing(100_000n));
    const dropped = heavy(pairing(100_000n));
    dropped.cancel();
    slow.cancel();
    assertEquals((await waiting.result).gasUsed, 45_000n);
    const outcome = await Promise.race([slow.result, dropped.result, Promise.resolve("pending")]);
    assertEquals(outcome, "pending");
  } finally {
    stopHeavyWork();
  }
});

Deno.test("Heavy work fails when the worker is stopped", async () => {
  const job = heavy(pairing(100_000_000n, 192 * 500));
  const failed = assertRejects(() => job.result, Error, "the worker was stopped");
  stopHeavyWork();
  await failed;
});

Deno.test("KZG proves a blob, and finds a proof of another one wrong", async () => {
  try {
    const [zeros, other] = [`0x${"00".repeat(131_072)}`, `0x${"01".padStart(64, "0")}${"00".repeat(131_040)}`];
    const proven = await proveBlobs([zeros], false);
    assertEquals(proven.commitments, [`0xc0${"00".repeat(47)}`]);
    assertEquals(await verifyBlobs({ blobs: [zeros], ...proven }, false), true);
    assertEquals(await verifyBlobs({ blobs: [other], ...proven }, false), false);
    assertEquals(await verifyBlobs({ blobs: [zeros], commitments: ["0x00"], proofs: ["0x00"] }, false), false);
  } finally {
    stopHeavyWork();
  }
});
