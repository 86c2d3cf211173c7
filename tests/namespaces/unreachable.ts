import type { AccountManager } from "../../src/accounts/mod.ts";
import type { Logger } from "../../src/app/log.ts";
import { namespaceTables } from "../../src/namespaces/mod.ts";
import type { DevControl } from "../../src/node/dev.ts";
import type { Node } from "../../src/node/node.ts";
import type { Simulator } from "../../src/node/simulate.ts";
import type { BlockBuilder } from "../../src/node/testing.ts";
import type { Tracer } from "../../src/node/trace.ts";
import type { PoolReader, RawReader } from "../../src/node/pool.ts";
import type { Feed, Filters } from "../../src/pubsub/mod.ts";
import type { NamespaceTable } from "../../src/rpc/method.ts";

/** Stands in for what no handler may reach in a test: everything in it exists, and calling any of it throws. */
export function unreachable<T extends object>(name: string): T {
  const target = () => {};
  return new Proxy(target, {
    get: (_target, key) => unreachable(`${name}.${String(key)}`),
    apply() {
      throw new Error(`${name} was reached`);
    },
  }) as unknown as T;
}

/** Every namespace of the server, with nothing behind it. */
export function unreachableTables(): readonly NamespaceTable[] {
  return namespaceTables({
    node: unreachable<Node>("node"),
    simulator: unreachable<Simulator>("simulator"),
    tracer: unreachable<Tracer>("tracer"),
    raw: unreachable<RawReader>("raw"),
    builder: unreachable<BlockBuilder>("builder"),
    pool: unreachable<PoolReader>("pool"),
    dev: unreachable<DevControl>("dev"),
    accounts: unreachable<AccountManager>("accounts"),
    feed: unreachable<Feed>("feed"),
    filters: unreachable<Filters>("filters"),
    logLimits: { maxBlockRange: 0, maxAlternatives: 1000 },
    feeCap: 0n,
    clientVersion: "Sallyport/test",
    logCalls: unreachable("logCalls"),
    log: unreachable<Logger>("log"),
  });
}
