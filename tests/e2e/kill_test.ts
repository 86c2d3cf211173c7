import { assertEquals, assertNotEquals } from "@std/assert";
import { freePort } from "../support/free_port.ts";
import { findTool } from "../support/tools.ts";
import { until } from "../support/until.ts";

/** A program that seals a block each second and keeps its chain in a folder. */
interface Chain {
  readonly program: string;
  readonly args: (folder: string, port: number) => readonly string[];
}

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const OURS: Chain = {
  program: Deno.execPath(),
  args: (folder, port) => [
    ...["run", "--no-prompt", "--allow-net", `--allow-read=${folder}`, `--allow-write=${folder}`, MAIN],
    ...["--http", "--http.port", `${port}`, "--dev.period", "1", "--datadir", folder],
  ],
};

function others(): ReadonlyMap<string, Chain> {
  const [geth, anvil] = [findTool("geth"), findTool("anvil")];
  const chains = new Map<string, Chain>();
  if (geth !== undefined) {
    chains.set("geth --dev --datadir", {
      program: geth,
      args: (folder, port) => [
        ...["--dev", "--dev.period", "1", "--datadir", folder, "--ipcdisable"],
        ...["--http", "--http.port", `${port}`, "--authrpc.port", "0", "--port", "0"],
      ],
    });
  }
  if (anvil !== undefined) {
    chains.set("anvil --state", {
      program: anvil,
      args: (folder, port) => ["--port", `${port}`, "--block-time", "1", "--state", `${folder}/state.json`],
    });
  }
  return chains;
}

/** A process of a chain, killed when the block ends. */
class Running implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #url: string;

  constructor({ program, args }: Chain, folder: string) {
    const port = freePort();
    this.#url = `http://127.0.0.1:${port}`;
    const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
    this.#child = new Deno.Command(program, { args: [...args(folder, port)], ...streams }).spawn();
  }

  /** The hash of a block of the chain; null where there is none, undefined where nobody answers. */
  async hashOf(number: number): Promise<string | null | undefined> {
    const head = await this.#block("latest");
    if (head === undefined) return undefined;
    // geth also answers blocks above its head, which it has lost the states of.
    if (head === null || Number(head.number) < number) return null;
    return (await this.#block(`0x${number.toString(16)}`))?.hash;
  }

  async #block(at: string): Promise<{ readonly number: string; readonly hash: string } | null | undefined> {
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          ...{ jsonrpc: "2.0", id: 1, method: "eth_getBlockByNumber" },
          params: [at, false],
        }),
      });
      return (await response.json()).result;
    } catch {
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }
}

/** Kills a chain at its third block and starts it again; answers the block's hash before and after. */
async function killed(chain: Chain): Promise<readonly unknown[]> {
  const folder = Deno.makeTempDirSync({ prefix: "sallyport-" });
  let before: unknown;
  try {
    {
      await using running = new Running(chain, folder);
      await until(async () => typeof await running.hashOf(3) === "string");
      before = await running.hashOf(3);
    }
    await using again = new Running(chain, folder);
    await until(async () => await again.hashOf(0) !== undefined);
    return [before, await again.hashOf(3)];
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("After kill -9 the chain is there", async () => {
  const [before, after] = await killed(OURS);
  assertEquals(after, before);
});

for (const [name, chain] of others()) {
  Deno.test(`After kill -9 the chain of ${name} is not there, which the README says`, async () => {
    const [before, after] = await killed(chain);
    assertNotEquals(after, before);
  });
}
