import { assertEquals } from "@std/assert";
import { EMITTER, testChain } from "../fixture.ts";
import { ChainFolder, portrait } from "./stored_chain.ts";

Deno.test("A state that was loaded into a chain on disk comes back, with its blocks, and is what was dumped", async () => {
  using source = await testChain();
  const emitter = await source.deploy(1, EMITTER);
  await source.send(2, { to: emitter, value: 3n, input: `0x${"11".repeat(32)}`, gas: 100_000n });
  await source.node.dev.mine(3n);
  const dump = await source.node.dev.dumpState(true);
  await using folder = new ChainFolder();
  let before: unknown;
  {
    const chain = await folder.open();
    await chain.send(3, { to: chain.account(4).address, value: 1n });
    await chain.node.dev.loadState(dump);
    before = await portrait(chain);
    chain.node.close();
  }
  using chain = await folder.open();
  assertEquals(await portrait(chain), before);
  assertEquals(
    await chain.node.state.code(emitter, { tag: "latest" }),
    await source.node.state.code(emitter, { tag: "latest" }),
  );
  assertEquals(await chain.head(), await source.head());
  await chain.send(2, { to: emitter, input: `0x${"22".repeat(32)}`, gas: 100_000n });
});

Deno.test("Blocks that were exported are imported into a chain on disk, once, and come back", async () => {
  const pieces: number[] = [];
  await using exported = new ChainFolder();
  let before: Record<string, unknown>;
  {
    const chain = await exported.open();
    const emitter = await chain.deploy(1, EMITTER);
    for (let i = 0; i < 5; i++) await chain.send(2, { to: emitter, input: `0x${"11".repeat(32)}`, gas: 100_000n });
    before = await portrait(chain);
    chain.node.close();
  }
  const written = await exported.open({
    onBlocks: (bytes) => {
      pieces.push(...bytes);
      return Promise.resolve();
    },
  });
  written.node.close();
  await using folder = new ChainFolder();
  for (let round = 0; round < 2; round++) {
    const chain = await folder.open({ blocks: Uint8Array.from(pieces) });
    assertEquals((await portrait(chain))["blocks"], before["blocks"], `round ${round}`);
    chain.node.close();
  }
  using chain = await folder.open();
  assertEquals((await portrait(chain))["blocks"], before["blocks"]);
});
