import type { DevControl, Node } from "../../node/mod.ts";
import type { Method, NamespaceTable } from "../../rpc/method.ts";
import { accountRows, poolRows } from "./account.ts";
import { blockRows } from "./block.ts";
import { type ClientDependencies, clientRows } from "./client.ts";
import { asHardhat } from "./row.ts";
import { miningRows } from "./mining.ts";
import { timeMachineRows } from "./time_machine.ts";

export interface DevDependencies extends ClientDependencies {
  readonly dev: DevControl;
  readonly node: Pick<Node, "blocks">;
}

/**
 * Makes the namespaces through which a test controls its chain. A row may have a name in several of them and does the same
 * in each, as anvil's documentation says; only the answers differ where Hardhat documents others.
 */
export function devTables(dependencies: DevDependencies): readonly NamespaceTable[] {
  const { dev, node } = dependencies;
  const tables = new Map<string, Record<string, Method>>();
  const rows = [
    ...miningRows(dev),
    ...blockRows(dev),
    ...accountRows(dev),
    ...poolRows(dev, node.blocks),
    ...timeMachineRows(dev),
    ...clientRows(dependencies),
  ];
  for (const { names, row } of rows) {
    for (const name of names) {
      const namespace = name.slice(0, name.indexOf("_"));
      const methods = tables.get(namespace) ?? {};
      if (Object.hasOwn(methods, name)) throw new Error(`method ${name} is defined twice`);
      methods[name] = namespace === "hardhat" ? asHardhat(row) : row;
      tables.set(namespace, methods);
    }
  }
  return [...tables].map(([namespace, methods]) => ({ namespace, methods }));
}
