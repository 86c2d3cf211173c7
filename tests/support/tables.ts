import { type NamespaceDeps, namespaceTables } from "../../src/namespaces/mod.ts";
import type { NamespaceTable } from "../../src/rpc/method.ts";
import { unreachable } from "./unreachable.ts";

/** Makes the tables of every namespace of a node; the parts that a test does not give cannot be reached. */
export function testTables(parts: Partial<NamespaceDeps> = {}): readonly NamespaceTable[] {
  return namespaceTables({
    node: unreachable("node"),
    accounts: unreachable("accounts"),
    feed: unreachable("feed"),
    filters: unreachable("filters"),
    policy: { logLimits: { maxBlockRange: 0, maxAlternatives: 1000 }, feeCap: 0n },
    clientVersion: "Sallyport/test",
    logCalls: unreachable("logCalls"),
    log: unreachable("log"),
    ...parts,
  });
}
