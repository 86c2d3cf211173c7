import { type Database, openDatabase } from "../../../src/chain/journal/database.ts";
import type { ChainOptions } from "../../../src/chain/mod.ts";
import { unreachable } from "../../support/unreachable.ts";
import { type TestChain, testChain } from "../fixture.ts";

/** A folder for the chain of one test, removed when it ends. */
export class ChainFolder implements AsyncDisposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "sallyport-" });

  readonly #databases: Database[] = [];

  async [Symbol.asyncDispose](): Promise<void> {
    await this.closed();
    Deno.removeSync(this.path, { recursive: true });
  }

  /** Closes the file, and resolves when nothing of it is open. */
  async closed(): Promise<void> {
    await Promise.all(this.#databases.map((database) => database.close()));
  }

  /** Opens the chain that the folder holds, or begins one. */
  async open(options: ChainOptions = {}): Promise<TestChain> {
    const database = await this.database();
    try {
      return await testChain({ ...options, database });
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** Opens the file alone. */
  async database(
    onError: (error: unknown) => void = unreachable("onError"),
    options: { readonly sweptBytes?: number } = {},
  ): Promise<Database> {
    const database = await openDatabase({ folder: this.path, isSynced: false, onError, ...options });
    this.#databases.push(database);
    return database;
  }
}

/** Everything of a chain that a client can read, as JSON: two chains that differ have two texts. */
export async function portrait({ node }: TestChain): Promise<Record<string, unknown>> {
  const head = BigInt(await node.blocks.headNumber());
  const { instanceId: _, ...info } = await node.dev.nodeInfo();
  const blocks = [];
  for (let number = 0n; number <= head; number++) {
    blocks.push((await node.blocks.block({ number }, true))?.decode());
    blocks.push((await node.blocks.receiptsOf({ number }))?.decode());
  }
  return {
    info,
    blocks,
    state: await node.dev.dumpState(true),
    pool: (await node.pool.content()).decode(),
    impersonated: await node.dev.impersonated(),
    automine: await node.dev.automine(),
    interval: await node.dev.intervalMining(),
  };
}
