/**
 * The methods: one table per namespace, one row per method, and no other place to add one.
 *
 * A row holds summary, parameters, result and handler. The RPC core checks the number and the shape of the arguments before
 * it runs the handler, so a handler is short: it asks one role of the node, the accounts or the subscriptions, and
 * returns the answer. Namespaces with many rows are split as the execution-apis specification splits them
 * (`eth/block`, `eth/state`, ...); several files may then contribute rows to one namespace.
 *
 * It may import rpc, eth, node, pubsub and accounts. You are in the wrong place when a handler computes something: rules
 * of the chain belong to chain, rules about keys to accounts, rules about subscriptions to pubsub.
 */
import type { AccountManager } from "../accounts/mod.ts";
import type { Logger } from "../app/log.ts";
import type { LogLimits, Node } from "../node/mod.ts";
import type { Feed, Filters } from "../pubsub/mod.ts";
import type { Method, NamespaceTable } from "../rpc/method.ts";
import { debugInspectRows, debugPrintRows, debugSetHeadRows } from "./debug/inspect.ts";
import { debugRawRows } from "./debug/raw.ts";
import { debugRuntimeRows } from "./debug/runtime.ts";
import { debugTraceRows } from "./debug/trace.ts";
import { devTables } from "./dev/tables.ts";
import { ethAccountRows } from "./eth/account.ts";
import { ethBlockRows } from "./eth/block.ts";
import { ethClientRows } from "./eth/client.ts";
import { ethExecuteRows } from "./eth/execute.ts";
import { ethFeeMarketRows } from "./eth/fee_market.ts";
import { ethFilterRows } from "./eth/filter.ts";
import { ethPendingRows } from "./eth/pending.ts";
import { ethResendRows } from "./eth/resend.ts";
import { ethSignRows } from "./eth/sign.ts";
import { ethSimulateRows } from "./eth/simulate.ts";
import { ethStateRows } from "./eth/state.ts";
import { ethSubmitRows } from "./eth/submit.ts";
import { ethSubscriptions } from "./eth/subscribe.ts";
import { ethTransactionRows } from "./eth/transaction.ts";
import { ethUnsignedRows } from "./eth/unsigned.ts";
import { netRows } from "./net.ts";
import { personalTable } from "./personal.ts";
import { testingRows } from "./testing.ts";
import { txpoolRows } from "./txpool.ts";
import { web3Rows } from "./web3.ts";

export { passThroughOf, passThroughSubscriptionOf } from "./pass_through.ts";
export { clientVersion } from "./web3.ts";

/** Limits that the operator sets on what the methods do. */
export interface Policy {
  /** --rpc.rangelimit and --rpc.logquerylimit. */
  readonly logLimits: LogLimits;
  /** --rpc.txfeecap in wei; 0 is no cap. */
  readonly feeCap: bigint;
}

export interface NamespaceDeps {
  readonly node: Node;
  readonly accounts: AccountManager;
  /** The stream of the node's events, and the filters that are polled; one of each per process. */
  readonly feed: Feed;
  readonly filters: Filters;
  readonly policy: Policy;
  /** The answer of web3_clientVersion; see {@link clientVersion}. */
  readonly clientVersion: string;
  /** Writes a log line for each served call, or none (anvil_setLoggingEnabled). */
  readonly logCalls: (enabled: boolean) => void;
  readonly log: Logger;
}

type Rows = { readonly [name: string]: Method };

/** Joins the rows of several files for one namespace; throws when two rows have one name. */
function join(parts: readonly Rows[]): Rows {
  const joined: Record<string, Method> = {};
  for (const part of parts) {
    for (const [name, row] of Object.entries(part)) {
      if (Object.hasOwn(joined, name)) throw new Error(`method ${name} is defined twice`);
      joined[name] = row;
    }
  }
  return joined;
}

/** Makes every namespace for which the node has the roles, also those that the allow-list leaves out. */
export function namespaceTables(deps: NamespaceDeps): NamespaceTable[] {
  const { node, feed, filters, policy: { logLimits: limits } } = deps;
  const { pool, raw, tracer, inspector, simulator, builder, dev } = node;
  const eth = join([
    ethAccountRows(deps),
    ethBlockRows(node),
    ethClientRows(deps),
    ethExecuteRows(node),
    ethFeeMarketRows(node),
    ethFilterRows({ node, filters, limits }),
    ethSignRows(deps),
    ethStateRows(node),
    ethSubmitRows(deps),
    ethTransactionRows(node),
    ...(pool === undefined ? [] : [
      ethPendingRows({ pool, accounts: deps.accounts }),
      ethResendRows({ ...deps, pool }),
    ]),
    ...(simulator === undefined ? [] : [ethSimulateRows(simulator)]),
  ]);
  const debug = join([
    debugPrintRows(node.blocks),
    debugRuntimeRows(),
    ...(raw === undefined ? [] : [debugRawRows({ raw, blocks: node.blocks })]),
    ...(tracer === undefined ? [] : [debugTraceRows(tracer)]),
    ...(inspector === undefined ? [] : [debugInspectRows(inspector)]),
    ...(dev === undefined ? [] : [debugSetHeadRows({ blocks: node.blocks, dev })]),
  ]);
  return [
    { namespace: "eth", methods: eth, subscriptions: ethSubscriptions({ feed, limits }) },
    { namespace: "debug", methods: debug },
    { namespace: "net", methods: netRows(node) },
    personalTable(deps),
    ...(builder === undefined ? [] : [{ namespace: "testing", methods: testingRows(builder) }]),
    ...(pool === undefined ? [] : [{ namespace: "txpool", methods: txpoolRows(pool) }]),
    { namespace: "web3", methods: web3Rows(deps) },
    ...(dev === undefined ? [] : [
      { namespace: "eth", requiresOneOf: ["anvil", "hardhat"], methods: ethUnsignedRows(deps) },
      ...devTables({ ...deps, dev }),
    ]),
  ];
}
