import type { Hash } from "../../eth/types.ts";
import type { Node } from "../../node/mod.ts";
import type { RawJson } from "../../rpc/raw_json.ts";

/** Waits until a transaction is mined; resolves with null after `timeoutMs`, rejects when `signal` is aborted. */
export async function waitForReceipt(
  { blocks, events }: Pick<Node, "blocks" | "events">,
  { hash, timeoutMs, signal }: { readonly hash: Hash; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<RawJson | null> {
  const { promise, resolve, reject } = Promise.withResolvers<RawJson | null>();

  async function look(): Promise<void> {
    try {
      const receipt = await blocks.receipt(hash);
      if (receipt !== null) resolve(receipt);
    } catch (error) {
      reject(error);
    }
  }

  const aborted = () => reject(signal.reason);
  const stop = events.onEvent(({ kind }) => {
    if (kind === "block") look();
  });
  const timer = setTimeout(() => resolve(null), timeoutMs);
  signal.addEventListener("abort", aborted, { once: true });
  try {
    if (signal.aborted) aborted();
    // The transaction may have been mined before the listener was added: automine seals while it is sent.
    look();
    return await promise;
  } finally {
    stop();
    clearTimeout(timer);
    signal.removeEventListener("abort", aborted);
  }
}
