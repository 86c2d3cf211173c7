/**
 * Ethereum's vocabulary: what a quantity, an address, a block reference, a transaction request or a receipt is.
 *
 * Values here are pure and have no I/O. `types.ts` names them (the scalars are those of primitives/). `input/` holds the
 * codecs of questions: they read a client's JSON as leniently as geth does, fail with geth's texts, and write the same
 * question for a node that is asked over the network. `output/` holds the schemas of answers, named `wire*`: they admit
 * one spelling only. `error.ts` holds the codes that Ethereum adds to JSON-RPC's.
 *
 * It may import primitives/, rpc/schema, rpc/error and rpc/raw_json. You are in the wrong place when you need a chain, a
 * key, a clock or a connection, or when what you write is about one method only: that belongs to namespaces.
 */
export * from "./input/access_list.ts";
export * from "./input/block_ref.ts";
export * from "./input/codec.ts";
export * from "./error.ts";
export * from "./input/hexutil.ts";
export * from "./input/log_query.ts";
export * from "./input/overrides.ts";
export * from "./input/scalar.ts";
export * from "./input/simulation.ts";
export * from "./input/storage_key.ts";
export * from "./input/struct.ts";
export * from "./input/trace_config.ts";
export * from "./input/transaction_request.ts";
export type * from "./types.ts";
export * from "./output/wire.ts";
export * from "./output/block.ts";
export * from "./output/inspect.ts";
export * from "./output/node.ts";
export * from "./output/receipt.ts";
export * from "./output/state.ts";
export * from "./output/trace.ts";
export * from "./output/transaction.ts";
