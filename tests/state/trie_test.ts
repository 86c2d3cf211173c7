import { assertEquals } from "@std/assert";
import { MerklePatriciaTrie } from "npm:@ethereumjs/mpt@10.1.3";
import { keccak256, keccakString } from "../../src/crypto/keccak.ts";
import { randomBytes as bytes, seeded } from "../chain/seeded.ts";
import { EMPTY_ROOT, orderedTrieRoot, Trie } from "../../src/state/trie.ts";
import { bytesString, stringHex } from "../../src/state/binary_string.ts";

Deno.test("Trie without entries has the root of the empty string's RLP", () => {
  assertEquals(stringHex(EMPTY_ROOT), "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
  assertEquals(new Trie<Uint8Array>((value) => value).root(), EMPTY_ROOT);
});

Deno.test("Trie agrees with the library's trie after each of 1,500 random changes", async () => {
  const next = seeded(7);
  const theirs = new MerklePatriciaTrie({ useKeyHashing: false });
  let ours = new Trie<Uint8Array>((value) => value);
  // Keys that share long prefixes exercise extensions; short values exercise embedded nodes.
  const keys = Array.from({ length: 120 }, () => {
    const key = new Uint8Array(4);
    for (let i = 0; i < 4; i++) key[i] = next() % 3 === 0 ? next() & 0xff : (next() & 1) * 0x11;
    return key;
  });
  for (let step = 0; step < 1500; step++) {
    const key = keys[next() % keys.length] ?? new Uint8Array(4);
    if (next() % 3 === 0) {
      await theirs.del(key);
      ours = ours.delete(bytesString(key));
    } else {
      const value = bytes(1 + next() % (step % 2 === 0 ? 4 : 60), next);
      // The library deletes on an empty value only, but treats a lone zero byte as a value, as we do.
      await theirs.put(key, value);
      ours = ours.put(bytesString(key), value);
    }
    assertEquals(stringHex(ours.root()), `0x${theirs.root().toHex()}`, `step ${step}`);
  }
});

Deno.test("Trie keeps old versions readable and their roots unchanged", () => {
  const next = seeded(11);
  const versions: { trie: Trie<Uint8Array>; root: string }[] = [];
  let trie = new Trie<Uint8Array>((value) => value);
  const keys = Array.from({ length: 60 }, () => keccakString(bytes(8, next)));
  for (const key of keys) {
    trie = trie.put(key, keccak256(new Uint8Array([key.charCodeAt(0)])));
    versions.push({ trie, root: trie.root() });
  }
  for (const key of keys) trie = trie.delete(key);
  assertEquals(trie.isEmpty, true);
  versions.forEach(({ trie, root }, index) => {
    assertEquals(trie.root(), root);
    keys.forEach((key, at) => assertEquals(trie.get(key) !== undefined, at <= index));
  });
});

Deno.test("Trie proves presence and absence with the nodes that the library's proof has", async () => {
  const next = seeded(23);
  const theirs = new MerklePatriciaTrie({ useKeyHashing: false });
  let ours = new Trie<Uint8Array>((value) => value);
  for (let i = 0; i < 200; i++) {
    const key = keccak256(bytes(4, next));
    const value = bytes(40, next);
    await theirs.put(key, value);
    ours = ours.put(bytesString(key), value);
    const other = keccak256(bytes(4, next));
    for (const asked of [key, other]) {
      const { createMerkleProof } = await import("npm:@ethereumjs/mpt@10.1.3");
      assertEquals(
        ours.prove(bytesString(asked)).map((node) => node.toHex()),
        (await createMerkleProof(theirs, asked)).map((node) => node.toHex()),
      );
    }
  }
});

Deno.test("orderedTrieRoot agrees with the library for up to 300 items", async () => {
  const { RLP } = await import("npm:@ethereumjs/rlp@10.1.3");
  const next = seeded(31);
  const values: Uint8Array[] = [];
  const theirs = new MerklePatriciaTrie();
  for (let i = 0; i < 300; i++) {
    const value = bytes(1 + next() % 300, next);
    values.push(value);
    await theirs.put(RLP.encode(i), value);
    if (i % 37 === 0 || i > 290) assertEquals(orderedTrieRoot(values), `0x${theirs.root().toHex()}`, `${i + 1} items`);
  }
});
