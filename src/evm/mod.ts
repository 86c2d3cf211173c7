// Execution: the interpreter, messages and their checks, precompiles, system contracts, the transactions of a block one
// after another, and the hooks that tracers follow. It may import state/, primitives/, crypto/, eth/ and the errors of
// rpc/. It keeps no chain: where a block stands, what its parent is and what a client asked belong to chain/. If you
// are looking for a block by its number or name a JSON-RPC method, you are in the wrong place.

export { Machine } from "./machine.ts";
