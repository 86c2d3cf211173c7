import { assertEquals, assertMatch } from "@std/assert";
import { hs256, nowSeconds } from "../access/token_maker.ts";
import { chromium } from "../clients/playwright.ts";
import { makeCertificate } from "../support/certificate.ts";
import { toolTest } from "../support/tools.ts";
import { ServerProcess } from "./server_process.ts";

const authority = await makeCertificate({ name: "Test Authority", isAuthority: true });
const certificate = await makeCertificate({ name: "server", by: authority });
const SECRET = crypto.getRandomValues(new Uint8Array(32));

interface Encrypted {
  readonly server: ServerProcess;
  /** `wss://localhost:PORT`: the certificate is for that name. */
  readonly url: string;
  /** The file of the authority's certificate. */
  readonly authority: string;
}

/** Runs `use` beside a program whose port speaks TLS and wants a token of {@link SECRET}. */
async function encrypted(flags: readonly string[], use: (encrypted: Encrypted) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const [cert, key, secret, ca] = ["cert.pem", "key.pem", "secret", "ca.pem"].map((name) => `${folder}/${name}`);
  try {
    await Deno.writeTextFile(`${cert}`, certificate.cert);
    await Deno.writeTextFile(`${key}`, certificate.key);
    await Deno.writeTextFile(`${secret}`, SECRET.toHex());
    await Deno.writeTextFile(`${ca}`, authority.cert);
    await using server = await ServerProcess.start({
      flags: ["--tls.cert", `${cert}`, "--tls.key", `${key}`, "--ws.jwtsecret", `${secret}`, "--verbosity=5", ...flags],
      permissions: [`--allow-read=${cert},${key},${secret}`],
      ready: /WebSocket enabled\s+url=(wss:\/\/\S+)/,
    });
    await use({ server, url: server.url.replace("127.0.0.1", "localhost"), authority: `${ca}` });
    for (const known of [SECRET.toHex(), "PRIVATE KEY", "eyJ"]) {
      assertEquals(server.printed.includes(known), false, known);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const listener of ["bounded", "deno"]) {
  for (const client of ["viem", "ethers"]) {
    Deno.test(`${client} works over wss with a token in the path (${listener})`, async () => {
      await encrypted([`--listener=${listener}`], async ({ url, authority }) => {
        // With less than a minute left, the first message is the warning that the token ends.
        const token = await hs256(SECRET, { claims: { iat: nowSeconds(), exp: nowSeconds() + 58 } });
        const script = new URL("./wss_client.ts", import.meta.url).pathname;
        const lock = new URL("../deno.lock", import.meta.url).pathname;
        const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "--allow-all", "--no-check", `--lock=${lock}`, script, client, `${url}/k/${token}`],
          env: { DENO_CERT: authority, NO_COLOR: "1" },
          stdin: "null",
        }).output();
        const decoder = new TextDecoder();
        assertEquals(decoder.decode(stdout), `${client} is done\n`, decoder.decode(stderr));
      });
    });
  }
}

toolTest("go", {
  name: "go-ethereum's client works over wss with a token in the header",
  async fn(go) {
    const folder = await Deno.makeTempDir();
    try {
      for (const name of ["go.mod", "main.go"]) {
        await Deno.copyFile(new URL(`./go_client/${name}`, import.meta.url), `${folder}/${name}`);
      }
      const built = await new Deno.Command(go, {
        args: ["build", "-o", "client", "."],
        cwd: folder,
        env: { GOFLAGS: "-mod=mod" },
      }).output();
      assertEquals(built.success, true, new TextDecoder().decode(built.stderr));
      for (const listener of ["bounded", "deno"]) {
        await encrypted([`--listener=${listener}`], async ({ url, authority }) => {
          const run = (secret: Uint8Array) =>
            new Deno.Command(`${folder}/client`, { args: [url, authority, secret.toHex()] }).output();
          const { stdout } = await run(SECRET);
          assertEquals(new TextDecoder().decode(stdout), "head 1\nhead 2\nchain 1337\n");
          const refused = await run(new Uint8Array(32));
          assertMatch(new TextDecoder().decode(refused.stdout), /^failed: .*401 Unauthorized/);
        });
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** What a page can do: connect with subprotocols, and say how that went. */
const VISIT = `async (url, protocols) => {
  const socket = new WebSocket(url, protocols);
  const opened = await new Promise((resolve) => {
    socket.onopen = () => resolve(true);
    socket.onerror = () => resolve(false);
  });
  if (!opened) return "refused";
  const answer = new Promise((resolve) => socket.onmessage = ({ data }) => resolve(JSON.parse(data).result));
  socket.send('{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}');
  const result = [socket.protocol, await answer];
  socket.close();
  return result;
}`;

toolTest("chromium", {
  name: "A page presents a token as a subprotocol over wss, and only sallyport.v1 is echoed",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(executablePath) {
    await using page = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response("<!doctype html><title>page</title>", { headers: { "content-type": "text/html" } }),
    );
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    try {
      const tab = await context.newPage();
      await tab.goto(`http://127.0.0.1:${page.addr.port}`);
      for (const listener of ["bounded", "deno"]) {
        await encrypted([`--listener=${listener}`], async ({ url }) => {
          const visit = (...protocols: string[]) =>
            tab.evaluate(`(${VISIT})(${JSON.stringify(url)}, ${JSON.stringify(protocols)})`);
          const token = await hs256(SECRET, { claims: { iat: nowSeconds() } });
          const stranger = await hs256(new Uint8Array(32), { claims: { iat: nowSeconds() } });
          assertEquals(await visit("sallyport.v1", `bearer.${token}`), ["sallyport.v1", "0x539"]);
          assertEquals(await visit(`bearer.${token}`, "sallyport.v1"), ["sallyport.v1", "0x539"]);
          assertEquals(await visit("sallyport.v1", `bearer.${stranger}`), "refused");
          assertEquals(await visit("sallyport.v1"), "refused");
          assertEquals(await visit(), "refused");
          // A browser ends a connection that answers none of its subprotocols; the token is not one to answer.
          assertEquals(await visit(`bearer.${token}`), "refused");
        });
      }
    } finally {
      await browser.close();
    }
  },
});
