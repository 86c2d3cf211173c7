// Accounts and slots: an immutable trie, the world (all accounts at one moment) on top of it, and the manager that
// collects one run's changes until they become the next world. It may import crypto/ and primitives/.
// It runs nothing and knows no block. If you are writing a gas cost, a fork or a block number, you are in the wrong
// place.

export { World } from "./world.ts";
