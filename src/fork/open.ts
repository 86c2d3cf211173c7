import { type ChainOptions, createDevChain, type DevAccount, type EmbeddedChain, fundedWorld } from "../chain/mod.ts";
import { serverError } from "../rpc/error.ts";
import type { StateBase } from "../state/base.ts";
import { createPinnedNode, type PinnedNode, type UpstreamLog, type UpstreamSpec } from "../upstream/mod.ts";
import { type BlockChoice, type ForkBlock, readForkBlock } from "./block.ts";
import type { StartStore } from "./facts/fact_store.ts";
import { askOpened } from "./opened.ts";
import { ForkedPast } from "./past.ts";
import { type ForkRules, rulesFor } from "./rules.ts";
import type { RemoteSource } from "./source.ts";

/** What every fork of a process has in common, the first one and those that a reset makes. */
export interface ForkOptions {
  /** The flags of the local chain. */
  readonly chain: Omit<ChainOptions, "start" | "genesis" | "blocks">;
  /** The accounts that are funded on top of the forked state. */
  readonly accounts: readonly DevAccount[];
  /** The time that a question waits for an upstream that can answer it, milliseconds. */
  readonly waitMs: number;
  /** The memory for answers about blocks up to the forked one, bytes. */
  readonly cacheBytes: number;
  /** Makes the state of a block from what its upstreams answer. */
  readonly baseOf: (source: RemoteSource, chainId: bigint) => StateBase;
  /** Earlier starts, where they are kept. */
  readonly starts?: StartStore | undefined;
  readonly log: UpstreamLog;
}

/** A local chain on top of a block of another. */
export interface Fork {
  readonly local: EmbeddedChain;
  readonly past: ForkedPast;
  readonly block: ForkBlock;
  readonly chainId: bigint;
  readonly rules: ForkRules;
  readonly upstreams: readonly UpstreamSpec[];
  /** The funded accounts that had code on the other chain, which is cleared. */
  readonly cleared: readonly DevAccount[];
}

/**
 * Forks a chain: connects, pins a block by its hash, and starts a local chain on it. `last` is the fork before this one, whose
 * knowledge of the state is kept where it is of the same block. Rejects with an RpcError; nothing is left open then.
 */
export async function openFork(
  options: ForkOptions,
  { upstreams, choice, last }: {
    readonly upstreams: readonly UpstreamSpec[];
    readonly choice: BlockChoice;
    readonly last?: Fork | undefined;
  },
): Promise<Fork> {
  const remote = connect(options, upstreams);
  try {
    const { block, chainId, networkId, config, tip } = await askOpened(remote, { ...options, upstreams, choice });
    remote.pin(block.json);
    const rules = rulesFor(block.header, { chainId, config });
    const kept = last?.block.hash === block.hash && last.chainId === chainId ? last.past : null;
    const past = kept ?? new ForkedPast(block, { remote, config, baseOf: (source) => options.baseOf(source, chainId) });
    const world = await fundedWorld(past.base, options.accounts);
    const now = BigInt(Math.floor((options.chain.now ?? Date.now)() / 1000));
    const local = await createDevChain({
      ...options.chain,
      networkId: options.chain.networkId ?? networkId,
      start: {
        ...block,
        // Of a network that is not known here only rules since the merge are: some have a difficulty though they mine by no work.
        header: rules.isKnown ? block.header : { ...block.header, difficulty: 0n },
        config: rules.config,
        world,
        accounts: options.accounts,
        settings: {
          // The clock of the fork begins at its block, however old that is (as anvil's).
          timeOffset: block.header.timestamp - now,
          gasLimit: block.header.gasLimit,
          ...tip === undefined ? {} : { defaultTip: tip },
        },
      },
    });
    kept?.replaceRemote(remote);
    return { local, past, block, chainId, rules, upstreams, cleared: clearedAmong(options.accounts, past.base) };
  } catch (error) {
    remote.close();
    throw error;
  }
}

/** Connects to upstreams that are to replace those of a fork. Rejects with an RpcError where they are of another chain. */
export async function openReplacement(
  options: ForkOptions,
  { upstreams, fork }: { readonly upstreams: readonly UpstreamSpec[]; readonly fork: Fork },
): Promise<PinnedNode> {
  const remote = connect(options, upstreams);
  try {
    await remote.connected();
    const chainId = BigInt(await remote.identity.chainId());
    if (chainId !== fork.chainId) {
      throw serverError(`the upstream is of chain ${chainId}, and the fork is of chain ${fork.chainId}`);
    }
    remote.pin((await readForkBlock(remote, { hash: fork.block.hash })).json);
    return remote;
  } catch (error) {
    remote.close();
    throw error;
  }
}

function connect({ waitMs, cacheBytes, log }: ForkOptions, upstreams: readonly UpstreamSpec[]): PinnedNode {
  return createPinnedNode({ upstreams, waitMs, cacheBytes, log });
}

function clearedAmong(accounts: readonly DevAccount[], base: StateBase): readonly DevAccount[] {
  return accounts.filter(({ address }) => {
    const account = base.account(address);
    return typeof account === "object" && account.code.bytes.length > 0;
  });
}
