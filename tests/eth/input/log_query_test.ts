import { logQuery } from "../../../src/eth/input/log_query.ts";
import { assertReads, assertRefuses } from "./reading.ts";

const ADDRESS = `0x${"aa".repeat(20)}` as const;
const TOPIC = `0x${"bb".repeat(32)}` as const;

Deno.test("logQuery reads one address or many, and topics by position", () => {
  assertReads(logQuery, [
    [{}, { addresses: [], topics: [] }],
    [{ address: ADDRESS }, { addresses: [ADDRESS], topics: [] }],
    [{ address: [ADDRESS, ADDRESS] }, { addresses: [ADDRESS, ADDRESS], topics: [] }],
    [{ address: null, topics: null }, { addresses: [], topics: [] }],
    [
      { topics: [null, TOPIC, [TOPIC, TOPIC], []] },
      { addresses: [], topics: [null, [TOPIC], [TOPIC, TOPIC], null] },
    ],
    [{ topics: [[TOPIC, null, "no topic, but never looked at"]] }, { addresses: [], topics: [null] }],
    [
      { fromBlock: "0x1", toBlock: "latest" },
      { addresses: [], topics: [], fromBlock: { number: 1n }, toBlock: { tag: "latest" } },
    ],
    [{ blockHash: TOPIC }, { addresses: [], topics: [], blockHash: TOPIC }],
  ]);
});

Deno.test("logQuery refuses with the texts of geth's FilterCriteria", () => {
  assertRefuses(logQuery, [
    ["x", "json: cannot unmarshal string into Go value of type filters.input"],
    [
      { blockHash: TOPIC, toBlock: "0x1" },
      "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other",
    ],
    [{ blockHash: "0x12" }, "hex string has length 2, want 64 for common.Hash"],
    [{ blockHash: 5 }, "json: cannot unmarshal non-string into Go struct field input.blockHash of type common.Hash"],
    [{ fromBlock: 5 }, "hex string without 0x prefix"],
    [{ address: 5 }, "invalid addresses in query"],
    [{ address: "0x12" }, "invalid address: hex has invalid length 1 after decoding; expected 20 for address"],
    [{ address: "" }, "invalid address: empty hex string"],
    [{ address: "0xzzz" }, "invalid address: invalid hex string"],
    [{ address: [ADDRESS, 5] }, "non-string address at index 1"],
    [{ address: [ADDRESS, "aa"] }, "invalid address at index 1: hex string without 0x prefix"],
    [{ topics: TOPIC }, "json: cannot unmarshal string into Go struct field input.topics of type []interface {}"],
    [{ topics: [1] }, "invalid topic(s)"],
    [{ topics: [[{}]] }, "invalid topic(s)"],
    [{ topics: ["0x123"] }, "hex string of odd length"],
    [{ topics: ["0x1234"] }, "hex has invalid length 2 after decoding; expected 32 for topic"],
    [{ topics: [null, null, null, null, null] }, "exceed max topics"],
  ]);
});
