/**
 * Ethereum's vocabulary: what a quantity, an address, a block reference, a transaction request or a receipt is.
 *
 * Values here are pure and have no I/O. `types.ts` names them; the schemas that read them from a client's JSON are
 * lenient where geth is and fail with geth's texts (`scalar`, `block_ref`, `transaction_request`, `access_list`,
 * `overrides`, `log_query`, `storage_key`); the schemas named `wire*` describe what this server sends, and admit one
 * spelling only. `error.ts` holds the codes that Ethereum adds to JSON-RPC's.
 *
 * It may import rpc/schema, rpc/error and rpc/raw_json. You are in the wrong place when you need a chain, a key, a clock
 * or a connection, or when what you write is about one method only: that belongs to namespaces.
 */
export * from "./access_list.ts";
export * from "./block_ref.ts";
export * from "./error.ts";
export * from "./hex.ts";
export * from "./log_query.ts";
export * from "./overrides.ts";
export * from "./scalar.ts";
export * from "./storage_key.ts";
export * from "./struct.ts";
export * from "./transaction_request.ts";
export type * from "./types.ts";
export * from "./wire.ts";
export * from "./wire_block.ts";
export * from "./wire_node.ts";
export * from "./wire_receipt.ts";
export * from "./wire_state.ts";
export * from "./wire_trace.ts";
export * from "./wire_transaction.ts";
