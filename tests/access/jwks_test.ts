import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createLocalJWKSet } from "jose";
import { Jwks } from "../../src/access/jwks.ts";
import { FileJwks, type JwksSource, JwksUnavailable, readJwks, RemoteJwks } from "../../src/access/jwks_source.ts";
import { hs256, type Issuer, makeIssuer, nowSeconds, segment } from "./token_maker.ts";

const rsa = await makeIssuer("RS256", "rsa-1");
const ec = await makeIssuer("ES256", "ec-1");
const ed = await makeIssuer("EdDSA", "ed-1");
const stranger = await makeIssuer("RS256", "rsa-1");
const ISSUER = "https://id.example.org/";
const AUDIENCE = "sallyport";

function setOf(...issuers: readonly Issuer[]): string {
  return JSON.stringify({ keys: issuers.map(({ jwk }) => jwk) });
}

function claims(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return { iss: ISSUER, aud: AUDIENCE, sub: "alice", exp: nowSeconds() + 300, ...overrides };
}

const FILE = new FileJwks(setOf(rsa, ec, ed), createLocalJWKSet);

/** The name of the principal, or the status and the sentence of the refusal. */
async function verdict(token: string, source: JwksSource = FILE): Promise<string> {
  const decision = await new Jwks({ source, issuer: ISSUER, audiences: [AUDIENCE, "other"] }).check({
    token,
    via: "header",
  });
  return "status" in decision ? `${decision.status} ${decision.sentence}` : `in as ${decision.name}`;
}

for (const [alg, issuer] of [["RS256", rsa], ["ES256", ec], ["EdDSA", ed]] as const) {
  Deno.test(`A token of the issuer signed with ${alg} is taken, whatever its kid, and none that a stranger signed`, async () => {
    assertEquals(await verdict(await issuer.sign(claims())), "in as jwt:alice");
    assertEquals(await verdict(await issuer.sign(claims(), { kid: undefined })), "in as jwt:alice");
    const token = await issuer.sign(claims());
    const [header = "", , signature = ""] = token.split(".");
    assertEquals(
      await verdict(`${header}.${segment(claims({ sub: "root" }))}.${signature}`),
      "401 signature is invalid",
    );
  });
}

Deno.test("Claims must be those of this service, and a token must have an end", async () => {
  const now = nowSeconds();
  const cases: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ aud: ["x", "other"] }, "in as jwt:alice"],
    [{ aud: "x" }, "401 token claim aud is not the expected one"],
    [{ aud: undefined }, "401 token claim aud is missing"],
    [{ iss: "https://id.example.org" }, "401 token claim iss is not the expected one"],
    [{ iss: undefined }, "401 token claim iss is missing"],
    [{ exp: undefined }, "401 token claim exp is missing"],
    [{ exp: "tomorrow" }, "401 token claim exp is not the expected one"],
    [{ exp: now - 9 }, "in as jwt:alice"],
    [{ exp: now - 12 }, "401 token is expired"],
    [{ nbf: now + 8 }, "in as jwt:alice"],
    [{ nbf: now + 30 }, "401 token is not valid yet"],
    [
      { sallyport: { allow: "eth" } },
      '401 claim sallyport.allow: expected a list of namespaces and methods, such as ["eth", "net_version"]',
    ],
  ];
  for (const [overrides, expected] of cases) {
    assertEquals(await verdict(await rsa.sign(claims(overrides))), expected, JSON.stringify(overrides));
  }
});

const MANY = "401 token must be signed with RS256, ES256, EdDSA, Ed25519";

Deno.test("Attacks on the choice of algorithm and key are refused", async () => {
  const pem = new TextEncoder().encode(JSON.stringify(rsa.jwk));
  const cases: readonly (readonly [what: string, token: string, expected: string])[] = [
    ["no algorithm", `${segment({ alg: "none" })}.${segment(claims())}.`, MANY],
    ["an HMAC of the public key", await hs256(pem, { header: { alg: "HS256", kid: "rsa-1" }, claims: claims() }), MANY],
    [
      "RS256 in the header of an HMAC",
      await hs256(pem, { header: { alg: "RS256", kid: "rsa-1" }, claims: claims() }),
      "401 signature is invalid",
    ],
    ["a stranger's key of the same name", await stranger.sign(claims()), "401 signature is invalid"],
    ["a key in the token", await stranger.sign(claims(), { jwk: stranger.jwk }), "401 signature is invalid"],
    [
      "the address of keys",
      await stranger.sign(claims(), { jku: "http://127.0.0.1:1/", x5u: "http://127.0.0.1:1/" }),
      "401 signature is invalid",
    ],
    [
      "a kid that is a path",
      await rsa.sign(claims(), { kid: "../../../dev/null" }),
      "401 token is signed with a key that is not in --auth.jwks",
    ],
    [
      "a kid that is a statement",
      await rsa.sign(claims(), { kid: "' UNION SELECT 'x" }),
      "401 token is signed with a key that is not in --auth.jwks",
    ],
    [
      "the key of another algorithm",
      await rsa.sign(claims(), { alg: "ES256" }),
      "401 token is signed with a key that is not in --auth.jwks",
    ],
    ["an extension", await rsa.sign(claims(), { crit: ["x"], x: 1 }), "401 token is not valid"],
    [
      "too many characters",
      await rsa.sign(claims({ pad: "x".repeat(9000) })),
      "401 token has more than 8192 characters",
    ],
    ["no token", "hello", "401 token contains an invalid number of segments"],
  ];
  for (const [what, token, expected] of cases) assertEquals(await verdict(token), expected, what);
});

Deno.test("A secret among the keys is left out, and a set without public keys is refused", () => {
  const secret = { kty: "oct", k: "AAAA", kid: "s" };
  assertEquals(readJwks(JSON.stringify({ keys: [secret, rsa.jwk] })).keys.map(({ kid }) => kid), ["rsa-1"]);
  const cases: readonly (readonly [string, string])[] = [
    [JSON.stringify({ keys: [secret] }), "none of the keys is a public key for signatures"],
    [JSON.stringify({ keys: [{ ...rsa.jwk, use: "enc" }] }), "none of the keys is a public key for signatures"],
    ["[]", 'expected {"keys": [...]}, a set of keys (RFC 7517)'],
    ["<html>", "no JSON"],
  ];
  for (const [text, message] of cases) assertThrows(() => readJwks(text), Error, message);
});

Deno.test("A key that cannot be used refuses its tokens and breaks nothing", async () => {
  const broken = { ...rsa.jwk, kid: "broken", n: "AQAB" };
  const source = new FileJwks(JSON.stringify({ keys: [broken, ed.jwk] }), createLocalJWKSet);
  const token = await rsa.sign(claims(), { kid: "broken" });
  assertEquals(await verdict(token, source), "401 token is signed with a key of --auth.jwks that cannot be used");
  assertEquals(await verdict(await ed.sign(claims()), source), "in as jwt:alice");
});

Deno.test("Tokens without a kid are tried with each key that fits, up to a bound", async () => {
  const others = await Promise.all(Array.from({ length: 8 }, (_, index) => makeIssuer("ES256", `k${index}`)));
  const source = (issuers: readonly Issuer[]) => new FileJwks(setOf(...issuers), createLocalJWKSet);
  const token = await ec.sign(claims(), { kid: undefined });
  assertEquals(await verdict(token, source([...others.slice(0, 7), ec])), "in as jwt:alice");
  assertEquals(await verdict(token, source([...others, ec])), "401 signature is invalid");
});

/** A provider whose answers the test decides, and a clock that it moves. */
function remote(...answers: (string | number | Error)[]) {
  const state = { now: 0, asked: 0, lines: [] as string[], answers };
  const log = (message: string) => void state.lines.push(message);
  const source = new RemoteJwks({
    url: "https://id.example.org/jwks",
    make: createLocalJWKSet,
    log: { info: log, warn: log },
    now: () => state.now,
    fetch: () => {
      state.asked += 1;
      const answer = state.answers.length > 1 ? state.answers.shift() : state.answers[0];
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve(
        typeof answer === "number" ? new Response("no", { status: answer }) : new Response(answer),
      );
    },
  });
  return { state, source };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

Deno.test("Keys from a URL are fetched once for many tokens, and again when they are old", async () => {
  const { state, source } = remote(setOf(rsa));
  const token = await rsa.sign(claims());
  await Promise.all(Array.from({ length: 20 }, () => verdict(token, source)));
  assertEquals(state.asked, 1);
  state.now = 11 * MINUTE_MS;
  assertEquals(await verdict(token, source), "in as jwt:alice");
  assertEquals(state.asked, 2);
});

Deno.test("A new key of the issuer is fetched for its first token, and a withdrawn one is refused from then on", async () => {
  const { state, source } = remote(setOf(rsa), setOf(ed));
  assertEquals(await verdict(await rsa.sign(claims()), source), "in as jwt:alice");
  state.now = 31_000;
  assertEquals(await verdict(await ed.sign(claims()), source), "in as jwt:alice");
  assertEquals(state.asked, 2);
  assertEquals(
    await verdict(await rsa.sign(claims()), source),
    "401 token is signed with a key that is not in --auth.jwks",
  );
});

Deno.test("A flood of unknown keys makes one fetch in 30 s", async () => {
  const { state, source } = remote(setOf(rsa));
  await verdict(await rsa.sign(claims()), source);
  for (let second = 31; second < 91; second++) {
    state.now = second * 1000;
    const token = await rsa.sign(claims(), { kid: `made-up-${second}` });
    assertEquals(await verdict(token, source), "401 token is signed with a key that is not in --auth.jwks");
  }
  assertEquals(state.asked, 3);
});

Deno.test("An outage of the issuer is survived with the keys that are there, for a day, with one line in the log", async () => {
  const { state, source } = remote(setOf(rsa), new Error("connection refused"));
  const far = claims({ exp: nowSeconds() + 10 });
  const token = await rsa.sign(far);
  assertEquals(await verdict(token, source), "in as jwt:alice");
  for (let hour = 1; hour <= 24; hour++) {
    state.now = hour * HOUR_MS;
    assertEquals(await verdict(token, source), "in as jwt:alice", `hour ${hour}`);
  }
  assertEquals(state.lines, ["Cannot fetch the keys of --auth.jwks"]);
  state.now = 24 * HOUR_MS + MINUTE_MS;
  assertEquals(await verdict(token, source), "503 the keys that tokens are checked with cannot be fetched now");
  state.answers = [setOf(rsa)];
  state.now += MINUTE_MS;
  assertEquals(await verdict(token, source), "in as jwt:alice");
  assertEquals(state.lines.at(-1), "The keys of --auth.jwks can be fetched again");
});

Deno.test("Without any keys yet, tokens are answered 503, and an attempt is made every five seconds at most", async () => {
  const { state, source } = remote(500, "<html>", setOf(rsa));
  const token = await rsa.sign(claims());
  const expected = "503 the keys that tokens are checked with cannot be fetched now";
  assertEquals([await verdict(token, source), await verdict(token, source), state.asked], [expected, expected, 1]);
  state.now = 6_000;
  assertEquals([await verdict(token, source), state.asked], [expected, 2]);
  state.now = 12_000;
  assertEquals([await verdict(token, source), state.asked], ["in as jwt:alice", 3]);
});

Deno.test("An endless answer of the issuer is cut off", async () => {
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(32)) });
  const lines: unknown[] = [];
  const source = new RemoteJwks({
    url: "https://id.example.org/jwks",
    make: createLocalJWKSet,
    log: { info() {}, warn: (_message, fields) => void lines.push(fields?.["reason"]) },
    fetch: () => Promise.resolve(new Response(endless)),
  });
  await assertRejects(() => source.keys(), JwksUnavailable);
  assertEquals(lines, ["more than 1048576 bytes"]);
});

Deno.test("A file of keys that is read again and bad leaves the old keys", async () => {
  const source = new FileJwks(setOf(rsa), createLocalJWKSet);
  assertThrows(() => source.replace("{"), Error, "no JSON");
  assertEquals(await verdict(await rsa.sign(claims()), source), "in as jwt:alice");
  assertEquals(source.replace(setOf(ec, ed)), 2);
  assertEquals(await verdict(await ec.sign(claims()), source), "in as jwt:alice");
});
