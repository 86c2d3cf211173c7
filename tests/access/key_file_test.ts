import { assert, assertEquals, assertThrows } from "@std/assert";
import { KeyFileError, LIMIT_MEMBERS, MEMBERS, parseKeyFile } from "../../src/access/key_file.ts";

const HASH = `sha256:${"ab".repeat(32)}`;
const OTHER = `sha256:${"cd".repeat(32)}`;

function reasonOf(value: unknown): string {
  return assertThrows(() => parseKeyFile(JSON.stringify(value)), KeyFileError).message;
}

Deno.test("Every member of an entry is read", () => {
  const limits = { connections: 1, subscriptions: 2, inFlight: 3, requestsPerSecond: 0.5, burst: 5, bytesPerSecond: 6 };
  const [entry] = parseKeyFile(JSON.stringify({
    keys: [{
      name: "indexer",
      hash: HASH,
      allow: ["eth", "net_version", "debug_trace*"],
      deny: ["eth_sign"],
      origins: ["https://app.example.org"],
      addresses: ["10.0.0.0/8"],
      limits: { ...limits, weights: { eth_getLogs: 5 } },
      expires: "2027-01-31T00:00:00Z",
      disabled: true,
    }],
  }));
  assert(entry !== undefined);
  assertEquals(entry.name, "indexer");
  assertEquals(entry.hash.toHex(), "ab".repeat(32));
  assertEquals(entry.rights, { allow: ["eth", "net_version", "debug_trace*"], deny: ["eth_sign"] });
  assertEquals(entry.limits, { ...limits, weights: { eth_getLogs: 5 } });
  assertEquals(entry.origins?.rules, ["https://app.example.org"]);
  assertEquals(entry.addresses?.map(({ text }) => text), ["10.0.0.0/8"]);
  assertEquals(entry.expiresAt, Date.UTC(2027, 0, 31));
  assertEquals(entry.disabled, true);
  assertEquals(
    Object.keys(limits).toSorted(),
    Object.keys(LIMIT_MEMBERS).filter((name) => name !== "weights").toSorted(),
  );
});

Deno.test("A list alone is a file too, and an entry needs only a name and a hash", () => {
  const [entry] = parseKeyFile(JSON.stringify([{ name: "a", hash: HASH }]));
  assertEquals([entry?.rights, entry?.limits, entry?.disabled], [{ allow: undefined, deny: undefined }, {}, false]);
  assertEquals(parseKeyFile("[]"), []);
});

const KEY = { name: "a", hash: HASH };
/** what is wrong, and what is said about it */
const FAULTS: readonly [unknown, string][] = [
  [7, 'expected a list, or {"keys": [...]}'],
  [[7], "keys[0]: expected an object"],
  [[{ ...KEY, key: "x" }], `keys[0]: unknown member "key"; known are ${Object.keys(MEMBERS).join(", ")}`],
  [[{ hash: HASH }], "keys[0].name: expected 1 to 64 letters, digits or . _ -"],
  [[{ ...KEY, name: "a\nb" }], "keys[0].name: expected 1 to 64 letters, digits or . _ -"],
  [
    [{ ...KEY, hash: "s3cret" }],
    "keys[0].hash: expected sha256: and 64 hex digits; --auth.newkey makes a key and its hash",
  ],
  [[KEY, { ...KEY, hash: OTHER }], "keys[1].name: keys[0] has the same name"],
  [[KEY, { ...KEY, name: "b" }], "keys[1].hash: keys[0] has the same hash"],
  [
    [{ ...KEY, allow: "eth" }],
    'keys[0].allow: expected a list of namespaces and methods, such as ["eth", "net_version"]',
  ],
  [[{ ...KEY, allow: [] }], 'keys[0].allow: expected a list of namespaces and methods, such as ["eth", "net_version"]'],
  [
    [{ ...KEY, deny: ["eth", "*_call"] }],
    'keys[0].deny[1]: expected a namespace, a method, or the beginning of one and *, got "*_call"',
  ],
  [[{ ...KEY, origins: ["https://"] }], 'keys[0].origins: "https://" matches nothing: '],
  [
    [{ ...KEY, addresses: ["10.0.0.1/8"] }],
    'keys[0].addresses[0]: expected an address or a range without bits behind its length, got "10.0.0.1/8"',
  ],
  [
    [{ ...KEY, limits: { rps: 1 } }],
    `keys[0].limits: unknown member "rps"; known are ${Object.keys(LIMIT_MEMBERS).join(", ")}`,
  ],
  [[{ ...KEY, limits: { connections: 1.5 } }], "keys[0].limits.connections: expected a whole number above 0"],
  [[{ ...KEY, limits: { requestsPerSecond: 0 } }], "keys[0].limits.requestsPerSecond: expected a number above 0"],
  [[{ ...KEY, limits: { burst: 5 } }], "keys[0].limits.burst: has no meaning without requestsPerSecond"],
  [[{ ...KEY, limits: { weights: { eth_call: -1 } } }], "keys[0].limits.weights.eth_call: expected a number from 0"],
  [[{ ...KEY, expires: "2027-01-31" }], "keys[0].expires: expected a time with its zone, such as 2027-01-31T00:00:00Z"],
  [[{ ...KEY, disabled: "no" }], "keys[0].disabled: expected true or false"],
];

Deno.test("A fault is named with its place", () => {
  for (const [value, reason] of FAULTS) {
    const said = reasonOf(value);
    assertEquals(reason.endsWith(": ") ? said.slice(0, reason.length) : said, reason);
  }
});

Deno.test("No reason repeats what may be a secret", () => {
  const secret = `sp_${"s".repeat(43)}`;
  const syntax = assertThrows(() => parseKeyFile(`[{"name": "a", "hash": "${secret}" oops}]`), KeyFileError);
  assertEquals(syntax.message, "the file is no JSON");
  assert(!reasonOf([{ ...KEY, hash: secret }]).includes(secret));
});
