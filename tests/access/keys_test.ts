import { assert, assertEquals } from "@std/assert";
import { timingSafeEqual } from "node:crypto";
import { hashOf, isKey, newKey } from "../../src/access/key.ts";
import { parseKeyFile } from "../../src/access/key_file.ts";
import { type Equal, Keys } from "../../src/access/keys.ts";
import type { Principal } from "../../src/rpc/mod.ts";
import type { Refusal } from "../../src/transport/mod.ts";

const NOW = Date.UTC(2026, 10, 25);

interface Use {
  readonly address?: string;
  readonly origin?: string;
}

function use(
  keys: Keys,
  token: string,
  { address = "10.0.0.1:5000", origin }: Use = {},
): Principal | Refusal | undefined {
  const request = new Request("http://localhost/", origin === undefined ? {} : { headers: { origin } });
  return keys.check({ token, via: "header" }, { request, address });
}

function verdict(decision: Principal | Refusal | undefined): string {
  if (decision === undefined) return "not mine";
  return "status" in decision ? `${decision.status} ${decision.sentence}` : decision.name;
}

/** One key with these members, and the credential that knows it. */
function one(members: Record<string, unknown>): { keys: Keys; key: string } {
  const { key, hash } = newKey();
  const entries = parseKeyFile(JSON.stringify([{ name: "a", hash, ...members }]));
  return { keys: new Keys(entries, { now: () => NOW }), key };
}

Deno.test("A key has a form of its own, and its hash is SHA-256 of its text", async () => {
  const { key, hash } = newKey();
  assert(isKey(key) && key.length === 46, key);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  assertEquals(hash, `sha256:${new Uint8Array(digest).toHex()}`);
  assert(newKey().key !== key);
});

Deno.test("A key is admitted by its entry: what is missing is said", () => {
  const cases: readonly [members: Record<string, unknown>, use: Use, verdict: string][] = [
    [{}, {}, "a"],
    [{ disabled: true }, {}, "401 the key a is disabled"],
    [{ expires: "2026-11-25T00:00:00Z" }, {}, "401 the key a has expired"],
    [{ expires: "2026-11-25T00:00:01Z" }, {}, "a"],
    [{ addresses: ["10.0.0.0/8"] }, {}, "a"],
    [{ addresses: ["10.0.0.0/8"] }, { address: "[::ffff:10.0.0.9]:80" }, "a"],
    [{ addresses: ["10.0.0.0/8"] }, { address: "192.168.0.1:80" }, "403 the key a may not be used from 192.168.0.1"],
    [{ addresses: ["10.0.0.0/8"] }, { address: "unix" }, "403 the key a may not be used from unix"],
    [{ addresses: ["2001:db8::/32"] }, { address: "[2001:db8::7]:80" }, "a"],
    [{ origins: ["https://app.example"] }, {}, "403 the key a is for pages only: the Origin header is missing"],
    [{ origins: ["https://app.example"] }, { origin: "https://app.example" }, "a"],
    [
      { origins: ["https://app.example"] },
      { origin: "https://evil.example" },
      "403 the key a may not be used by pages of this origin",
    ],
  ];
  for (const [members, how, expected] of cases) {
    const { keys, key } = one(members);
    assertEquals(verdict(use(keys, key, how)), expected, JSON.stringify([members, how]));
  }
});

Deno.test("A token of another form is left to other credentials, an unknown key is not", () => {
  const { keys } = one({});
  assertEquals(verdict(use(keys, "eyJhbGciOiJIUzI1NiJ9.e30.x")), "not mine");
  assertEquals(verdict(use(keys, newKey().key)), "401 no such key");
});

Deno.test("Every look-up compares whole hashes, as many for an unknown key as for a known one", () => {
  const compared: number[] = [];
  const equal: Equal = (one, other) => {
    compared.push(one.length, other.length);
    return timingSafeEqual(one, other);
  };
  const known = newKey();
  const entries = Array.from({ length: 50 }, (_, index) => ({ name: `k${index}`, hash: newKey().hash }));
  const keys = new Keys(parseKeyFile(JSON.stringify([...entries, { name: "known", hash: known.hash }])), { equal });
  for (const token of [known.key, newKey().key, `sp_${"A".repeat(43)}`]) {
    compared.length = 0;
    use(keys, token);
    assertEquals(compared, [32, 32], token);
  }
});

Deno.test("Two hashes with the same beginning are told apart by the rest, and every one of them is compared", () => {
  const { key } = newKey();
  const hash = hashOf(key);
  const twin = Uint8Array.from(hash);
  twin[31] = (twin[31] ?? 0) ^ 1;
  const text = (name: string, bytes: Uint8Array) => ({ name, hash: `sha256:${Uint8Array.from(bytes).toHex()}` });
  let comparisons = 0;
  const keys = new Keys(parseKeyFile(JSON.stringify([text("right", hash), text("twin", twin)])), {
    equal: (one, other) => {
      comparisons += 1;
      return timingSafeEqual(one, other);
    },
  });
  assertEquals(verdict(use(keys, key)), "right");
  assertEquals(comparisons, 2);
});

Deno.test("A file that is read again keeps the principals of unchanged entries and drops the others", () => {
  const [a, b] = [newKey(), newKey()];
  const read = (entries: readonly unknown[]) => parseKeyFile(JSON.stringify(entries));
  const keys = new Keys(read([{ name: "a", hash: a.hash }, { name: "b", hash: b.hash }]));
  const [first, second] = [use(keys, a.key), use(keys, b.key)] as Principal[];
  assert(first !== undefined && second !== undefined);
  keys.replace(read([{ name: "a", hash: a.hash }, { name: "b", hash: b.hash, allow: ["eth"] }]));
  assertEquals([keys.hasRevoked(first), keys.hasRevoked(second)], [false, true]);
  assert(use(keys, a.key) === first);
  keys.replace(read([{ name: "a", hash: a.hash, disabled: true }]));
  assertEquals([keys.hasRevoked(first), keys.hasRevoked({ name: "of another credential" })], [true, false]);
  assertEquals(verdict(use(keys, b.key)), "401 no such key");
});
