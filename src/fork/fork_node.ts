import { createDevChain, type DevAccount, type EmbeddedChain } from "../chain/mod.ts";
import { Mutex } from "../concurrency/mutex.ts";
import type { DevControl, Forking, Node } from "../node/mod.ts";
import { quantity } from "../primitives/hex.ts";
import { serverError } from "../rpc/error.ts";
import type { PinnedNode, UpstreamSpec } from "../upstream/mod.ts";
import type { BlockChoice } from "./block.ts";
import { following } from "./following.ts";
import { type Fork, type ForkOptions, openFork, openReplacement } from "./open.ts";
import { ForkBlocks } from "./roles/blocks.ts";
import { ForkDebug } from "./roles/debug.ts";
import { ForkEvents } from "./roles/events.ts";
import { ForkExecutor } from "./roles/execution.ts";
import { ForkState } from "./roles/state.ts";
import { Sides, type Standing } from "./sides.ts";

export interface ForkNodeOptions extends ForkOptions {
  readonly upstreams: readonly UpstreamSpec[];
  readonly choice: BlockChoice;
  /** Reads a URL that a client gives to a reset. Rejects with an RpcError for one that cannot be an upstream, or not be reached. */
  readonly specOf: (url: string) => Promise<UpstreamSpec>;
}

/** A local chain on top of a real one, as one node. */
export interface ForkNode extends Node {
  readonly dev: DevControl;
  readonly accounts: readonly DevAccount[];
  /** The fork as it is now; null after a reset to a chain of its own. */
  fork(): Fork | null;
  /** The upstreams of now. */
  remote(): PinnedNode | null;
  close(): void;
}

/** Forks the chain of the upstreams. Rejects with an RpcError where none of them can answer, or lacks the block. */
export async function createForkNode(options: ForkNodeOptions): Promise<ForkNode> {
  const first = await openFork(options, options);
  let fork: Fork | null = first;
  let upstreams = options.upstreams;
  let standing: Standing = first;
  const sides = new Sides(() => standing);
  const events = new ForkEvents(sides);
  await events.follow(first.local);
  const executor = new ForkExecutor(sides);
  const debug = new ForkDebug(sides);
  const changes = new Mutex();

  /** Puts another chain in place of the one that stands. Its own events say that all local blocks are gone. */
  async function replace(next: Standing, nextFork: Fork | null): Promise<void> {
    const last = { standing, fork, head: sides.past?.block.hash };
    await last.standing.local.dev.reset();
    await keepMining(last.standing.local, next.local);
    standing = next;
    fork = nextFork;
    await events.follow(next.local);
    if (next.past?.block.hash !== last.head) await events.tellHead();
    last.standing.local.close();
    if (last.fork?.past !== nextFork?.past) last.fork?.past.remote.retire();
  }

  async function reset(forking?: Forking): Promise<void> {
    await changes.run(async () => {
      if (forking === undefined) return await replace({ local: await ownChain(options), past: null }, null);
      const { url, blockNumber } = forking;
      const wanted = url === undefined ? upstreams : [await options.specOf(url)];
      const choice: BlockChoice = blockNumber === undefined ? { tag: "latest" } : { number: blockNumber };
      const next = await openFork(options, { upstreams: wanted, choice, last: fork ?? undefined });
      upstreams = wanted;
      await replace(next, next);
    });
  }

  async function setRpcUrl(url: string): Promise<void> {
    await changes.run(async () => {
      if (fork === null) throw serverError("there is no upstream URL to change: this chain is not a fork");
      const wanted = [await options.specOf(url)];
      fork.past.replaceRemote(await openReplacement(options, { upstreams: wanted, fork }));
      upstreams = wanted;
    });
  }

  const local = following(() => standing.local.dev);
  const dev: DevControl = new Proxy(local, {
    get: (target, name, receiver) =>
      name === "reset"
        ? reset
        : name === "setRpcUrl"
        ? setRpcUrl
        : name === "nodeInfo"
        ? nodeInfo
        : Reflect.get(target, name, receiver),
  });

  async function nodeInfo() {
    const info = await local.nodeInfo();
    if (fork === null) return info;
    const { number, hash } = fork.past.block;
    const url = upstreams[0]?.address.shown ?? "";
    return {
      ...info,
      fork: { url, chainId: quantity(fork.chainId), blockNumber: quantity(number), blockHash: hash },
    };
  }

  return {
    identity: following(() => standing.local.identity),
    blocks: new ForkBlocks(sides),
    state: new ForkState(sides),
    executor,
    simulator: executor,
    tracer: debug,
    raw: debug,
    submit: following(() => standing.local.submit),
    pool: following(() => standing.local.pool),
    builder: following(() => standing.local.builder),
    events,
    dev,
    accounts: options.accounts,
    fork: () => fork,
    remote: () => fork?.past.remote ?? null,
    close() {
      standing.local.close();
      fork?.past.remote.close();
    },
  };
}

/** A chain of its own, with the flags that the fork has. */
async function ownChain({ chain }: ForkOptions): Promise<EmbeddedChain> {
  return await createDevChain(chain);
}

/** Blocks are sealed as before: anvil and hardhat keep automine and the interval over a reset. */
async function keepMining(last: EmbeddedChain, next: EmbeddedChain): Promise<void> {
  const seconds = last.dev.intervalMining();
  if (seconds !== next.dev.intervalMining()) await next.dev.setIntervalMining(seconds ?? 0);
  if (last.dev.automine() !== next.dev.automine()) await next.dev.setAutomine(last.dev.automine());
}
