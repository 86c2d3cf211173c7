import type { Hash } from "../eth/types.ts";
import { CODE, RpcError } from "../rpc/error.ts";
import { UpstreamFailure } from "./failure.ts";
import type { Question, Router } from "./router.ts";
import type { Upstream } from "./upstream.ts";

/** Matches an error that means: the transaction is in the pool of the upstream, or in a block already. */
const ALREADY_KNOWN =
  /already known|known transaction|already imported|alreadyknown|already exists|tx already in mempool/i;

export interface BroadcastOptions {
  /** The call that sends the transaction. */
  readonly question: Question;
  /** The hash of the transaction, computed here; the answers of the upstreams are not needed. */
  readonly hash: Hash;
}

/**
 * Sends a signed transaction to every upstream at once, and waits for one where none is there. Resolves when the first accepts
 * it. Rejects with the error of the first upstream in the order when none accepts it, or with -32002 when none answers.
 */
export async function broadcast(router: Router, { question, hash }: BroadcastOptions): Promise<Hash> {
  const upstreams = await router.available(question);
  const errors = new Map<Upstream, unknown>();
  const attempts = upstreams.map(async (upstream) => {
    try {
      await router.askOne(upstream, question);
    } catch (error) {
      if (error instanceof RpcError && ALREADY_KNOWN.test(error.message)) return;
      errors.set(upstream, error);
      throw error;
    }
  });
  try {
    await Promise.any(attempts);
    return hash;
  } catch (error) {
    if (!(error instanceof AggregateError)) throw error;
    const inOrder = upstreams.map((upstream) => errors.get(upstream));
    const refusal = inOrder.find((error) => error instanceof RpcError);
    if (refusal !== undefined) throw refusal;
    const reasons = upstreams.map((upstream) => `${upstream.spec.name}: ${textOf(errors.get(upstream))}`);
    throw new RpcError(CODE.timeout, `no upstream took the transaction (${reasons.join("; ")})`);
  }
}

function textOf(error: unknown): string {
  return error instanceof UpstreamFailure ? error.message : "it failed";
}
