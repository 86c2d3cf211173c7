import { blockNumber, blockNumberOrHash } from "../../../src/eth/input/block_ref.ts";
import { assertReads, assertRefuses } from "./reading.ts";

const HASH = `0x${"ab".repeat(32)}` as const;
const CONFUSED = "json: cannot unmarshal object into Go value of type string";

Deno.test("blockNumber reads numbers and the five tags", () => {
  assertReads(blockNumber, [
    ["0x0", { number: 0n }],
    ["0x7fffffffffffffff", { number: 2n ** 63n - 1n }],
    ["latest", { tag: "latest" }],
    ["pending", { tag: "pending" }],
    ["safe", { tag: "safe" }],
    ["finalized", { tag: "finalized" }],
    ["earliest", { tag: "earliest" }],
  ]);
});

Deno.test("blockNumber refuses with the bare texts of rpc.BlockNumber", () => {
  assertRefuses(blockNumber, [
    ["", "empty hex string"],
    ["2", "hex string without 0x prefix"],
    ["Latest", "hex string without 0x prefix"],
    [2, "hex string without 0x prefix"],
    [{}, "hex string without 0x prefix"],
    ["0x", 'hex string "0x"'],
    ["0x01", "hex number with leading zero digits"],
    ["0xg", "invalid hex string"],
    ["0x1g000000000000000000", "invalid hex string"],
    ["0x10000000000000000g", "hex number > 64 bits"],
    ["0x10000000000000000", "hex number > 64 bits"],
    ["0x8000000000000000", "block number larger than int64"],
    [HASH, "hex number > 64 bits"],
  ]);
});

Deno.test("blockNumberOrHash reads a hash bare and in EIP-1898's object", () => {
  assertReads(blockNumberOrHash, [
    [HASH, { hash: HASH, requireCanonical: false }],
    [HASH.toUpperCase().replace("0X", "0x"), { hash: HASH, requireCanonical: false }],
    [{ blockHash: HASH }, { hash: HASH, requireCanonical: false }],
    [{ blockHash: HASH, requireCanonical: true }, { hash: HASH, requireCanonical: true }],
    [{ blockNumber: "0x5" }, { number: 5n }],
    [{ blockNumber: "safe", blockHash: null }, { tag: "safe" }],
    [{ blocknumber: "0x6", colour: "red" }, { number: 6n }],
  ]);
});

Deno.test("blockNumberOrHash refuses with the texts of rpc.BlockNumberOrHash", () => {
  assertRefuses(blockNumberOrHash, [
    [
      { blockHash: HASH, blockNumber: "0x1" },
      "cannot specify both BlockHash and BlockNumber, choose one or the other",
    ],
    [{}, "must specify either BlockHash or BlockNumber"],
    [{ blockHash: "0x12" }, CONFUSED],
    [{ blockNumber: "0x01" }, CONFUSED],
    [{ blockHash: HASH, requireCanonical: "yes" }, CONFUSED],
    [5, "json: cannot unmarshal number into Go value of type string"],
    [true, "json: cannot unmarshal bool into Go value of type string"],
    [["latest"], "json: cannot unmarshal array into Go value of type string"],
    ["", "empty hex string"],
    ["soon", "hex string without 0x prefix"],
    ["0x8000000000000000", "blocknumber too high"],
    [`0x${"zz".repeat(32)}`, "invalid hex string"],
    ["a".repeat(66), "hex string without 0x prefix"],
  ]);
});
