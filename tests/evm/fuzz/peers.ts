import type { Fork } from "../../../src/evm/forks.ts";
import { Output, ServerProcess } from "../../e2e/server_process.ts";
import { genesisOf } from "./genesis.ts";

/** What a node answered to one request. */
export type Answer = { readonly result: unknown } | {
  readonly error: { readonly code: number; readonly message: string };
};

/** A node that executes calls. */
export interface Peer extends AsyncDisposable {
  ask(method: string, params: readonly unknown[]): Promise<Answer>;
}

const START_DEADLINE_MS = 60_000;
/** Both print it; geth says the same of its port for the consensus client, with `auth=true`. */
const HTTP_STARTED = /HTTP server started\s+endpoint=(\S+)\s+auth=false/;

/** What both nodes start from. */
export interface PeerChain {
  /** The text of a genesis file. */
  readonly genesis: string;
  /** A file of blocks in RLP, as `geth import` takes it. */
  readonly blocks?: string;
}

/** A chain that is in `fork` and stays at block 0. */
export function chainOf(fork: Fork): PeerChain {
  return { genesis: genesisOf(fork) };
}

/** geth on a chain of its own. */
export async function startGeth(program: string, { genesis, blocks }: PeerChain): Promise<Peer> {
  const folder = await Deno.makeTempDir({ prefix: "sallyport_geth_" });
  const file = `${folder}/genesis.json`;
  await Deno.writeTextFile(file, genesis);
  await runGeth(program, ["init", "--datadir", folder, file]);
  if (blocks !== undefined) await runGeth(program, ["import", "--datadir", folder, "--gcmode", "archive", blocks]);
  const child = new Deno.Command(program, {
    args: [
      ...["--datadir", folder, "--http", "--http.port", "0", "--http.api", "eth,debug", "--authrpc.port", "0"],
      ...["--nodiscover", "--maxpeers", "0", "--port", "0", "--ipcdisable", "--networkid", "1337", "--cache", "64"],
      ...["--gcmode", "archive"],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = new Output(child);
  const ready = await output.waitFor(HTTP_STARTED, START_DEADLINE_MS);
  return httpPeer(ready[1] ?? "", async () => {
    child.kill("SIGTERM");
    await child.status;
    await output.ended;
    await Deno.remove(folder, { recursive: true });
  });
}

async function runGeth(program: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args: [...args], stdout: "null", stderr: "piped" })
    .output();
  if (!success) throw new Error(`geth ${args[0]}: ${new TextDecoder().decode(stderr)}`);
}

/** This program on the same chain. */
export async function startSallyport({ genesis, blocks }: PeerChain): Promise<Peer> {
  const folder = await Deno.makeTempDir({ prefix: "sallyport_fuzz_" });
  const file = `${folder}/genesis.json`;
  await Deno.writeTextFile(file, genesis);
  const server = await ServerProcess.start({
    permissions: [`--allow-read=${folder}${blocks === undefined ? "" : `,${blocks}`}`],
    flags: [
      ...["--genesis", file, "--http", "--http.port", "0", "--http.api", "eth,debug"],
      ...(blocks === undefined ? [] : ["--import", blocks]),
    ],
    ready: HTTP_STARTED,
  });
  return httpPeer(server.url, async () => {
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  });
}

function httpPeer(endpoint: string, stop: () => Promise<void>): Peer {
  let id = 0;
  return {
    async ask(method, params) {
      const response = await fetch(`http://${endpoint}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params }),
      });
      return await response.json();
    },
    [Symbol.asyncDispose]: stop,
  };
}
