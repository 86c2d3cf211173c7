import { assert, assertEquals } from "@std/assert";
import { readArguments } from "../../src/rpc/arguments.ts";
import { RpcError } from "../../src/rpc/error.ts";
import { Random } from "../support/random.ts";
import { sampleOf } from "../support/argument_samples.ts";
import { testTables } from "../support/tables.ts";

const ROUNDS = 300;
const SEED = 20_261_122;

const KEYS = [
  ...["from", "to", "data", "input", "value", "gas", "nonce", "type", "accessList", "authorizationList", "address"],
  ...["topics", "blockHash", "fromBlock", "toBlock", "blockNumber", "requireCanonical", "storageKeys", "balance"],
  ...["state", "stateDiff", "number", "withdrawals", "__proto__", "constructor", "toString", "", "FROM", "chainId"],
];

const SCALARS: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, 1.5, 1e308, 2n ** 64n, -(2n ** 70n), "", "0x", "0X", "0", "x", "\ud800", "\u0000"],
  ...["latest", "pending", "0x0", "0x00", "0x1g", "0xffffffffffffffff", "0x10000000000000000", `0x${"f".repeat(65)}`],
  ...[`0x${"a".repeat(40)}`, `0x${"b".repeat(64)}`, `0X${"C".repeat(40)}`, `0x${"d".repeat(63)}`, "０x1", "0x１"],
];

/** Any JSON value, as the RPC core hands it over: integers beyond 2^53 are bigint. */
function randomValue(random: Random, depth = 0): unknown {
  const kind = random.below(depth > 3 ? 4 : 8);
  if (kind < 4) return SCALARS[random.below(SCALARS.length)];
  if (kind < 6) return Array.from({ length: random.below(5) }, () => randomValue(random, depth + 1));
  const entries = Array.from(
    { length: random.below(5) },
    () => [randomKey(random), randomValue(random, depth + 1)] as const,
  );
  return Object.fromEntries(entries);
}

function randomKey(random: Random): string {
  return random.below(4) === 0
    ? `0x${"a".repeat([39, 40, 64, 65][random.below(4)] ?? 0)}`
    : KEYS[random.below(KEYS.length)] ?? "";
}

Deno.test("No argument, however odd, makes a row fail with anything but an error for the client", () => {
  const random = new Random(SEED);
  let accepted = 0;
  let refused = 0;
  for (const { methods } of testTables()) {
    for (const [name, { params }] of Object.entries(methods)) {
      for (let round = 0; round < ROUNDS && params.length > 0; round++) {
        const args = params.map(({ schema }) => random.below(3) === 0 ? sampleOf(schema).good : randomValue(random));
        try {
          readArguments(args, params);
          accepted++;
        } catch (error) {
          assert(error instanceof RpcError, `${name}(${Deno.inspect(args)}): ${error}`);
          assertEquals([-32602, -32000].includes(error.code), true, `${name}: ${error.code} ${error.message}`);
          refused++;
        }
      }
    }
  }
  assert(accepted > 1000 && refused > 5000, `${accepted} accepted, ${refused} refused`);
});
