import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { hashMessage, keccak256, recoverAddress, stringToHex } from "../clients/viem.ts";
import { privateKeyToAccount } from "../clients/viem_accounts.ts";
import {
  addressOfKey,
  messageDigest,
  parsePrivateKey,
  recoverMessageSigner,
  signatureData,
  signDigest,
} from "../../src/accounts/signer.ts";
import { RpcError } from "../../src/rpc/error.ts";
import { checksumAddress } from "../../src/primitives/checksum.ts";

const KEY = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";
const ADDRESS = "0x2c7536e3605d9c16a7a3d7b1898e529396a65c23";

/** Cut from a counter and hashed, so that each run has the same keys. */
function keyAt(index: number): `0x${string}` {
  return keccak256(stringToHex(`signer test ${index}`));
}

Deno.test("A private key has the address that viem derives, in EIP-55's spelling", () => {
  assertEquals(addressOfKey(parsePrivateKey(KEY)), ADDRESS);
  for (let index = 0; index < 8; index++) {
    const address = addressOfKey(parsePrivateKey(keyAt(index).slice(2)));
    assertEquals(checksumAddress(address), privateKeyToAccount(keyAt(index)).address);
  }
});

Deno.test("A message signature equals viem's, byte for byte", async () => {
  for (let index = 0; index < 8; index++) {
    const message = { raw: stringToHex("ä".repeat(index)) };
    const digest = await messageDigest(message.raw);
    assertEquals(`0x${digest.toHex()}`, hashMessage(message));
    const signature = signatureData(signDigest(parsePrivateKey(keyAt(index).slice(2)), digest));
    assertEquals(signature, await privateKeyToAccount(keyAt(index)).signMessage({ message }));
    assertEquals(
      await recoverMessageSigner(message.raw, signature),
      addressOfKey(parsePrivateKey(keyAt(index).slice(2))),
    );
  }
});

Deno.test("A digest signature has a low s and recovers to its signer", async () => {
  const half = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
  for (let index = 0; index < 16; index++) {
    const signature = signDigest(parsePrivateKey(KEY), Uint8Array.fromHex(keyAt(index).slice(2)));
    assertEquals(signature.s <= half, true);
    const recovered = await recoverAddress({ hash: keyAt(index), signature: signatureData(signature) });
    assertEquals(recovered.toLowerCase(), ADDRESS);
  }
});

Deno.test("Signer recovery fails with geth's texts", async () => {
  const signature = signatureData(signDigest(parsePrivateKey(KEY), await messageDigest("0x00")));
  const cases = [
    [signature.slice(0, -2), "signature must be 65 bytes long"],
    [signature.slice(0, -2) + "00", "invalid Ethereum signature (V is not 27 or 28)"],
    [`0x${"f".repeat(128)}1b`, "recovery failed"],
    [`0x${"0".repeat(128)}1b`, "recovery failed"],
  ] as const;
  for (const [data, message] of cases) {
    const error = await assertRejects(() => recoverMessageSigner("0x00", data as `0x${string}`), RpcError);
    assertEquals([error.code, error.message], [-32000, message]);
  }
});

Deno.test("A raw private key is refused with geth's texts, which never show it", () => {
  const order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
  const cases = [
    [`0x${KEY}`, "invalid hex character 'x' in private key"],
    [`${KEY.slice(1)}'`, "invalid hex character '\\'' in private key"],
    [`${KEY.slice(1)}\n`, "invalid hex character '\\n' in private key"],
    [KEY.slice(1), "invalid hex data for private key"],
    ["", "invalid length, need 256 bits"],
    [KEY + "00", "invalid length, need 256 bits"],
    [order, "invalid private key, >=N"],
    ["0".repeat(64), "invalid private key, zero or negative"],
  ] as const;
  for (const [text, message] of cases) {
    const error = assertThrows(() => parsePrivateKey(text), RpcError);
    assertEquals([error.code, error.message], [-32000, message]);
  }
});
