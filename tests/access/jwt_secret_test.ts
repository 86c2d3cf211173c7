import { assertEquals } from "@std/assert";
import type { Principal } from "../../src/rpc/mod.ts";
import { JwtSecret } from "../../src/access/jwt_secret.ts";
import type { Refusal } from "../../src/transport/mod.ts";
import { hs256, segment } from "./token_maker.ts";

const NOW_MS = 1_800_000_000_500;
const NOW = 1_800_000_000;
const SECRET = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);
const GOOD = { iat: NOW };

async function check(token: string, others?: readonly string[]): Promise<Principal | Refusal | undefined> {
  const credential = await JwtSecret.create(SECRET, { now: () => NOW_MS, ...others === undefined ? {} : { others } });
  return await credential.check({ token, via: "header" });
}

/** The text of the answer; the name of the principal where the token is taken. */
async function verdict(token: string): Promise<string> {
  const decision = await check(token);
  if (decision === undefined) return "not its kind";
  if (!("status" in decision)) return `in as ${decision.name}`;
  assertEquals([decision.status, decision.text], [401, `${decision.sentence}\n`]);
  return decision.sentence;
}

const CLAIMS: readonly (readonly [what: string, claims: unknown, verdict: string])[] = [
  ["iat now", GOOD, "in as jwt"],
  ["iat 60 s ago", { iat: NOW - 59 }, "in as jwt"],
  ["iat 61 s ago", { iat: NOW - 61 }, "stale token"],
  ["iat in 60 s", { iat: NOW + 60 }, "in as jwt"],
  ["iat in 61 s", { iat: NOW + 61 }, "future token"],
  ["iat with a fraction", { iat: NOW + 0.9 }, "in as jwt"],
  ["no iat", {}, "missing issued-at"],
  ["iat null", { iat: null }, "missing issued-at"],
  ["iat as text", { iat: String(NOW) }, "token iat must be a number of seconds"],
  ["iat beyond all numbers", '{"iat":1e999}', "token iat must be a number of seconds"],
  ["exp passed", { iat: NOW, exp: NOW }, "token is expired"],
  ["exp to come", { iat: NOW, exp: NOW + 1 }, "in as jwt"],
  ["exp as text", { iat: NOW, exp: "never" }, "token exp must be a number of seconds"],
  ["nbf to come", { iat: NOW, nbf: NOW + 61 }, "token is not valid yet"],
  ["a subject", { ...GOOD, sub: "alice" }, "in as jwt:alice"],
  ["a subject that is no plain name", { ...GOOD, sub: "a\n\u001b[31mb" }, "in as jwt:1315b1a92ca94827"],
  ["a subject that is no text", { ...GOOD, sub: 7 }, "in as jwt"],
  [
    "a claim of ours that is wrong",
    { ...GOOD, sallyport: { alow: [] } },
    'claim sallyport: unknown member "alow"; known are allow, deny, limits',
  ],
  ["claims that are a list", [], "token claims must be a JSON object"],
  ["claims that are no JSON", "{", "token claims are not JSON"],
];

for (const [what, claims, expected] of CLAIMS) {
  Deno.test(`A token with ${what}: ${expected}`, async () => {
    assertEquals(await verdict(await hs256(SECRET, { claims })), expected);
  });
}

const HEADERS: readonly (readonly [what: string, header: unknown, verdict: string])[] = [
  ["alg none", { alg: "none" }, "signing method none is invalid"],
  ["alg None", { alg: "None" }, "signing method (alg) is unavailable."],
  ["alg HS512", { alg: "HS512" }, "signing method HS512 is invalid"],
  ["alg RS256, signed as an HMAC", { alg: "RS256" }, "signing method RS256 is invalid"],
  ["alg hs256", { alg: "hs256" }, "signing method (alg) is unavailable."],
  ["no alg", { typ: "JWT" }, "signing method (alg) is unspecified."],
  ["alg as a list", { alg: ["HS256"] }, "signing method (alg) is unspecified."],
  ["a kid that is a path", { alg: "HS256", kid: "../../dev/null" }, "in as jwt"],
  ["a jwk of its own", { alg: "HS256", jwk: { kty: "oct", k: "AAAA" } }, "in as jwt"],
  [
    "an extension that must be understood",
    { alg: "HS256", crit: ["b64"], b64: false },
    "signing method (crit) is not understood",
  ],
  ["__proto__", '{"alg":"HS256","__proto__":{"alg":"none"}}', "in as jwt"],
];

for (const [what, header, expected] of HEADERS) {
  Deno.test(`A token whose header has ${what}: ${expected}`, async () => {
    assertEquals(await verdict(await hs256(SECRET, { header, claims: GOOD })), expected);
  });
}

Deno.test("Only the signature of the secret over exactly these bytes is taken", async () => {
  const good = await hs256(SECRET, { claims: GOOD });
  const [header = "", claims = "", signature = ""] = good.split(".");
  const cases: readonly (readonly [string, string])[] = [
    [await hs256(OTHER, { claims: GOOD }), "signature is invalid"],
    // The secret of nothing, of which an HMAC is as good as any.
    [await hs256(new Uint8Array(1), { claims: GOOD }), "signature is invalid"],
    [`${header}.${claims}.`, "signature is invalid"],
    [`${header}.${claims}.${signature.slice(0, -3)}`, "signature is invalid"],
    [`${header}.${segment({ iat: NOW, sub: "root" })}.${signature}`, "signature is invalid"],
    [`${segment({ typ: "JWT", alg: "HS256" })}.${claims}.${signature}`, "signature is invalid"],
    [`${header}.${claims}`, "token contains an invalid number of segments"],
    [`${good}.`, "token contains an invalid number of segments"],
    ["", "token contains an invalid number of segments"],
    [".".repeat(8000), "token contains an invalid number of segments"],
    [`${header}.${claims}.${"A".repeat(9000)}`, "token has more than 8192 characters"],
    [`${header}=.${claims}.${signature}`, `illegal base64 data at input byte ${header.length}`],
    [
      `${header}.${claims}.${signature.replace(/.$/, "/")}`,
      `illegal base64 data at input byte ${signature.length - 1}`,
    ],
    [`${header}.a.${signature}`, "illegal base64 data at input byte 0"],
    [`..`, "token header is not JSON"],
  ];
  for (const [token, expected] of cases) assertEquals(await verdict(token), expected, token.slice(0, 80));
});

Deno.test("A token's end and its claim become the principal's", async () => {
  const claims = {
    iat: NOW,
    exp: NOW + 300,
    sub: "bot-1",
    sallyport: {
      allow: ["eth", "net_version"],
      deny: ["eth_sign"],
      limits: { connections: 2, requestsPerSecond: 5.5 },
    },
  };
  assertEquals(await check(await hs256(SECRET, { claims })), {
    name: "jwt:bot-1",
    expiresAt: (NOW + 300) * 1000,
    rights: { allow: ["eth", "net_version"], deny: ["eth_sign"] },
    limits: { connections: 2, requestsPerSecond: 5.5 },
  });
});

Deno.test("A token that another credential checks is left to it, whoever signed it", async () => {
  const token = await hs256(SECRET, { header: { alg: "RS256" }, claims: GOOD });
  assertEquals(await check(token, ["RS256", "ES256"]), undefined);
  assertEquals(await check(await hs256(SECRET, { claims: GOOD }), ["RS256"]), { name: "jwt", expiresAt: undefined });
});

Deno.test("A refusal says which authentication is wanted, and its texts are geth's", async () => {
  const credential = await JwtSecret.create(SECRET);
  assertEquals(credential.missing, {
    status: 401,
    sentence: "missing token",
    text: "missing token\n",
    headers: { "www-authenticate": 'Bearer realm="sallyport"' },
  });
  assertEquals(await check("x"), {
    status: 401,
    sentence: "token contains an invalid number of segments",
    text: "token contains an invalid number of segments\n",
    headers: {
      "www-authenticate":
        'Bearer realm="sallyport", error="invalid_token", error_description="token contains an invalid number of segments"',
    },
  });
});
