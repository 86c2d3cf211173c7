import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { APPLICATION_ID, FORMAT } from "../../../src/chain/journal/schema.ts";
import { JournalError } from "../../../src/chain/mod.ts";
import { RpcError } from "../../../src/rpc/error.ts";
import { Random } from "../../support/random.ts";
import { until } from "../../support/until.ts";
import { testChain } from "../fixture.ts";
import { ChainFolder, portrait } from "./stored_chain.ts";

/** The message with which a folder is refused; the folder's own path is `DIR`. */
async function refusal(folder: ChainFolder, options: Parameters<ChainFolder["open"]>[0] = {}): Promise<string> {
  const error = await assertRejects(() => folder.open(options), JournalError);
  return error.message.replaceAll(folder.path, "DIR");
}

/** Changes the file of a closed chain. */
function alter(folder: ChainFolder, sql: string): void {
  const file = new DatabaseSync(`${folder.path}/chain.sqlite`);
  file.exec(sql);
  file.close();
}

async function closedChain(folder: ChainFolder): Promise<void> {
  const chain = await folder.open();
  await chain.send(1, { to: chain.account(2).address, value: 1n });
  chain.node.close();
  await folder.closed();
}

Deno.test("A folder with another chain is refused, and both are named", async () => {
  await using folder = new ChainFolder();
  await closedChain(folder);
  const text = await refusal(folder, { accounts: 3 });
  const [, held, wanted] = /genesis (0x\w{64}) and .* genesis (0x\w{64}) and/.exec(text) ?? [];
  assertEquals(
    text,
    `"DIR/chain.sqlite" holds the chain of genesis ${held} and chain id 1337, but the flags describe genesis ${wanted} ` +
      "and chain id 1337: start with the flags that the chain was made with, or name another folder",
  );
  assertNotEquals(held, wanted);
  assertEquals(
    await refusal(folder, { chainId: 5n }),
    `"DIR/chain.sqlite" holds the chain of genesis ${held} and chain id 1337, but the flags describe genesis ${held} ` +
      "and chain id 5: start with the flags that the chain was made with, or name another folder",
  );
  using chain = await folder.open();
  assertEquals(await chain.head(), 1n);
});

Deno.test("A chain id that was set at run time is no other chain", async () => {
  await using folder = new ChainFolder();
  const chain = await folder.open();
  await chain.node.dev.setChainId(99n);
  chain.node.close();
  using again = await folder.open();
  assertEquals(await again.node.identity.chainId(), "0x63");
});

Deno.test("Another format, another program's file and a damaged one are refused, and stay as they are", async () => {
  await using folder = new ChainFolder();
  await closedChain(folder);
  alter(folder, `PRAGMA user_version = ${FORMAT + 1}`);
  assertEquals(
    await refusal(folder),
    `"DIR/chain.sqlite" has format ${FORMAT + 1}, and this version reads up to format ${FORMAT}: ` +
      "use the version that wrote it, or name another folder",
  );
  alter(folder, `PRAGMA user_version = ${FORMAT}; PRAGMA application_id = 7`);
  assertEquals(await refusal(folder), '"DIR/chain.sqlite" is a database of another program: name another folder');
  alter(folder, `PRAGMA application_id = ${APPLICATION_ID}`);
  const whole = Deno.readFileSync(`${folder.path}/chain.sqlite`);
  Deno.writeFileSync(`${folder.path}/chain.sqlite`, whole.slice(0, 5000).fill(7, 0, 100));
  assertEquals(
    await refusal(folder),
    '"DIR/chain.sqlite" is damaged (file is not a database): ' +
      "put a copy in its place, or move it away to start a new chain",
  );
  Deno.writeFileSync(`${folder.path}/chain.sqlite`, whole);
  using chain = await folder.open();
  assertEquals(await chain.head(), 1n);
});

Deno.test("A file whose head or state is damaged is refused, not begun anew", async () => {
  for (const sql of ["UPDATE block SET header = x'c0' WHERE number = 1", "DELETE FROM pack WHERE id = 2"]) {
    await using folder = new ChainFolder();
    await closedChain(folder);
    alter(folder, sql);
    assertMatch(
      await refusal(folder),
      /^"DIR\/chain.sqlite" is damaged \(.+\): put a copy in its place, or move it away to start a new chain$/,
      sql,
    );
  }
});

Deno.test("Noise in any page of the file is found, or does not matter; nothing is begun anew", async () => {
  const random = new Random(1);
  const noise = (bytes: number) => Uint8Array.from({ length: bytes }, () => random.below(256));
  await using folder = new ChainFolder();
  await closedChain(folder);
  const path = `${folder.path}/chain.sqlite`;
  const whole = Deno.readFileSync(path);
  let refused = 0;
  for (let page = 0; page < whole.length / 4096; page++) {
    const bytes = whole.slice();
    bytes.set(noise(4096), page * 4096);
    Deno.writeFileSync(path, bytes);
    try {
      using chain = await folder.open();
      assertEquals(await chain.head(), 1n, `page ${page}`);
    } catch (error) {
      assert(error instanceof JournalError, `page ${page}: ${error}`);
      assertMatch(error.message, /is damaged|database of another program|has format/, `page ${page}`);
      refused++;
    }
  }
  assert(refused > 3, `${refused} pages matter`);
});

Deno.test("A log of SQLite's whose beginning is damaged is refused, not left out", async () => {
  await using folder = new ChainFolder();
  await closedChain(folder);
  const log = `${folder.path}/chain.sqlite-wal`;
  for (const bytes of [new Uint8Array(4096).fill(7), new Uint8Array(10)]) {
    Deno.writeFileSync(log, bytes);
    assertEquals(
      await refusal(folder),
      `"DIR/chain.sqlite-wal" is damaged (the beginning of SQLite's log is not what was written): ` +
        "put a copy in its place, or move it away to start a new chain",
    );
  }
  Deno.removeSync(log);
  using chain = await folder.open();
  assertEquals(await chain.head(), 1n);
});

Deno.test("A folder that is in use is refused", async () => {
  await using folder = new ChainFolder();
  using _chain = await folder.open();
  assertEquals(
    await refusal(folder),
    '"DIR" is in use by another process: stop it, or name another folder',
  );
});

Deno.test("While the disk is full, changes are refused and nothing of them is there; then it goes on", async () => {
  await using folder = new ChainFolder();
  const errors: unknown[] = [];
  const database = await folder.database((error) => errors.push(error));
  using chain = await testChain({ database });
  const { dev } = chain.node;
  const to = chain.account(2).address;
  await chain.send(1, { to, value: 1n });
  await chain.send(1, { to, value: 1n });
  const message = `"${folder.path}/chain.sqlite" cannot be written: database or disk is full; the chain is as it was`;
  // Each of these needs more room than a page that is half empty has.
  const code = `0x${"5b".repeat(20_000)}` as const;
  const acts: readonly [name: string, act: () => Promise<unknown>][] = [
    ["edit", () => dev.setCode(to, code)],
    ["append", () => chain.send(1, { input: code, gas: 9_000_000n })],
    ["reorg", () => dev.reorg(1, [{ offset: 0, transaction: { from: to, input: code, gas: 8_000_000n } }])],
  ];
  const before = await portrait(chain);
  const pages = Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
  database.prepare(`PRAGMA max_page_count = ${pages}`).get();
  for (const [name, act] of acts) {
    assertEquals((await assertRejects(act, RpcError)).message, message, name);
    assertEquals(await portrait(chain), before, name);
  }
  assertEquals(errors.length, 1);
  database.prepare("PRAGMA max_page_count = 100000").get();
  for (const [, act] of acts) await act();
  const after = await portrait(chain);
  assertNotEquals(after, before);
  chain.node.close();
  await folder.closed();
  using again = await folder.open();
  assertEquals(await portrait(again), after);
});

Deno.test("When the file was deleted, changes are refused", async () => {
  await using folder = new ChainFolder();
  const database = await folder.database(() => {});
  using chain = await testChain({ database });
  Deno.removeSync(`${folder.path}/chain.sqlite`);
  let refused: unknown;
  let mined = 0n;
  // It is noticed within a tenth of a second.
  await until(async () => {
    await chain.node.dev.mine(1n).then(() => mined++, (error) => refused = error);
    return refused !== undefined;
  });
  assertEquals(
    (refused as RpcError).message,
    `"${folder.path}/chain.sqlite" was deleted; the chain is as it was`,
  );
  assertEquals(await chain.head(), mined);
});
