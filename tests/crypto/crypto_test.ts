import { assertEquals, assertRejects } from "@std/assert";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { heavy, stopHeavyWork } from "../../src/crypto/heavy.ts";
import { moduleUrl } from "../../src/crypto/operations.ts";
import { keccak256, keccakString, loadFastKeccak } from "../../src/crypto/keccak.ts";
import { proveBlobs, verifyBlobs } from "../../src/crypto/kzg.ts";
import { loadFastRecovery, recoverPublicKey } from "../../src/crypto/signature.ts";
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
  }
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
      assertEquals(recoverPublicKey(digest, { r, s, yParity }), publicKey);
    }
  };
  check();
  await loadFastRecovery();
  check();
});

/** A billion rounds of BLAKE2b: minutes. */
const SLOW = {
  kind: "calculate",
  operation: "blake2F",
  module: moduleUrl("blake2F"),
  input: new Uint8Array(213).fill(0x40, 0, 4),
} as const;

function pairing(bytes = 0) {
  const operation = "bn254Pairing";
  return { kind: "calculate", operation, module: moduleUrl(operation), input: new Uint8Array(bytes) } as const;
}

Deno.test("Heavy work answers the output of a precompiled contract, or the text of what was wrong with its input", async () => {
  try {
    assertEquals(await heavy(pairing()), new Uint8Array(32).with(31, 1));
    assertEquals(await heavy(pairing(7)), "bad elliptic curve pairing size");
  } finally {
    stopHeavyWork();
  }
});

Deno.test("Heavy work that is cancelled ends, waiting or running, and the work behind it is done", async () => {
  try {
    const [running, queued] = [new AbortController(), new AbortController()];
    const slow = assertRejects(() => heavy(SLOW, running.signal), Error, "caller left");
    const dropped = assertRejects(() => heavy(pairing(), queued.signal), Error, "caller left");
    const waiting = heavy(pairing());
    queued.abort(new Error("caller left"));
    running.abort(new Error("caller left"));
    await Promise.all([slow, dropped]);
    assertEquals(await waiting, new Uint8Array(32).with(31, 1));
  } finally {
    stopHeavyWork();
  }
});

Deno.test("Heavy work of a caller who is gone does not start", async () => {
  await assertRejects(() => heavy(pairing(), AbortSignal.abort(new Error("caller left"))), Error, "caller left");
});

Deno.test("Heavy work fails when the worker is stopped, and the next work starts another worker", async () => {
  const failed = assertRejects(() => heavy(SLOW), Error, "the worker was stopped");
  const queued = assertRejects(() => heavy(pairing()), Error, "the worker was stopped");
  stopHeavyWork();
  await Promise.all([failed, queued]);
  try {
    assertEquals(await heavy(pairing()), new Uint8Array(32).with(31, 1));
  } finally {
    stopHeavyWork();
  }
});

Deno.test("A calculation does not wait for proofs of blobs, and proofs end when their caller is gone", async () => {
  try {
    const caller = new AbortController();
    const blobs = Array.from({ length: 6 }, () => `0x${"00".repeat(131_072)}`);
    const left = assertRejects(() => proveBlobs(blobs, { cells: true, signal: caller.signal }), Error, "caller left");
    const waiting = assertRejects(
      () => proveBlobs(blobs, { cells: true, signal: caller.signal }),
      Error,
      "caller left",
    );
    assertEquals(await heavy(pairing()), new Uint8Array(32).with(31, 1));
    caller.abort(new Error("caller left"));
    await Promise.all([left, waiting]);
    // The worker is free at once: a job that fails fast is answered.
    assertEquals(
      await verifyBlobs({ blobs: ["0x00"], commitments: ["0x00"], proofs: ["0x00"] }, { cells: false }),
      false,
    );
  } finally {
    stopHeavyWork();
  }
});

Deno.test("KZG proves a blob, and finds a proof of another one wrong", async () => {
  try {
    const [zeros, other] = [`0x${"00".repeat(131_072)}`, `0x${"01".padStart(64, "0")}${"00".repeat(131_040)}`];
    const proven = await proveBlobs([zeros], { cells: false });
    assertEquals(proven.commitments, [`0xc0${"00".repeat(47)}`]);
    assertEquals(await verifyBlobs({ blobs: [zeros], ...proven }, { cells: false }), true);
    assertEquals(await verifyBlobs({ blobs: [other], ...proven }, { cells: false }), false);
    assertEquals(
      await verifyBlobs({ blobs: [zeros], commitments: ["0x00"], proofs: ["0x00"] }, { cells: false }),
      false,
    );
  } finally {
    stopHeavyWork();
  }
});
