import { assertEquals, assertThrows } from "@std/assert";
import { FactDatabase, FactDatabaseError } from "../../../src/fork/facts/fact_database.ts";
import { codeOf, NO_CODE } from "../../../src/state/code.ts";
import { wordHex } from "../../../src/primitives/hex.ts";
import type { Address } from "../../../src/primitives/types.ts";

const A: Address = `0x${"aa".repeat(20)}`;
const B: Address = `0x${"bb".repeat(20)}`;
const HASH = wordHex(77n);

async function inFolder(work: (folder: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sallyport_facts_" });
  try {
    work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function open(folder: string, errors: unknown[] = []): FactDatabase {
  return FactDatabase.open(folder, { onError: (error) => errors.push(error) });
}

Deno.test("Facts are those of one block of one chain, and are there when the file is opened again", async () => {
  await inFolder((folder) => {
    const first = open(`${folder}/made/on/the/way`);
    const facts = first.factsOf(1n, HASH);
    const code = codeOf(Uint8Array.of(0x5f));
    facts.putAccount(A, { nonce: 3n, balance: 2n ** 200n, code, hasStorage: true });
    facts.putAccount(B, null);
    facts.putSlot(A, 2n ** 255n, 0n);
    facts.putSlot(A, 0n, 2n ** 256n - 1n);
    facts.putBlockHash(76n, HASH);
    facts.putNode("\x00\xff".repeat(16), Uint8Array.of(1, 2));
    first.putStart("key", "text");
    first.close();
    const second = open(`${folder}/made/on/the/way`);
    const again = second.factsOf(1n, HASH);
    assertEquals(again.account(A), { nonce: 3n, balance: 2n ** 200n, code, hasStorage: true });
    assertEquals([again.account(B), again.account(`0x${"cc".repeat(20)}`)], [null, undefined]);
    assertEquals([again.slot(A, 2n ** 255n), again.slot(A, 0n), again.slot(A, 1n)], [0n, 2n ** 256n - 1n, undefined]);
    assertEquals([again.blockHash(76n), again.blockHash(75n)], [HASH, undefined]);
    assertEquals(again.node("\x00\xff".repeat(16)), Uint8Array.of(1, 2));
    assertEquals([second.start("key"), second.start("other")], ["text", undefined]);
    for (const other of [second.factsOf(2n, HASH), second.factsOf(1n, wordHex(78n))]) {
      assertEquals([other.account(A), other.slot(A, 0n), other.blockHash(76n)], [undefined, undefined, undefined]);
    }
    second.close();
  });
});

Deno.test("The file can be open twice, as by two processes, and each adds to it", async () => {
  await inFolder((folder) => {
    const [one, other] = [open(folder), open(folder)];
    one.factsOf(1n, HASH).putSlot(A, 1n, 5n);
    other.factsOf(1n, HASH).putAccount(A, { nonce: 1n, balance: 0n, code: NO_CODE, hasStorage: true });
    one.close();
    assertEquals(other.factsOf(1n, HASH).slot(A, 1n), 5n);
    other.close();
    const third = open(folder);
    assertEquals(third.factsOf(1n, HASH).account(A)?.nonce, 1n);
    third.close();
  });
});

Deno.test("A file of something else is refused by name, and stays as it was", async () => {
  await inFolder((folder) => {
    const path = `${folder}/fork.sqlite`;
    Deno.writeTextFileSync(path, "no database, but long enough to be taken for one".repeat(50));
    const error = assertThrows(() => open(folder), FactDatabaseError);
    assertEquals(error.message, `"${path}": file is not a database`);
    assertEquals(Deno.readTextFileSync(path).startsWith("no database"), true);
  });
});
