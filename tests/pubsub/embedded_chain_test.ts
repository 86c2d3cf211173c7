import { assertEquals } from "@std/assert";
import { createDevChain, type EmbeddedChain } from "../../src/chain/mod.ts";
import type { Address, Hash } from "../../src/eth/types.ts";
import { Client, createService } from "./client.ts";

/** LOG0 of nothing, twice. */
const LOGGER_CODE = "0x60006000a060006000a000";
const LOGGER: Address = "0x00000000000000000000000000000000000106e2";

interface World {
  readonly chain: EmbeddedChain;
  readonly client: Client;
  newClient(): Client;
  /** Seals a block with a call of the logging contract. */
  log(): Promise<Hash>;
  close(): void;
}

async function setUp(): Promise<World> {
  const chain = await createDevChain();
  await chain.dev.setCode(LOGGER, LOGGER_CODE);
  const from = chain.accounts[0]?.address ?? "0x";
  await chain.dev.impersonate(from);
  const service = createService(chain.events);
  const client = new Client(service);
  return {
    chain,
    client,
    newClient: () => new Client(service),
    async log() {
      const { signal } = new AbortController();
      return await chain.dev.sendUnsigned(await chain.submit.fill({ from, to: LOGGER }, signal));
    },
    close() {
      service.feed.close();
      chain.close();
    },
  };
}

/** What came, in short. */
function story({ notified }: Client): string[] {
  return notified.map(({ result }) => {
    if (typeof result === "string") return "pending";
    if (Array.isArray(result)) return `receipts of ${result.length}`;
    const { number, blockNumber, logIndex, removed } = result as Record<string, string | boolean>;
    if (number !== undefined) return `head ${Number(number)}`;
    return `${removed ? "-" : ""}log ${Number(blockNumber)}.${Number(logIndex)}`;
  });
}

Deno.test("The embedded chain is told of in order: pending, header, logs by index, receipts", async () => {
  const { client, log, close } = await setUp();
  for (const kind of ["transactionReceipts", "newHeads", "newPendingTransactions"]) await client.subscribe(kind);
  await client.subscribe("logs", {});
  await log();
  assertEquals(story(client), ["pending", "head 1", "log 1.0", "log 1.1", "receipts of 1"]);
  close();
});

Deno.test("Everything of a block of the embedded chain can be read before its header is sent", async () => {
  const { chain, client, log, close } = await setUp();
  await client.subscribe("newHeads");
  const readable: unknown[] = [];
  await client.subscribe("transactionReceipts");
  chain.events.onEvent((event) => {
    if (event.kind !== "block") return;
    const { number, hash } = event.block;
    const { transactionHash } = event.block.receipts?.[0] ?? {};
    const told = client.notified.length;
    readable.push((async () => {
      const block = await chain.blocks.block({ number }, false);
      const receipt = await chain.blocks.receipt(transactionHash ?? "0x");
      const nonce = await chain.state.nonce(chain.accounts[0]?.address ?? "0x", { hash, requireCanonical: true });
      return [told, block?.decode() !== null, receipt !== null, nonce];
    })());
  });
  await log();
  // The listener hears of the block in the same breath as the client.
  assertEquals(await Promise.all(readable), [[2, true, true, "0x1"]]);
  close();
});

Deno.test("A client that slept through a reorganisation of the embedded chain resumes without a gap", async () => {
  const { chain, client, newClient, log, close } = await setUp();
  for (let sealed = 0; sealed < 3; sealed++) await log();
  await client.subscribe("newHeads", { fromBlock: "0x1" });
  await client.arrived(3);
  const last = client.notified.at(-1)?.result as { hash: Hash };
  client.close();
  await chain.dev.reorg(2, []);
  await log();
  const again = newClient();
  const point = { blockHash: last.hash, fromBlock: "0x4" };
  await again.batch([["eth_subscribe", ["logs", point]], ["eth_subscribe", ["newHeads", point]]]);
  await again.until(() => story(again).at(-1)?.startsWith("log ") ?? false);
  // The two calls went back to the pool, and were sealed again with or after the new blocks.
  const told = story(again);
  assertEquals(told.slice(0, 5), ["-log 3.1", "-log 3.0", "-log 2.1", "-log 2.0", "head 2"]);
  const heads = told.filter((line) => line.startsWith("head"));
  const head = Number(await chain.blocks.headNumber());
  assertEquals(heads, Array.from({ length: head - 1 }, (_, index) => `head ${index + 2}`));
  close();
});

Deno.test("Going back to a snapshot of the embedded chain is told as removals, exactly once", async () => {
  const { chain, client, log, close } = await setUp();
  await client.subscribe("logs", {});
  const snapshot = await chain.dev.snapshot();
  await log();
  await chain.dev.revert(snapshot);
  await log();
  await chain.dev.reset();
  const told = ["log 1.0", "log 1.1", "-log 1.1", "-log 1.0"];
  assertEquals(story(client), [...told, ...told]);
  close();
});
