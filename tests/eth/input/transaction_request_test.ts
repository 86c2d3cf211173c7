import { assertEquals, assertThrows } from "@std/assert";
import { callRequest, transactionRequest } from "../../../src/eth/input/transaction_request.ts";
import { ValueError } from "../../../src/rpc/schema.ts";
import { RpcError } from "../../../src/rpc/error.ts";
import { assertReads, assertRefuses } from "./reading.ts";

const ADDRESS = "0x00000000000000000000000000000000000000aa";
const SLOT = `0x${"00".repeat(31)}01`;

const field = (name: string, type: string) => `into Go struct field TransactionArgs.${name} of type ${type}`;

Deno.test("transactionRequest reads every field, drops nulls and ignores what it does not know", () => {
  assertReads(transactionRequest, [
    [{}, {}],
    [{ from: null, to: null, colour: "red" }, {}],
    [
      {
        type: "0x2",
        from: ADDRESS.replace("aa", "AA"),
        to: ADDRESS,
        gas: "0x5208",
        maxFeePerGas: "0x2",
        maxPriorityFeePerGas: "0x1",
        value: "0x0",
        nonce: "0x7",
        data: "0xFF",
        chainId: "0x539",
        accessList: [{ address: ADDRESS, storageKeys: [SLOT] }],
      },
      {
        type: 2,
        from: ADDRESS,
        to: ADDRESS,
        gas: 21000n,
        maxFeePerGas: 2n,
        maxPriorityFeePerGas: 1n,
        value: 0n,
        nonce: 7n,
        input: "0xff",
        chainId: 1337n,
        accessList: [{ address: ADDRESS, storageKeys: [SLOT as `0x${string}`] }],
      },
    ],
  ]);
});

Deno.test("transactionRequest matches names in any case, as Go's decoder does", () => {
  assertReads(transactionRequest, [[{ GASPRICE: "0x1", Input: "0x01" }, { gasPrice: 1n, input: "0x01" }]]);
});

Deno.test("transactionRequest ignores a type that names none, as geth ignores the field", () => {
  for (const type of ["0x80", "two", 2, {}, "0x02"]) assertEquals(transactionRequest.read({ type }), {});
});

Deno.test("transactionRequest refuses contradicting data and input with geth's -32000", () => {
  const error = assertThrows(() => transactionRequest.read({ data: "0x01", input: "0x02" }), RpcError);
  assertEquals([error.code, error.message], [
    -32000,
    'both "data" and "input" are set and not equal. Please use "input" to pass transaction call data',
  ]);
  assertEquals(transactionRequest.read({ data: "0xAB", input: "0xab" }), { input: "0xab" });
});

Deno.test("callRequest prefers input to data, as geth's eth_call does", () => {
  assertEquals(callRequest.read({ data: "0x01", input: "0x02" }), { input: "0x02" });
  assertEquals(callRequest.read({ data: "0x01" }), { input: "0x01" });
});

Deno.test("transactionRequest names the struct and the path to the field that could not be read", () => {
  assertRefuses(transactionRequest, [
    [1, "json: cannot unmarshal number into Go value of type ethapi.TransactionArgs"],
    ["0x", "json: cannot unmarshal string into Go value of type ethapi.TransactionArgs"],
    [[], "json: cannot unmarshal array into Go value of type ethapi.TransactionArgs"],
    [{ gas: "0x01" }, `json: cannot unmarshal hex number with leading zero digits ${field("gas", "hexutil.Uint64")}`],
    [{ value: 1 }, `json: cannot unmarshal non-string ${field("value", "*hexutil.Big")}`],
    [{ to: "0x12" }, "hex string has length 2, want 40 for common.Address"],
    [{ from: "aa" }, `json: cannot unmarshal hex string without 0x prefix ${field("from", "common.Address")}`],
    [{ input: "0x1" }, `json: cannot unmarshal hex string of odd length ${field("input", "hexutil.Bytes")}`],
    [{ accessList: {} }, `json: cannot unmarshal object ${field("accessList", "types.AccessList")}`],
    [{ accessList: [{}] }, "missing required field 'address' for AccessTuple"],
    [{ accessList: [{ address: ADDRESS }] }, "missing required field 'storageKeys' for AccessTuple"],
    [
      { accessList: [{ address: ADDRESS, storageKeys: [1] }] },
      `json: cannot unmarshal non-string ${field("accessList.storageKeys", "common.Hash")}`,
    ],
    [{ blobs: ["0x00"] }, "hex string has length 2, want 262144 for kzg4844.Blob"],
    [{ authorizationList: [{ chainId: "0x1" }] }, "missing required field 'address' for SetCodeAuthorization"],
    [
      { authorizationList: [{ chainId: 1 }] },
      `json: cannot unmarshal non-string ${field("authorizationList.chainId", "*uint256.Int")}`,
    ],
  ]);
});

Deno.test("transactionRequest reads authorizations (EIP-7702)", () => {
  const authorization = { chainId: "0x0", address: ADDRESS, nonce: "0x1", yParity: "0x1", r: "0x2", s: "0x3" };
  assertEquals(transactionRequest.read({ authorizationList: [authorization] }), {
    authorizationList: [{ chainId: 0n, address: ADDRESS, nonce: 1n, yParity: 1n, r: 2n, s: 3n }],
  });
  const wrong = { ...authorization, yParity: "0x2" };
  assertThrows(
    () => transactionRequest.read({ authorizationList: [wrong] }),
    ValueError,
    "'yParity' field must be 0 or 1",
  );
});
