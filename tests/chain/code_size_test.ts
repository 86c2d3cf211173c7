import { assertEquals, assertRejects } from "@std/assert";
import type { Hex } from "../../src/eth/types.ts";
import { RpcError } from "../../src/rpc/error.ts";
import { type TestChain, testChain } from "./fixture.ts";

const LATEST = { tag: "latest" } as const;

/** Init code that deploys `size` zero bytes, and is as long as that itself. */
function creation(size: number): Hex {
  return `0x62${size.toString(16).padStart(6, "0")}5ff3${"00".repeat(size)}`;
}

async function deployed(chain: TestChain, input: Hex): Promise<number> {
  const hash = await chain.send(1, { input, gas: 16_000_000n });
  const { contractAddress } = await chain.receipt(hash);
  return ((await chain.node.state.code(contractAddress as Hex, LATEST)).length - 2) / 2;
}

Deno.test("A contract may be as long as the limit on code says, and its init code twice as long", async () => {
  using chain = await testChain({ maxCodeBytes: 60_000, gasLimit: 30_000_000n });
  assertEquals(await deployed(chain, creation(60_000)), 60_000);
  const { signal } = new AbortController();
  const call = (input: Hex) => chain.node.executor.call({ input }, LATEST, { signal });
  assertEquals(
    (await assertRejects(() => call("0x61ea615ff3"), RpcError)).message,
    "max code size exceeded: code size 60001 limit 60000",
  );
  const raw = () => chain.send(1, { input: `0x${"00".repeat(120_001)}`, gas: 16_000_000n });
  assertEquals(
    (await assertRejects(raw, RpcError)).message,
    "max initcode size exceeded: code size 120001 limit 120000",
  );
});

Deno.test("Without a limit of its own a chain keeps EIP-170's and EIP-3860's", async () => {
  using chain = await testChain({ gasLimit: 30_000_000n });
  const { signal } = new AbortController();
  const call = () => chain.node.executor.call({ input: "0x6160015ff3" }, LATEST, { signal });
  assertEquals((await assertRejects(call, RpcError)).message, "max code size exceeded: code size 24577 limit 24576");
  const raw = () => chain.send(1, { input: `0x${"00".repeat(49_153)}`, gas: 16_000_000n });
  assertEquals((await assertRejects(raw, RpcError)).message, "max initcode size exceeded: code size 49153 limit 49152");
});
