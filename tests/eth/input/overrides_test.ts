import { blockOverrides, stateOverrides } from "../../../src/eth/input/overrides.ts";
import type { Schema } from "../../../src/rpc/schema.ts";
import { assertReads, assertRefuses } from "./reading.ts";

const ADDRESS = `0x${"aa".repeat(20)}`;
const ONE = `0x${"00".repeat(31)}01`;

Deno.test("stateOverrides reads accounts by address, in lower case", () => {
  const upper = ADDRESS.toUpperCase().replace("0X", "0x");
  const slots = { [ONE]: ONE };
  const given = { nonce: "0x1", code: "0xFE", balance: "0x2", stateDiff: slots, movePrecompileToAddress: ADDRESS };
  assertReads(stateOverrides as Schema<unknown>, [
    [{ [upper]: given }, { [ADDRESS]: { ...given, nonce: 1n, code: "0xfe", balance: 2n } }],
    [{ [ADDRESS]: { state: {}, code: null } }, { [ADDRESS]: { state: {} } }],
  ]);
});

Deno.test("stateOverrides refuses with the texts of geth's override package", () => {
  assertRefuses(stateOverrides, [
    [[], "json: cannot unmarshal array into Go value of type override.StateOverride"],
    [{ "0x12": {} }, "hex string has length 2, want 40 for common.Address"],
    [
      { aa: {} },
      "json: cannot unmarshal hex string without 0x prefix into Go value of type common.Address",
    ],
    [{ [ADDRESS]: 1 }, "json: cannot unmarshal number into Go value of type override.OverrideAccount"],
    [
      { [ADDRESS]: { balance: "1" } },
      "json: cannot unmarshal hex string without 0x prefix into Go struct field OverrideAccount.balance of type *hexutil.Big",
    ],
    [
      { [ADDRESS]: { state: { "0x1": ONE } } },
      "json: cannot unmarshal hex string of odd length into Go struct field OverrideAccount.state of type common.Hash",
    ],
    [{ [ADDRESS]: { stateDiff: { [ONE]: "0x" } } }, "hex string has length 0, want 64 for common.Hash"],
  ]);
});

Deno.test("stateOverrides counts accounts, slots and code before it reads one of them", () => {
  const slots = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`not a hash ${i}`, ONE]));
  assertRefuses(stateOverrides, [
    [
      { [ADDRESS]: { stateDiff: slots(8_192) } },
      "too many state overrides: 8193 accounts and slots, want at most 8192",
    ],
    [{ [ADDRESS]: { State: slots(9_000) } }, "too many state overrides: 9001 accounts and slots, want at most 8192"],
    [
      { [ADDRESS]: { code: `0x${"zz".repeat(2 ** 21)}` } },
      "too much code in state overrides: want at most 4194304 characters",
    ],
  ]);
});

Deno.test("blockOverrides reads fields in any case and names Go's fields in errors", () => {
  assertReads(blockOverrides, [
    [{ number: "0x1", Time: "0x2", gaslimit: "0x3", other: 1 }, { number: 1n, time: 2n, gasLimit: 3n }],
    [
      { withdrawals: [{ index: "0x1", address: ADDRESS }] },
      { withdrawals: [{ index: 1n, validatorIndex: 0n, address: ADDRESS as `0x${string}`, amount: 0n }] },
    ],
  ]);
  assertRefuses(blockOverrides, [
    ["latest", "json: cannot unmarshal string into Go value of type override.BlockOverrides"],
    [
      { number: 5 },
      "json: cannot unmarshal non-string into Go struct field BlockOverrides.Number of type *hexutil.Big",
    ],
    [{ feeRecipient: "0x" }, "hex string has length 0, want 40 for common.Address"],
    [
      { withdrawals: [{ amount: 1 }] },
      "json: cannot unmarshal non-string into Go struct field BlockOverrides.Withdrawals.amount of type hexutil.Uint64",
    ],
  ]);
});
