import { accessList } from "../../src/eth/input/access_list.ts";
import { blockNumber, blockNumberOrHash } from "../../src/eth/input/block_ref.ts";
import { logQuery } from "../../src/eth/input/log_query.ts";
import { blockOverrides, stateOverrides } from "../../src/eth/input/overrides.ts";
import {
  address,
  big,
  data,
  hash,
  hexOrDecimal,
  hexOrDecimal256,
  index,
  jsonUint64,
  uint64,
} from "../../src/eth/input/scalar.ts";
import { callRequest, transactionRequest } from "../../src/eth/input/transaction_request.ts";
import { boolean, type Schema, string, ValueError } from "../../src/rpc/schema.ts";

/** What may be sent for a parameter, and what may not with the text that comes after `invalid argument N: `. */
export interface Sample {
  readonly good: unknown;
  readonly bad: readonly (readonly [value: unknown, text: string])[];
}

const ADDRESS = `0x${"aa".repeat(20)}`;
const HASH = `0x${"bb".repeat(32)}`;
const NOT_A_STRING = "json: cannot unmarshal non-string into Go value of type";

const KNOWN: ReadonlyMap<Schema<unknown>, Sample> = new Map<Schema<unknown>, Sample>([
  [address, { good: ADDRESS, bad: [["0x12", "hex string has length 2, want 40 for common.Address"]] }],
  [hash, {
    good: HASH,
    bad: [["0x12", "hex string has length 2, want 64 for common.Hash"], [7, `${NOT_A_STRING} common.Hash`]],
  }],
  [data, { good: "0x00", bad: [[7, `${NOT_A_STRING} hexutil.Bytes`]] }],
  [index, { good: "0x0", bad: [[0, `${NOT_A_STRING} hexutil.Uint`]] }],
  [uint64, { good: "0x0", bad: [[0, `${NOT_A_STRING} hexutil.Uint64`]] }],
  [big, { good: "0x0", bad: [[0, `${NOT_A_STRING} *hexutil.Big`]] }],
  [jsonUint64, { good: 0, bad: [["0", "json: cannot unmarshal string into Go value of type uint64"]] }],
  [hexOrDecimal, { good: "0x1", bad: [["one", 'invalid hex or decimal integer "one"']] }],
  [hexOrDecimal256, { good: 1, bad: [[-1, 'invalid hex or decimal integer "-1"']] }],
  [string, { good: "1", bad: [[7, "json: cannot unmarshal number into Go value of type string"]] }],
  [boolean, { good: true, bad: [["yes", "json: cannot unmarshal string into Go value of type bool"]] }],
  [blockNumber, {
    good: "latest",
    bad: [["2", "hex string without 0x prefix"], [2, "hex string without 0x prefix"], ["", "empty hex string"]],
  }],
  [blockNumberOrHash, {
    good: "latest",
    bad: [
      ["2", "hex string without 0x prefix"],
      [2, "json: cannot unmarshal number into Go value of type string"],
      [
        { blockNumber: "0x1", blockHash: HASH },
        "cannot specify both BlockHash and BlockNumber, choose one or the other",
      ],
    ],
  }],
  [transactionRequest, {
    good: { from: ADDRESS, to: ADDRESS },
    bad: [["0x", "json: cannot unmarshal string into Go value of type ethapi.TransactionArgs"]],
  }],
  [callRequest, {
    good: { to: ADDRESS },
    bad: [
      ["0x", "json: cannot unmarshal string into Go value of type ethapi.TransactionArgs"],
      [
        { value: "1" },
        "json: cannot unmarshal hex string without 0x prefix into Go struct field TransactionArgs.value of type *hexutil.Big",
      ],
    ],
  }],
  [stateOverrides, {
    good: {},
    bad: [[[], "json: cannot unmarshal array into Go value of type override.StateOverride"]],
  }],
  [blockOverrides, {
    good: {},
    bad: [[[], "json: cannot unmarshal array into Go value of type override.BlockOverrides"]],
  }],
  [logQuery, { good: {}, bad: [[7, "json: cannot unmarshal number into Go value of type filters.input"]] }],
  [accessList, { good: [], bad: [[{}, "json: cannot unmarshal object into Go value of type types.AccessList"]] }],
]);

const TYPED_DATA = {
  types: { EIP712Domain: [], Note: [{ name: "text", type: "string" }] },
  primaryType: "Note",
  domain: {},
  message: { text: "hello" },
};

const PAYLOAD_ATTRIBUTES = { timestamp: "0x1", prevRandao: HASH, suggestedFeeRecipient: ADDRESS };

/** Values of every kind, to find by trial what a schema takes that has no entry above. */
const TRIALS: readonly unknown[] = [
  ...["0x1", ADDRESS, HASH, "latest", "newHeads", true, 1, {}, [], [HASH], [ADDRESS], ["0x1"]],
  ...[{ [ADDRESS]: [HASH] }, TYPED_DATA, PAYLOAD_ATTRIBUTES, null, -1, 1.5, "", "no value of any kind", [[[]]], [{
    no: "value",
  }]],
];

function refusal(schema: Schema<unknown>, value: unknown): string | undefined {
  try {
    schema.read(value);
    return undefined;
  } catch (error) {
    if (error instanceof ValueError) return error.message;
    throw error;
  }
}

/** What to send for a parameter: the exact texts where the schema is a shared one, else what it says itself. */
export function sampleOf(schema: Schema<unknown>): Sample {
  const known = KNOWN.get(schema);
  if (known !== undefined) return known;
  const refused = TRIALS.map((value) => [value, refusal(schema, value)] as const);
  const good = refused.find(([, text]) => text === undefined);
  if (good === undefined) throw new Error(`no trial value fits ${JSON.stringify(schema.json)}`);
  const bad = refused.flatMap(([value, text]) => text === undefined || value === null ? [] : [[value, text] as const]);
  return { good: good[0], bad };
}
