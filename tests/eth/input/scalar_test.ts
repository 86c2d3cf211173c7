import {
  address,
  big,
  data,
  hash,
  hexOrDecimal,
  index,
  jsonUint64,
  uint256,
  uint64,
} from "../../../src/eth/input/scalar.ts";
import { assertReads, assertRefuses } from "./reading.ts";

const into = (type: string) => `into Go value of type ${type}`;

Deno.test("uint64 refuses with the texts of hexutil.Uint64", () => {
  assertRefuses(uint64, [
    ["0x01", `json: cannot unmarshal hex number with leading zero digits ${into("hexutil.Uint64")}`],
    ["0x00", `json: cannot unmarshal hex number with leading zero digits ${into("hexutil.Uint64")}`],
    ["10", `json: cannot unmarshal hex string without 0x prefix ${into("hexutil.Uint64")}`],
    ["0x", `json: cannot unmarshal hex string "0x" ${into("hexutil.Uint64")}`],
    ["0xzz", `json: cannot unmarshal invalid hex string ${into("hexutil.Uint64")}`],
    ["0x10000000000000000", `json: cannot unmarshal hex number > 64 bits ${into("hexutil.Uint64")}`],
    ["0xzzzzzzzzzzzzzzzzz", `json: cannot unmarshal hex number > 64 bits ${into("hexutil.Uint64")}`],
    [1, `json: cannot unmarshal non-string ${into("hexutil.Uint64")}`],
    [null, `json: cannot unmarshal non-string ${into("hexutil.Uint64")}`],
    [{}, `json: cannot unmarshal non-string ${into("hexutil.Uint64")}`],
  ]);
});

Deno.test("uint64 reads every 64-bit number, and the empty string as zero", () => {
  assertReads(uint64, [
    ["0x0", 0n],
    ["", 0n],
    ["0xFf", 255n],
    ["0Xa", 10n],
    ["0xffffffffffffffff", 2n ** 64n - 1n],
  ]);
});

Deno.test("big refuses with the texts of *hexutil.Big, and ends at 256 bits", () => {
  assertReads(big, [[`0x${"f".repeat(64)}`, 2n ** 256n - 1n], ["0x1", 1n]]);
  assertRefuses(big, [
    [`0x1${"0".repeat(64)}`, `json: cannot unmarshal hex number > 256 bits ${into("*hexutil.Big")}`],
    ["0x0a", `json: cannot unmarshal hex number with leading zero digits ${into("*hexutil.Big")}`],
    ["abc", `json: cannot unmarshal hex string without 0x prefix ${into("*hexutil.Big")}`],
    [true, `json: cannot unmarshal non-string ${into("*hexutil.Big")}`],
  ]);
});

Deno.test("uint256 names holiman/uint256's type", () => {
  assertRefuses(uint256, [[
    "0x00",
    `json: cannot unmarshal hex number with leading zero digits ${into("*uint256.Int")}`,
  ]]);
});

Deno.test("index reads positions and clamps what is beyond any list", () => {
  assertReads(index, [["0x0", 0], ["0x10", 16], ["0xffffffffffffffff", Number.MAX_SAFE_INTEGER]]);
  assertRefuses(index, [
    [0, `json: cannot unmarshal non-string ${into("hexutil.Uint")}`],
    ["0x10000000000000000", `json: cannot unmarshal hex number > 64 bits ${into("hexutil.Uint")}`],
  ]);
});

Deno.test("data reads bytes of any length in lower case", () => {
  assertReads(data, [["0x", "0x"], ["", "0x"], ["0xABcd", "0xabcd"], ["0Xff", "0xff"]]);
  assertRefuses(data, [
    ["0x1", `json: cannot unmarshal hex string of odd length ${into("hexutil.Bytes")}`],
    ["0xz", `json: cannot unmarshal hex string of odd length ${into("hexutil.Bytes")}`],
    ["0xzz", `json: cannot unmarshal invalid hex string ${into("hexutil.Bytes")}`],
    ["12", `json: cannot unmarshal hex string without 0x prefix ${into("hexutil.Bytes")}`],
    [[], `json: cannot unmarshal non-string ${into("hexutil.Bytes")}`],
  ]);
});

Deno.test("address wants 40 digits and reads them in lower case", () => {
  const mixed = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045";
  assertReads(address, [[mixed, mixed.toLowerCase() as `0x${string}`]]);
  assertRefuses(address, [
    ["0x12", "hex string has length 2, want 40 for common.Address"],
    ["0x", "hex string has length 0, want 40 for common.Address"],
    ["", "hex string has length 0, want 40 for common.Address"],
    [`0x${"0".repeat(42)}`, "hex string has length 42, want 40 for common.Address"],
    ["0x123", `json: cannot unmarshal hex string of odd length ${into("common.Address")}`],
    [`0x${"g".repeat(40)}`, `json: cannot unmarshal invalid hex string ${into("common.Address")}`],
    [
      "d8dA6BF26964aF9D7eEd9e03E53415D37aA96045",
      `json: cannot unmarshal hex string without 0x prefix ${into("common.Address")}`,
    ],
    [1, `json: cannot unmarshal non-string ${into("common.Address")}`],
  ]);
});

Deno.test("hash wants 64 digits", () => {
  assertRefuses(hash, [
    ["0x1234", "hex string has length 4, want 64 for common.Hash"],
    [
      "1000000000000000000000000000000000000000000000000000000000000001",
      `json: cannot unmarshal hex string without 0x prefix ${into("common.Hash")}`,
    ],
  ]);
});

Deno.test("jsonUint64 takes whole JSON numbers only", () => {
  assertReads(jsonUint64, [[0, 0], [20_000, 20_000], [2n ** 60n, 2 ** 60]]);
  assertRefuses(jsonUint64, [
    ["1", "json: cannot unmarshal string into Go value of type uint64"],
    [-1, "json: cannot unmarshal number -1 into Go value of type uint64"],
    [1.5, "json: cannot unmarshal number 1.5 into Go value of type uint64"],
    [2n ** 64n, "json: cannot unmarshal number 18446744073709551616 into Go value of type uint64"],
    [[], "json: cannot unmarshal array into Go value of type uint64"],
  ]);
});

Deno.test("hexOrDecimal reads a block count in each of the three ways that clients write it", () => {
  assertReads(hexOrDecimal, [[4, 4n], ["4", 4n], ["0x4", 4n], ["0x04", 4n], ["", 0n], [2n ** 63n, 2n ** 63n]]);
  assertRefuses(hexOrDecimal, [
    ["0x", 'invalid hex or decimal integer "0x"'],
    ["four", 'invalid hex or decimal integer "four"'],
    ["-1", 'invalid hex or decimal integer "-1"'],
    [-1, 'invalid hex or decimal integer "-1"'],
    [1.5, 'invalid hex or decimal integer "1.5"'],
    [true, 'invalid hex or decimal integer "true"'],
    [[2n ** 64n], 'invalid hex or decimal integer "array"'],
    [2n ** 64n, 'invalid hex or decimal integer "18446744073709551616"'],
  ]);
});
