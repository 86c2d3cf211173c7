import { assertEquals } from "@std/assert";
import { hs256, nowSeconds, segment } from "../access/token_maker.ts";
import { toolTest } from "../support/tools.ts";
import { RawClient } from "../transport/raw_client.ts";
import { EngineGeth } from "./engine_geth.ts";
import { ServerProcess } from "./server_process.ts";

/** What a port answers to a header: of an upgrade and of a request. */
interface Answers {
  readonly ws: readonly [status: number, body: string];
  readonly http: readonly [status: number, body: string];
}

async function ask(port: number, authorization: string | null): Promise<Answers> {
  const headers: Record<string, string> = authorization === null ? {} : { "Authorization": authorization };
  const upgrade = await RawClient.ask(port, { headers });
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}',
  });
  const body = await response.text();
  return {
    ws: [upgrade.status, upgrade.status === 101 ? "" : upgrade.body],
    http: [response.status, response.ok ? "" : body],
  };
}

const REFUSED = [401, 401] as const;

/** Authorization headers, and where our answer is another one on purpose. */
async function cases(
  secret: Uint8Array<ArrayBuffer>,
): Promise<readonly (readonly [what: string, header: string | null, differs?: readonly [ws: number, http: number]])[]> {
  const now = nowSeconds();
  const bearer = async (claims: unknown, header?: unknown) => `Bearer ${await hs256(secret, { claims, header })}`;
  const good = await hs256(secret, { claims: { iat: now } });
  const [header = "", claims = "", signature = ""] = good.split(".");
  return [
    ["nothing", null],
    ["a good token", `Bearer ${good}`],
    ["lower case", `bearer ${good}`],
    // RFC 6750 section 2.1 has one blank or more.
    ["several blanks", `Bearer   ${good}`, [101, 200]],
    ["another scheme", `Basic ${good}`],
    ["no token", "Bearer "],
    ["iat 55 s ago", await bearer({ iat: now - 55 })],
    ["iat 70 s ago", await bearer({ iat: now - 70 })],
    ["iat in 50 s", await bearer({ iat: now + 50 })],
    ["iat in 70 s", await bearer({ iat: now + 70 })],
    ["no iat", await bearer({})],
    ["iat null", await bearer({ iat: null })],
    ["exp passed", await bearer({ iat: now, exp: now - 1 })],
    ["exp to come", await bearer({ iat: now, exp: now + 60 })],
    ["exp passed and iat missing", await bearer({ exp: now - 1 })],
    ["alg none", await bearer({ iat: now }, { alg: "none" })],
    ["alg none without signature", `Bearer ${segment({ alg: "none" })}.${segment({ iat: now })}.`],
    ["alg None", await bearer({ iat: now }, { alg: "None" })],
    ["alg HS512", await bearer({ iat: now }, { alg: "HS512" })],
    ["alg RS256", await bearer({ iat: now }, { alg: "RS256" })],
    ["alg ES256K", await bearer({ iat: now }, { alg: "ES256K" })],
    ["alg as a number", await bearer({ iat: now }, { alg: 1 })],
    ["no alg", await bearer({ iat: now }, { typ: "JWT" })],
    ["a kid", await bearer({ iat: now }, { alg: "HS256", kid: "../../dev/null" })],
    ["another secret", `Bearer ${await hs256(new Uint8Array(32), { claims: { iat: now } })}`],
    ["a changed claim", `Bearer ${header}.${segment({ iat: now, sub: "x" })}.${signature}`],
    ["no signature", `Bearer ${header}.${claims}.`],
    ["two segments", `Bearer ${header}.${claims}`],
    ["four segments", `Bearer ${good}.x`],
    ["one word", "Bearer hello"],
    ["padding", `Bearer ${header}=.${claims}.${signature}`],
    ["a slash in the signature", `Bearer ${header}.${claims}.${signature.slice(0, -1)}/`],
    ["a signature of one character", `Bearer ${header}.${claims}.A`],
    // The texts of Go's JSON parser are not ours.
    ["a header that is no JSON", `Bearer ${segment("{")}.${claims}.${signature}`, REFUSED],
    ["claims that are a list", await bearer([]), REFUSED],
    ["iat as text", await bearer({ iat: "soon" }), REFUSED],
    // geth takes iat as text, overlooks nbf and crit, and reads a token with a blank in it.
    ["iat as a number in quotes", await bearer({ iat: String(now) }), REFUSED],
    ["nbf to come", await bearer({ iat: now, nbf: now + 600 }), REFUSED],
    ["crit", await bearer({ iat: now }, { alg: "HS256", crit: ["x"], x: 1 }), REFUSED],
    ["a blank inside", `Bearer ${header}. ${claims}.${signature}`, REFUSED],
  ];
}

toolTest("geth", {
  name: "Tokens are taken and refused as on geth's port of the engine API, with its status codes and texts",
  async fn(geth) {
    await using engine = await EngineGeth.start(geth);
    const { path, bytes } = engine.secret;
    await using server = await ServerProcess.start({
      flags: ["--http", "--ws.jwtsecret", path, "--http.jwtsecret", path, "--http.port=0"],
      permissions: [`--allow-read=${path}`],
    });
    const ours = Number(new URL(server.url).port);
    const differing: string[] = [];
    for (const [what, header, differs] of await cases(bytes)) {
      const [theirs, mine] = await Promise.all([ask(engine.enginePort, header), ask(ours, header)]);
      if (differs !== undefined) {
        if (JSON.stringify(mine) !== JSON.stringify(theirs)) differing.push(what);
        assertEquals([mine.ws[0], mine.http[0]], differs, what);
      } else assertEquals(mine, theirs, what);
    }
    assertEquals(differing.length, 8, String(differing));
    assertEquals(server.printed.includes(bytes.toHex()), false);
  },
});
