import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { createServer } from "../../../src/mod.ts";
import { RpcSocket } from "../../e2e/rpc_socket.ts";
import { ServerProcess } from "../../e2e/server_process.ts";
import { Random } from "../../support/random.ts";
import { until } from "../../support/until.ts";
import { Acts, type Call, KEEPER, KEEPER_CODE } from "./crash_acts.ts";
import { type Done, fingerprint, Model, placesOf } from "./crash_model.ts";

/** `SALLYPORT_CRASHES=200` is the long run. */
const CRASHES = Number(Deno.env.get("SALLYPORT_CRASHES") ?? 10);
const SEED = Number(Deno.env.get("SALLYPORT_CRASH_SEED") ?? 1);
/** The process does so many acts at most, and is killed within so many milliseconds then. */
const MAX_ACTS = 24;
const MAX_DELAY_MS = 30;
const API = "eth,net,web3,txpool,evm,anvil";

/** What was done until the process was killed. */
interface Life {
  readonly done: readonly Done[];
  /** What was under way, with the answers that came all the same. */
  readonly cut: Done | undefined;
}

function start(folder: string): Promise<ServerProcess> {
  return ServerProcess.start({
    permissions: [`--allow-read=${folder}`, `--allow-write=${folder}`],
    flags: ["--datadir", folder, "--ws.api", API],
  });
}

/** The process was killed before it answered. */
class Killed extends Error {}

/** Acts on a process until it is killed, which happens while it acts. */
async function live(
  server: ServerProcess,
  { acts, count, delayMs }: { readonly acts: Acts; readonly count: number; readonly delayMs: number },
): Promise<Life> {
  const socket = await RpcSocket.open(server.url);
  const killed = socket.closed.then(() => Promise.reject(new Killed()));
  killed.catch(() => {});
  const call: Call = (method, ...params) => Promise.race([socket.call(method, ...params), killed]);
  const done: Done[] = [];
  let cut: Done | undefined;
  let killer: ReturnType<typeof setTimeout> | undefined;
  try {
    for (;;) {
      if (done.length === count) killer = setTimeout(() => server.stop("SIGKILL"), delayMs);
      cut = undefined;
      const [height, automine] = await Promise.all([call("eth_blockNumber"), call("anvil_getAutomine")]);
      const act = acts.next({ height: Number(height), automine: automine === true });
      const answers: unknown[] = act.calls.map(() => undefined);
      cut = { act, answers };
      await Promise.all(act.calls.map(async ([method, ...params], index) => {
        answers[index] = await call(method, ...params);
      }));
      const places = act.steps === "as sealed" ? await placesOf(call, Number(height)) : undefined;
      if (act.name === "snapshot") acts.snapshots.push(String(answers[0]));
      done.push({ act, answers, places });
    }
  } catch (error) {
    if (error instanceof Killed) return { done, cut };
    throw error;
  } finally {
    clearTimeout(killer);
  }
}

/** Checks the file as the crash left it, in a copy. */
function checkFile(folder: string): void {
  const copy = Deno.makeTempDirSync();
  try {
    for (const { name } of Deno.readDirSync(folder)) Deno.copyFileSync(`${folder}/${name}`, `${copy}/${name}`);
    const file = new DatabaseSync(`${copy}/chain.sqlite`);
    assertEquals(file.prepare("PRAGMA integrity_check").all().map((row) => Object.values(row as object)), [["ok"]]);
    file.close();
  } finally {
    Deno.removeSync(copy, { recursive: true });
  }
}

Deno.test(`A chain that is killed ${CRASHES} times loses nothing that was answered`, async () => {
  const folder = Deno.makeTempDirSync({ prefix: "sallyport-" });
  const random = new Random(SEED);
  await using reference = await createServer({ "ws.api": API.split(",") });
  const model = new Model(async (method, ...params) => {
    return await reference.request({ method, params }).catch(({ code, message }) => ({ code, message }));
  });
  const acts = new Acts(random, reference.accounts.map(({ address }) => address));
  const hashes = new Set<string>();
  let server = await start(folder);
  try {
    await using socket = await RpcSocket.open(server.url);
    for (const call of [model.call, (method: string, ...params: unknown[]) => socket.call(method, ...params)]) {
      await call("anvil_setBlockTimestampInterval", 1);
      await call("anvil_setCode", KEEPER, KEEPER_CODE);
    }
    for (let crash = 0; crash < CRASHES; crash++) {
      const { done, cut } = await live(server, {
        ...{ acts, count: random.below(MAX_ACTS), delayMs: random.below(MAX_DELAY_MS) },
      });
      await server.stop("SIGKILL");
      checkFile(folder);
      server = await start(folder);
      await using after = await RpcSocket.open(server.url);
      const chain: Call = (method, ...params) => after.call(method, ...params);
      const story = `crash ${crash} of seed ${SEED}, after ${
        done.map(({ act }) => act.name).join(" ")
      }, in ${cut?.act.name}`;
      // What waited to be sealed is sealed first.
      await until(async () => {
        const { automine, pool } = await fingerprint(chain) as { automine: boolean; pool: string[] };
        return !automine || !pool.some((line) => line.startsWith("0"));
      });
      for (const one of done) await model.repeat(one);
      if (cut !== undefined) assert(await model.repeatPart(cut, chain), story);
      for (const { answers } of [...done, ...cut === undefined ? [] : [cut]]) {
        for (const answer of answers) if (/^0x[0-9a-f]{64}$/.test(String(answer))) hashes.add(String(answer));
      }
      assertEquals(await fingerprint(chain), await fingerprint(model.call), story);
    }
    await using last = await RpcSocket.open(server.url);
    for (const hash of hashes) {
      assertEquals(
        await last.call("eth_getTransactionReceipt", hash),
        await model.call("eth_getTransactionReceipt", hash),
      );
    }
  } finally {
    await server.stop("SIGKILL");
    Deno.removeSync(folder, { recursive: true });
  }
});
