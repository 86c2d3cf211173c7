import { assertEquals } from "@std/assert";
import { newKey } from "../../src/access/key.ts";
import { call } from "../access/fixture.ts";
import { hs256, makeIssuer, nowSeconds } from "../access/token_maker.ts";
import { ServerProcess } from "../e2e/server_process.ts";
import { makeCertificate } from "../support/certificate.ts";
import { RawClient } from "../transport/raw_client.ts";

const ISSUER = "https://id.example.org/";
const secret = crypto.getRandomValues(new Uint8Array(32));
const [provider, stranger] = [await makeIssuer("ES256", "k1"), await makeIssuer("ES256", "k1")];
const [own, other] = [newKey(), newKey()];
const authority = await makeCertificate({ name: "Test Authority", isAuthority: true });
const certificate = await makeCertificate({ name: "server", by: authority });

const claims = { iss: ISSUER, aud: "sallyport", sub: "alice", exp: nowSeconds() + 3600 };
const CREDENTIALS: Readonly<Record<string, string>> = {
  "nothing": "",
  "a key": own.key,
  "an unknown key": other.key,
  "a token of the secret": await hs256(secret, { claims: { iat: nowSeconds() } }),
  "an old token of the secret": await hs256(secret, { claims: { iat: nowSeconds() - 600 } }),
  "a token of another secret": await hs256(new Uint8Array(32), { claims: { iat: nowSeconds() } }),
  "a token of the provider": await provider.sign(claims),
  "a token of the provider for others": await provider.sign({ ...claims, aud: "x" }),
  "a token of a stranger": await stranger.sign(claims),
  "some word": "hello",
};

const IN = "in";
const PLACES = "as Authorization: Bearer TOKEN, as the end of the path /k/TOKEN, or from a page as the subprotocols " +
  "sallyport.v1 and bearer.TOKEN";
const wanted = (nouns: string) => `Unauthorized: this endpoint wants ${nouns}: ${PLACES}`;
const [KEY, SECRET_TOKEN, TOKEN] = ["a key", "a token (JWT, HS256)", "a token (JWT)"];
const stray = (nouns: string) => `Unauthorized: the token is not ${nouns} of this endpoint`;
const SEGMENTS = "token contains an invalid number of segments";
const ALGORITHM = "Unauthorized: token must be signed with RS256, ES256, EdDSA, Ed25519";
const AUDIENCE = "Unauthorized: token claim aud is not the expected one";
const SIGNATURE = "Unauthorized: signature is invalid";
const EVERYBODY = Object.keys(CREDENTIALS).map(() => IN);

/** The answers to the credentials, in their order. */
interface Expected {
  readonly ws: readonly string[];
  readonly http: readonly string[];
}

const BOTH = (answers: readonly string[]): Expected => ({ ws: answers, http: answers });
const OF_SECRET = [
  "missing token",
  SEGMENTS,
  SEGMENTS,
  IN,
  "stale token",
  "signature is invalid",
  "signing method ES256 is invalid",
  "signing method ES256 is invalid",
  "signing method ES256 is invalid",
  SEGMENTS,
];

const TABLE: Readonly<Record<string, Expected>> = {
  "": BOTH(EVERYBODY),
  "keys": BOTH([wanted(KEY), IN, "Unauthorized: no such key", ...Array<string>(7).fill(stray(KEY))]),
  "ws.jwtsecret": { ws: OF_SECRET, http: EVERYBODY },
  "http.jwtsecret": { ws: EVERYBODY, http: OF_SECRET },
  "jwks": BOTH([
    wanted(TOKEN),
    `Unauthorized: ${SEGMENTS}`,
    `Unauthorized: ${SEGMENTS}`,
    ALGORITHM,
    ALGORITHM,
    ALGORITHM,
    IN,
    AUDIENCE,
    SIGNATURE,
    `Unauthorized: ${SEGMENTS}`,
  ]),
  "keys ws.jwtsecret jwks": {
    ws: [
      wanted(`${KEY} or ${SECRET_TOKEN} or ${TOKEN}`),
      IN,
      "Unauthorized: no such key",
      IN,
      "stale token",
      "signature is invalid",
      IN,
      AUDIENCE,
      SIGNATURE,
      SEGMENTS,
    ],
    http: [
      wanted(`${KEY} or ${TOKEN}`),
      IN,
      "Unauthorized: no such key",
      ALGORITHM,
      ALGORITHM,
      ALGORITHM,
      IN,
      AUDIENCE,
      SIGNATURE,
      `Unauthorized: ${SEGMENTS}`,
    ],
  },
};

/** The flags of a row, whose files lie in `folder`. */
function flagsOf(row: string, folder: string): readonly string[] {
  const words = row.split(" ");
  return [
    ...words.includes("keys") ? ["--auth.keys", `${folder}/keys`] : [],
    ...["ws.jwtsecret", "http.jwtsecret"].filter((name) => words.includes(name)).flatMap(
      (name) => [`--${name}`, `${folder}/secret`],
    ),
    ...words.includes("jwks")
      ? ["--auth.jwks", `${folder}/jwks`, "--auth.issuer", ISSUER, "--auth.audience", "sallyport"]
      : [],
  ];
}

/** What the server answers over each transport, and everything that it said. */
async function ask(port: number, { token, isEncrypted }: { token: string; isEncrypted: boolean }) {
  const headers: Record<string, string> = token === "" ? {} : { Authorization: `Bearer ${token}` };
  const hostname = "localhost";
  const connect = () =>
    isEncrypted
      ? Deno.connectTls({ hostname, port, caCerts: [authority.cert] })
      : Deno.connect({ hostname: "127.0.0.1", port });
  using raw = new RawClient(await connect());
  const upgrade = await raw.request({ headers });
  using other = new RawClient(await connect());
  const byPath = await other.request(token === "" ? {} : { path: `/k/${token}` });
  using client = Deno.createHttpClient({ caCerts: [authority.cert] });
  const response = await fetch(`${isEncrypted ? "https" : "http"}://localhost:${port}/`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: call("eth_chainId"),
    client,
  });
  const text = await response.text();
  const read = (status: number, body: string, open: number) => {
    if (status === open) return IN;
    if (status === 404) return "404";
    assertEquals(status, 401);
    return body.trimEnd();
  };
  return {
    ws: read(upgrade.status, upgrade.body, 101),
    http: read(response.status, text, 200),
    path: read(byPath.status, byPath.body, 101),
    served: byPath.body + [...byPath.headers, ...upgrade.headers, ...response.headers].flat().join("\n") +
      upgrade.body + text,
  };
}

for (const isEncrypted of [false, true]) {
  for (const [row, expected] of Object.entries(TABLE)) {
    const what = `${row === "" ? "no flag" : row}${isEncrypted ? ", over TLS" : ""}`;
    Deno.test(`Who is let in and what the others are told: ${what}`, async () => {
      const folder = await Deno.makeTempDir();
      try {
        const files: Record<string, string> = {
          keys: JSON.stringify([{ name: "own", hash: own.hash }]),
          secret: secret.toHex(),
          jwks: JSON.stringify({ keys: [provider.jwk] }),
          cert: certificate.cert,
          key: certificate.key,
        };
        for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
        const tls = isEncrypted ? ["--tls.cert", `${folder}/cert`, "--tls.key", `${folder}/key`] : [];
        await using server = await ServerProcess.start({
          flags: ["--http", "--http.port=0", "--http.vhosts=*", "--verbosity=5", ...tls, ...flagsOf(row, folder)],
          permissions: [`--allow-read=${folder}`],
          ready: /WebSocket enabled\s+url=(wss?:\/\/\S+)/,
        });
        const port = Number(new URL(server.url).port);
        const answers: { ws: string[]; http: string[] } = { ws: [], http: [] };
        let said = "";
        for (const token of Object.values(CREDENTIALS)) {
          const { ws, path, http, served } = await ask(port, { token, isEncrypted });
          // A path is looked at for a token only where one is asked for.
          assertEquals(path, expected.ws === EVERYBODY && token !== "" ? "404" : ws);
          answers.ws.push(ws);
          answers.http.push(http);
          said += served;
        }
        assertEquals(answers, { ws: [...expected.ws], http: [...expected.http] });
        said += server.printed;
        const tokens = Object.entries(CREDENTIALS).filter(([name]) => name !== "nothing" && name !== "some word");
        const secrets = [...tokens.map(([, token]) => token), secret.toHex(), secret.toBase64(), own.hash.slice(7)];
        // A part of a token is as bad: its signature, or its claims.
        const parts = secrets.flatMap((text) => [text, ...text.split(".").filter((part) => part.length > 20)]);
        for (const known of [...parts, ...certificate.key.split("\n").filter((line) => line.length > 40)]) {
          assertEquals(said.includes(known), false, known);
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  }
}
