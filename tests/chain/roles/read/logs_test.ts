import { assert, assertEquals, assertRejects } from "@std/assert";
import { MAX_LOG_ANSWER_BYTES } from "../../../../src/chain/roles/read/log_collector.ts";
import { RpcError } from "../../../../src/rpc/error.ts";
import { type TestChain, testChain } from "../../fixture.ts";

const NO_LIMITS = { maxBlockRange: 0, maxAlternatives: 0 };
const LOGS_PER_BLOCK = 20;
/** Twenty times PUSH3 0x016000, PUSH1 0, LOG0: a block of 3.6 MB of encoded logs. */
const LOUD = "620160006000a0".repeat(LOGS_PER_BLOCK);

/** Blocks 2 and up have large logs. */
async function loudChain(blocks: number): Promise<TestChain> {
  const chain = await testChain({ gasLimit: 30_000_000n });
  const to = await chain.deploy(1, LOUD);
  for (let block = 0; block < blocks; block++) await chain.send(1, { to, gas: 16_000_000n });
  return chain;
}

function search(chain: TestChain, options: { to: bigint; signal?: AbortSignal }) {
  const query = { addresses: [], topics: [], fromBlock: { number: 0n }, toBlock: { number: options.to } };
  return Promise.resolve(chain.node.blocks.logs(query, NO_LIMITS, options.signal));
}

Deno.test("Log query over the limit of encoded bytes is refused with both numbers, and a narrower one is answered", async () => {
  using chain = await loudChain(19);
  const error = await assertRejects(() => search(chain, { to: 20n }), RpcError);
  assertEquals(error.code, -32005);
  assert(error.message.includes("narrow the range"), error.message);
  const { limit, value } = error.data as { limit: number; value: number };
  assertEquals(limit, MAX_LOG_ANSWER_BYTES);
  assert(value > limit && value < limit + 200_000, `${value}`);

  let turns = 0;
  const timer = setInterval(() => turns += 1, 0);
  const [one, other, small] = await Promise.all([
    search(chain, { to: 18n }),
    search(chain, { to: 18n }),
    search(chain, { to: 1n }),
  ]);
  clearInterval(timer);
  assertEquals([small?.text, one?.text === other?.text], ["[]", true]);
  assertEquals((one?.decode() as unknown[]).length, 17 * LOGS_PER_BLOCK);
  assert(turns > 1, "timers ran meanwhile");
});

Deno.test("Log query ends when its caller is gone, also in line behind another", async () => {
  using chain = await loudChain(2);
  const caller = new AbortController();
  const running = search(chain, { to: 3n });
  const waiting = search(chain, { to: 3n, signal: caller.signal });
  caller.abort();
  const error = await assertRejects(() => waiting, RpcError, "log query aborted");
  assertEquals(error.code, -32000);
  assertEquals(((await running).decode() as unknown[]).length, 2 * LOGS_PER_BLOCK);
  assertEquals(((await search(chain, { to: 3n })).decode() as unknown[]).length, 2 * LOGS_PER_BLOCK);
});
