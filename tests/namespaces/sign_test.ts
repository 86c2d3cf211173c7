import { assertEquals } from "@std/assert";
import { stringToHex } from "../clients/viem.ts";
import { privateKeyToAccount } from "../clients/viem_accounts.ts";
import { KEY, KEY_ADDRESS, PASSWORD } from "../accounts/capture.ts";
import { DEV, STRANGER, withAccountServer } from "./account_server.ts";

const TYPED_DATA = {
  types: {
    EIP712Domain: [{ name: "chainId", type: "uint256" }],
    Order: [{ name: "amount", type: "uint256" }, { name: "memo", type: "string" }],
  },
  primaryType: "Order",
  domain: { chainId: 1337 },
  message: { amount: "1000000000000000000000", memo: "ä" },
} as const;

Deno.test("eth_sign signs the prefixed message as viem does", async () => {
  await withAccountServer({}, async ({ call }) => {
    const raw = stringToHex("a message");
    const expected = await privateKeyToAccount(DEV.privateKey).signMessage({ message: { raw } });
    assertEquals((await call("eth_sign", DEV.address, raw)).result, expected);
  });
});

Deno.test("eth_signTypedData_v4 signs an object and its JSON text as viem does", async () => {
  await withAccountServer({}, async ({ call }) => {
    const { amount, memo } = TYPED_DATA.message;
    const expected = await privateKeyToAccount(DEV.privateKey)
      .signTypedData({ ...TYPED_DATA, domain: { chainId: 1337n }, message: { amount: BigInt(amount), memo } });
    assertEquals((await call("eth_signTypedData_v4", DEV.address, TYPED_DATA)).result, expected);
    assertEquals((await call("eth_signTypedData_v4", DEV.address, JSON.stringify(TYPED_DATA))).result, expected);
  });
});

Deno.test("Signing fails for an unknown and for a locked account as geth does", async () => {
  await withAccountServer({ keystore: true }, async ({ call }) => {
    await call("personal_importRawKey", KEY, PASSWORD);
    for (const [method, payload] of [["eth_sign", "0x00"], ["eth_signTypedData_v4", TYPED_DATA]] as const) {
      const unknown = await call(method, STRANGER, payload);
      assertEquals(unknown.error, { code: -32000, message: "unknown account" });
      const locked = await call(method, KEY_ADDRESS, payload);
      assertEquals(locked.error, { code: -32000, message: "authentication needed: password or unlock" });
    }
  });
});

Deno.test("Bad typed data is a bad argument, with the place of the mistake", async () => {
  await withAccountServer({}, async ({ call }) => {
    const value = { ...TYPED_DATA, message: { amount: "1.5", memo: "" } };
    assertEquals((await call("eth_signTypedData_v4", DEV.address, value)).error, {
      code: -32602,
      message: 'invalid argument 1: typed data: message.amount: want uint256, got "1.5"',
    });
  });
});
