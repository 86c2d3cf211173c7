/**
 * Accounts and slots: an immutable trie (`trie.ts`), the world, which is all accounts at one moment (`world.ts`, with
 * `account.ts` and `storage.ts`), and the base that a world may stand on, which holds what this process does not
 * (`base.ts`): state of another node. `stored/` keeps worlds on disk. Execution reads a world and makes the next one.
 *
 * It may import crypto/ and primitives/. It runs nothing and knows no block. You are in the wrong place when you write a
 * gas cost, a fork rule or a request to another node.
 */
export * from "./base.ts";
export { World } from "./world.ts";
