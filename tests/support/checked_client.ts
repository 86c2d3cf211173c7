import { createAccounts } from "../../src/accounts/mod.ts";
import { createDevChain, type EmbeddedChain } from "../../src/chain/mod.ts";
import { clientVersion } from "../../src/namespaces/mod.ts";
import { Feed, Filters } from "../../src/pubsub/mod.ts";
import { randomSubscriptionId } from "../../src/rpc/subscription.ts";
import { TestClient } from "./test_client.ts";
import { testTables } from "./tables.ts";
import { unreachable } from "./unreachable.ts";

/** 2026-01-01, so that every run makes the same blocks. */
const START_MS = 1_767_225_600_000;

/** A client of a real dev chain that reads each result with the schema of its row, and keeps which rows it has seen. */
export class CheckedClient implements Disposable {
  readonly chain: EmbeddedChain;
  /** The methods that have answered with something other than null. */
  readonly answered = new Set<string>();
  readonly #client: TestClient;

  private constructor(chain: EmbeddedChain, client: TestClient) {
    this.chain = chain;
    this.#client = client;
  }

  static async open(): Promise<CheckedClient> {
    let now = START_MS;
    const chain = await createDevChain({ now: () => now += 1000 });
    const accounts = await createAccounts({
      devAccounts: chain.accounts,
      exposure: { networkEndpoint: true, insecureUnlock: "off", address: "127.0.0.1", origins: [] },
      log: unreachable("log"),
    });
    const feed = new Feed(chain.events, { log: unreachable("log") });
    const tables = testTables({
      node: chain,
      accounts,
      feed,
      filters: new Filters(feed, { newId: randomSubscriptionId }),
      clientVersion: clientVersion("0.0.0"),
      logCalls: () => {},
    });
    return new CheckedClient(chain, new TestClient(tables));
  }

  get methods(): readonly string[] {
    return this.#client.registry.methods.map(({ name }) => name);
  }

  /** Calls a method that must succeed with a result of its row's shape. */
  async call<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T> {
    const result = await this.#client.result(method, params);
    try {
      this.#client.registry.method(method)?.result.read(result);
    } catch (cause) {
      throw new Error(`${method}: ${cause instanceof Error ? cause.message : cause} in ${Deno.inspect(result)}`, {
        cause,
      });
    }
    if (result !== null) this.answered.add(method);
    return result as T;
  }

  /** Calls a method that must fail. */
  async failure(
    method: string,
    ...params: readonly unknown[]
  ): Promise<{ code: number; message: string; data?: unknown }> {
    const { result, error } = await this.#client.call(method, params);
    if (error === undefined) throw new Error(`${method} succeeded with ${Deno.inspect(result)}`);
    return error;
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
    this.chain.close();
  }
}
