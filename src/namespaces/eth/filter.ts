import { bool } from "../../eth/input/codec.ts";
import { logQuery } from "../../eth/input/log_query.ts";
import { wireHash } from "../../eth/output/wire.ts";
import { wireLog } from "../../eth/output/receipt.ts";
import { wireTransaction } from "../../eth/output/transaction.ts";
import type { LogLimits, Node } from "../../node/mod.ts";
import type { Filters } from "../../pubsub/mod.ts";
import { type Method, method, optional, required } from "../../rpc/method.ts";
import { array, boolean, kindOf, type Schema, string, TypeMismatch } from "../../rpc/schema.ts";
import { oneOf } from "../../rpc/schema_object.ts";
import { checkAlternatives, liveRange } from "./log_range.ts";

export interface EthFilterDeps {
  readonly node: Pick<Node, "blocks">;
  readonly filters: Filters;
  readonly limits: LogLimits;
}

/** Reads a filter id; the error names the type as geth does. */
const filterId: Schema<string> = {
  json: string.json,
  read(value) {
    if (value === null) return "";
    if (typeof value !== "string") throw new TypeMismatch(kindOf(value), "rpc.ID");
    return value;
  },
};

const id = required("filterIdentifier", filterId);
const criteria = required("filter", logQuery, "Addresses, topics and a range of blocks.");
const full = optional("fullTransactions", bool, "True for whole transactions; hashes otherwise.");

/** Makes the rows for logs of the past and for polling filters (execution-apis, eth/filter). */
export function ethFilterRows(
  { node: { blocks }, filters, limits }: EthFilterDeps,
): { readonly [name: string]: Method } {
  return {
    eth_newFilter: method({
      summary: "Makes a filter that collects the logs of new and of abandoned blocks; answers its id.",
      params: [criteria],
      result: string,
      handler([query], { connection }) {
        checkAlternatives(query, limits.maxAlternatives);
        return filters.addLogs(connection, { query, ...liveRange(query) });
      },
    }),
    eth_newBlockFilter: method({
      summary: "Makes a filter that collects the hashes of new blocks; answers its id.",
      params: [],
      result: string,
      handler: (_args, { connection }) => filters.addBlocks(connection),
    }),
    eth_newPendingTransactionFilter: method({
      summary: "Makes a filter that collects transactions that enter the pool; answers its id.",
      params: [full],
      result: string,
      handler: ([whole], { connection }) => filters.addPending(connection, { full: whole ?? false }),
    }),
    eth_getFilterChanges: method({
      summary: "Returns what a filter collected since it was last asked.",
      params: [id],
      result: array(oneOf([wireHash, wireLog, wireTransaction])),
      handler: ([filter]) => filters.changes(filter),
    }),
    eth_getFilterLogs: method({
      summary: "Returns all logs of the chain that a log filter matches.",
      params: [id],
      result: array(wireLog),
      repeatable: true,
      handler: ([filter], { signal }) => blocks.logs(filters.logQuery(filter), limits, signal),
    }),
    eth_getLogs: method({
      summary: "Returns the logs of a range of blocks, or of one block, that match.",
      params: [criteria],
      result: array(wireLog),
      repeatable: true,
      handler([query], { signal }) {
        checkAlternatives(query, limits.maxAlternatives);
        return blocks.logs(query, limits, signal);
      },
    }),
    eth_uninstallFilter: method({
      summary: "Drops a filter; false when there is none with this id.",
      params: [id],
      result: boolean,
      handler: ([filter]) => filters.uninstall(filter),
    }),
  };
}
