import { assertEquals } from "@std/assert";
import { createAuthorizer, unauthorized } from "../../src/access/authorizer.ts";
import type { Credential } from "../../src/access/credential.ts";
import { presentedBy } from "../../src/access/presented.ts";

function request(headers: Record<string, string>, path = "/"): Request {
  return new Request(`http://localhost${path}`, { headers });
}

Deno.test("A token is found in the header, among the subprotocols, or at the end of the path, in this order", () => {
  const cases: readonly [Record<string, string>, string, unknown][] = [
    [{ authorization: "Bearer abc" }, "/", { token: "abc", via: "header" }],
    [{ authorization: "bearer   abc " }, "/", { token: "abc", via: "header" }],
    [{ authorization: "Basic abc" }, "/", undefined],
    [{ authorization: "Bearer" }, "/", undefined],
    [{ authorization: "Bearer a b" }, "/", undefined],
    [{ "sec-websocket-protocol": "sallyport.v1, bearer.a.b.c" }, "/", { token: "a.b.c", via: "subprotocol" }],
    [{ "sec-websocket-protocol": "sallyport.v1" }, "/", undefined],
    [{}, "/k/abc", { token: "abc", via: "path" }],
    [{}, "/rpc/k/abc?x=1", { token: "abc", via: "path" }],
    [{}, "/k/", undefined],
    [{}, "/?token=abc", undefined],
    [{ authorization: "Bearer one", "sec-websocket-protocol": "bearer.two" }, "/k/three", {
      token: "one",
      via: "header",
    }],
  ];
  for (const [headers, path, presented] of cases) assertEquals(presentedBy(request(headers, path)), presented as never);
});

const ODD: Credential = {
  noun: "an odd number",
  check: ({ token }) => Number(token) % 2 === 1 ? { name: `odd ${token}` } : undefined,
};
const SMALL: Credential = {
  noun: "a small number",
  check: ({ token }) => {
    if (Number.isNaN(Number(token))) return undefined;
    return Promise.resolve(Number(token) < 10 ? { name: `small ${token}` } : unauthorized("too large"));
  },
};

Deno.test("The first credential that a token belongs to decides, and a token of none is refused", async () => {
  const authorize = createAuthorizer([ODD, SMALL]);
  const decide = async (token: string) => {
    const decision = await authorize(request({ authorization: `Bearer ${token}` }), { address: "10.0.0.1" });
    return decision !== null && "status" in decision
      ? [decision.status, decision.sentence, decision.headers?.["www-authenticate"]]
      : decision?.name;
  };
  assertEquals(await decide("3"), "odd 3");
  assertEquals(await decide("4"), "small 4");
  const realm = 'Bearer realm="sallyport", error="invalid_token", error_description=';
  assertEquals(await decide("40"), [401, "too large", `${realm}"too large"`]);
  const unknown = "the token is not an odd number or a small number of this endpoint";
  assertEquals(await decide("x"), [401, unknown, `${realm}"${unknown}"`]);
});

Deno.test("A request without a token is told what is wanted, by the only credential in its own words", async () => {
  const ask = async (credentials: readonly Credential[]) =>
    await createAuthorizer(credentials)(request({}), { address: "" });
  assertEquals(await ask([ODD]), {
    status: 401,
    sentence:
      "this endpoint wants an odd number: as Authorization: Bearer TOKEN, as the end of the path /k/TOKEN, or from " +
      "a page as the subprotocols sallyport.v1 and bearer.TOKEN",
    headers: { "www-authenticate": 'Bearer realm="sallyport"' },
  });
  const missing = { status: 401, sentence: "", text: "missing token\n" };
  assertEquals(await ask([{ ...ODD, missing }]), missing);
});
