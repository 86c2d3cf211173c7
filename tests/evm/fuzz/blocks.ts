import { difference } from "./compare.ts";
import type { Answer } from "./peers.ts";
import { TRACE_KINDS, traceConfig } from "./questions.ts";
import type { Pair } from "./run.ts";

/** A trace that is not geth's. */
export interface BlockMismatch {
  readonly block: number;
  readonly kind: string;
  readonly problem: string;
}

/** Traces every block and every transaction on both nodes, with every tracer; answers the differences and how many traces. */
export async function compareBlocks({ geth, own }: Pair): Promise<{ traces: number; mismatches: BlockMismatch[] }> {
  const mismatches: BlockMismatch[] = [];
  let traces = 0;
  const head = Number(resultOf<string>(await geth.ask("eth_blockNumber", [])));
  for (let block = 1; block <= head; block++) {
    const number = `0x${block.toString(16)}`;
    const { transactions } = resultOf<{ transactions: string[] }>(
      await geth.ask("eth_getBlockByNumber", [number, false]),
    );
    await Promise.all(TRACE_KINDS.map(async (kind, index) => {
      const config = traceConfig(kind);
      // A block shows each transaction; alone each is shown by one tracer after the other.
      const alone = transactions.filter((_, position) => (block + position) % TRACE_KINDS.length === index);
      const requests: [string, unknown[]][] = [
        ["debug_traceBlockByNumber", [number, config]],
        ...alone.map((hash): [string, unknown[]] => ["debug_traceTransaction", [hash, config]]),
      ];
      for (const [method, params] of requests) {
        const [theirs, ours] = await Promise.all([geth.ask(method, params), own.ask(method, params)]);
        const problem = difference(theirs, ours);
        traces += 1;
        if (problem !== undefined) mismatches.push({ block, kind, problem });
      }
    }));
  }
  return { traces, mismatches };
}

function resultOf<T>(answer: Answer): T {
  if ("error" in answer) throw new Error(answer.error.message);
  return answer.result as T;
}
