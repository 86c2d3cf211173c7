import type { DevControl } from "../../node/mod.ts";
import type { Method, NamespaceTable } from "../../rpc/method.ts";
import { accountRows, poolRows } from "./account.ts";
import { blockRows } from "./block.ts";
import { type ClientDependencies, clientRows } from "./client.ts";
import { miningRows } from "./mining.ts";
import { timeMachineRows } from "./time_machine.ts";

export interface DevDependencies extends ClientDependencies {
  readonly dev: DevControl;
}

/**
 * The namespaces through which a test controls its chain. A row may have a name in several of them, and means the same
 * in each: what anvil's documentation says.
 */
export function devTables(dependencies: DevDependencies): readonly NamespaceTable[] {
  const { dev } = dependencies;
  const tables = new Map<string, Record<string, Method>>();
  const rows = [
    ...miningRows(dev),
    ...blockRows(dev),
    ...accountRows(dev),
    ...poolRows(dev),
    ...timeMachineRows(dev),
    ...clientRows(dependencies),
  ];
  for (const { names, row } of rows) {
    for (const name of names) {
      const namespace = name.slice(0, name.indexOf("_"));
      const methods = tables.get(namespace) ?? {};
      if (Object.hasOwn(methods, name)) throw new Error(`method ${name} is defined twice`);
      methods[name] = row;
      tables.set(namespace, methods);
    }
  }
  return [...tables].map(([namespace, methods]) => ({ namespace, methods }));
}
