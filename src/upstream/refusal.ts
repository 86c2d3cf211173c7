import { CODE, type RpcError } from "../rpc/error.ts";

// The texts are those of geth, erigon, nethermind, besu, reth, anvil and of the large providers; their codes differ from
// version to version and mean other things as well.

/** Matches an error that means: the upstream does not have the block (yet). */
const UNKNOWN_BLOCK =
  /header not found|header for hash not found|unknown block|block not found|block .*does not exist|BlockOutOfRange|block is out of range|hash .*is not currently canonical/i;

/** Matches an error that means: the upstream no longer has the state or the history of the block. */
const PRUNED =
  /missing trie node|historical state|state .*not available|state .*(is|was) pruned|pruned|required historical|no state found|distance to target block exceeds|old data not available|proof window/i;

/** Matches an error that means: the upstream could not do it in time. */
const TOO_SLOW = /request timed? ?out|server is busy|try again later|indexing is in progress/i;

/** Returns true when the upstream does not have the block of the question. */
export function lacksBlock({ message }: RpcError): boolean {
  return UNKNOWN_BLOCK.test(message);
}

/** Returns true when the upstream has dropped what the question is about. */
export function hasPruned({ message }: RpcError): boolean {
  return PRUNED.test(message);
}

/** Returns true when this upstream lacks the method, the block, its state or the time, and another may have it. */
export function isElsewhere(error: RpcError): boolean {
  return error.code === CODE.methodNotFound || lacksBlock(error) || hasPruned(error) || TOO_SLOW.test(error.message);
}
