import type { Hash } from "../primitives/types.ts";
import type { Header } from "../primitives/header.ts";
import { type AccountLeaf, emptyLeaf } from "../state/account.ts";
import { Misses, type StateBase } from "../state/base.ts";
import { NO_CODE } from "../state/code.ts";
import { World } from "../state/world.ts";
import type { ChainConfig } from "./consensus/chain_config.ts";
import type { DevAccount } from "./consensus/dev_accounts.ts";
import { balanceOfDevAccount } from "./consensus/dev_genesis.ts";
import type { Settings } from "./core/settings.ts";

/** The block of another chain on which a chain begins. What is below it, and what is in it, stays with the other chain. */
export interface ChainStart {
  readonly header: Header;
  readonly hash: Hash;
  /** The sum of difficulties up to the block. */
  readonly totalDifficulty: bigint;
  /** The chain id, and the forks from the block on. */
  readonly config: ChainConfig;
  /** The state after the block. */
  readonly world: World;
  /** The accounts that the node can sign for. */
  readonly accounts: readonly DevAccount[];
  readonly settings?: Partial<Settings> | undefined;
}

/**
 * Returns a state of another chain with development accounts funded in it. They keep their nonces. They lose their code: on
 * public networks the accounts of well-known mnemonics are delegated to programs that take whatever comes in (EIP-7702).
 */
export async function fundedWorld(base: StateBase, accounts: readonly DevAccount[]): Promise<World> {
  const world = World.over(base);
  if (accounts.length === 0) return world;
  const misses = new Misses();
  for (const { address } of accounts) misses.accounts.add(address);
  await base.load(misses);
  return world.withLeaves(accounts.map((account): [DevAccount["address"], AccountLeaf] => {
    const leaf = world.leaf(account.address) ?? emptyLeaf(account.address);
    return [account.address, { ...leaf, balance: balanceOfDevAccount(account), code: NO_CODE }];
  }));
}
