import { newKey } from "../../src/access/key.ts";
import { hs256, makeIssuer, nowSeconds } from "../access/token_maker.ts";
import { ServerProcess } from "../e2e/server_process.ts";
import { RawClient } from "../transport/raw_client.ts";
import type { Row } from "./report.ts";
import { median } from "./stats.ts";

const HANDSHAKES = 300;
const ISSUER = "https://id.example.org/";
const CLOCK_TICK_MS = 10;

/** A server that asks for one kind of credential, and a way to make one for each handshake. */
interface Guarded extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly headers: () => Promise<Record<string, string>>;
}

async function start(
  name: string,
  { flags, files, headers }: {
    flags: (path: string) => string[];
    files: string | undefined;
    headers: Guarded["headers"];
  },
): Promise<Guarded> {
  const path = await Deno.makeTempFile({ prefix: `bench_${name}_` });
  if (files !== undefined) await Deno.writeTextFile(path, files);
  const permissions = files === undefined ? [] : [`--allow-read=${path}`];
  const server = await ServerProcess.start({ flags: [...flags(path)], permissions });
  return {
    server,
    headers,
    async [Symbol.asyncDispose]() {
      await server.stop();
      await Deno.remove(path);
    },
  };
}

/** What a handshake costs with each kind of credential: its time, and the processor time of the server. */
export async function handshakeRows(rounds: number): Promise<Row[]> {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const issuer = await makeIssuer("ES256", "bench");
  const { key, hash } = newKey();
  const none = () => Promise.resolve({});
  const claims = { iss: ISSUER, aud: "bench", exp: nowSeconds() + 3600 };
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  const signed = await issuer.sign(claims);
  const targets: Record<string, Guarded> = {
    sallyport: await start("open", { flags: () => [], files: undefined, headers: none }),
    key: await start("key", {
      flags: (path) => ["--auth.keys", path],
      files: JSON.stringify([{ name: "bench", hash }]),
      headers: () => Promise.resolve(bearer(key)),
    }),
    HS256: await start("hs256", {
      flags: (path) => ["--ws.jwtsecret", path],
      files: secret.toHex(),
      headers: async () => bearer(await hs256(secret, { claims: { iat: nowSeconds() } })),
    }),
    ES256: await start("es256", {
      flags: (path) => ["--auth.jwks", path, "--auth.issuer", ISSUER, "--auth.audience", "bench"],
      files: JSON.stringify({ keys: [issuer.jwk] }),
      headers: () => Promise.resolve(bearer(signed)),
    }),
  };
  const time: Row = { name: "a handshake", unit: "ms", figures: {} };
  const processor: Row = { name: "processor time of a handshake", unit: "ms", figures: {} };
  for (let round = 0; round <= rounds; round++) {
    for (const [name, { server, headers }] of Object.entries(targets)) {
      const { elapsedMs, processorMs } = await measure(server, headers);
      // The first round warms the caches.
      if (round === 0) continue;
      (time.figures[name] ??= { values: [] }).values.push(elapsedMs);
      (processor.figures[name] ??= { values: [] }).values.push(processorMs);
    }
  }
  for (const target of Object.values(targets)) await target[Symbol.asyncDispose]();
  return [time, processor];
}

async function measure(server: ServerProcess, headers: Guarded["headers"]) {
  const port = Number(new URL(server.url).port);
  const times: number[] = [];
  const before = processorTimeMs(server.pid);
  for (let handshake = 0; handshake < HANDSHAKES; handshake++) {
    const sent = await headers();
    const begun = performance.now();
    const client = await RawClient.connect(port, { headers: sent });
    times.push(performance.now() - begun);
    client.close();
  }
  return { elapsedMs: median(times), processorMs: (processorTimeMs(server.pid) - before) / HANDSHAKES };
}

/** The processor time that a process has used, in steps of a clock tick. */
export function processorTimeMs(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
}
