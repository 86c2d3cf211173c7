import { assert, assertEquals } from "@std/assert";
import type { BlockEvent, ChainEvent } from "../../src/events/types.ts";
import { readAddress } from "../../src/upstream/address.ts";
import { ChainRing } from "../../src/upstream/chain_ring.ts";
import { HeadTracker } from "../../src/upstream/head_tracker.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import { Random } from "../support/random.ts";
import { BlockTree, type TreeBlock } from "./block_tree.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";
import { FakeClock, settledPromises } from "../support/fake_clock.ts";

const SCHEDULES = 2_000;
const STEPS = 25;

/** A subscriber that believes what it is told, and fails when it cannot be. */
class Witness {
  readonly chain: BlockEvent[] = [];
  readonly logs = new Map<string, number>();
  lost = 0;

  take(event: ChainEvent): void {
    if (event.kind === "pending") return;
    const { block } = event;
    const top = this.chain.at(-1);
    if (event.kind === "removed") {
      // Below the first block that it was told, the feed keeps removals from a subscriber.
      if (top === undefined) return;
      assertEquals(block.hash, top?.hash, "only the newest block can be removed");
      this.chain.pop();
    } else {
      if (top !== undefined) assertEquals(block.parentHash, top.hash, "a block follows its parent");
      this.chain.push(block);
    }
    const step = event.kind === "removed" ? -1 : 1;
    for (const [index] of (block.logs ?? []).entries()) {
      const key = `${block.hash}:${index}`;
      const count = (this.logs.get(key) ?? 0) + step;
      assert(count === 0 || count === 1, `log ${key} was told ${count} times`);
      this.logs.set(key, count);
    }
  }
}

/** A network of nodes under one tracker, driven by a seed. */
class Network {
  readonly clock = new FakeClock(settledPromises);
  readonly witness = new Witness();
  readonly tree: BlockTree;
  readonly nodes: readonly ScriptedUpstream[];
  readonly upstreams: readonly Upstream[];
  readonly tracker: HeadTracker;
  readonly #random: Random;
  #best: TreeBlock;

  constructor(seed: number, count: number) {
    this.#random = new Random(seed);
    this.tree = new BlockTree(seed);
    this.#best = this.tree.genesis;
    this.nodes = Array.from({ length: count }, () => new ScriptedUpstream(this.tree, this.clock));
    this.upstreams = this.nodes.map((node, index) =>
      new Upstream({ name: `node${index}`, address: readAddress("ws://node"), priority: 0, timeoutMs: 1_000 }, {
        connector: () => node.connect(),
        clock: this.clock,
        random: () => 0.5,
        agreeOn: () => 1n,
        listener: { head: () => this.tracker.update(), state: () => this.tracker.update(), pending() {} },
      })
    );
    this.tracker = new HeadTracker({
      upstreams: this.upstreams,
      ring: new ChainRing(),
      clock: this.clock,
      needless: () => false,
      onEvent: (event) => this.witness.take(event),
      onLost: () => this.witness.lost++,
      onSwitch() {},
    });
    for (const upstream of this.upstreams) upstream.start();
  }

  get best(): TreeBlock {
    return this.#best;
  }

  async step(): Promise<void> {
    const random = this.#random;
    const node = random.pick(this.nodes);
    const choice = random.below(100);
    if (choice < 45) this.#grow(1 + random.below(2));
    else if (choice < 60) this.#reorganise(1 + random.below(16));
    else if (choice < 68) node.kill();
    else if (choice < 78) node.isUp = true;
    else if (choice < 84) node.fault = random.pick(["garbage", "busy", "slow", "stopped"] as const);
    else if (choice < 92) node.fault = "none";
    else node.setHead(this.#best);
    await this.clock.advance(random.below(2_000));
  }

  /** Every node comes back and follows the best chain. */
  async heal(): Promise<void> {
    for (const node of this.nodes) {
      node.isUp = true;
      node.fault = "none";
    }
    await this.clock.advance(15_000);
    this.#grow(1);
    for (const node of this.nodes) node.setHead(this.#best);
    await this.clock.advance(15_000);
  }

  stop(): void {
    this.tracker.stop();
    for (const upstream of this.upstreams) upstream.stop();
  }

  #grow(blocks: number): void {
    for (let i = 0; i < blocks; i++) {
      this.#best = this.tree.child(this.#best, this.#random.below(3));
      this.#spread();
    }
  }

  #reorganise(depth: number): void {
    const fork = this.tree.ancestor(this.#best, Math.max(this.#best.number - depth, 0)) ?? this.tree.genesis;
    const length = this.#best.number - fork.number + 1;
    let block = fork;
    for (let i = 0; i < length; i++) block = this.tree.child(block, this.#random.below(3));
    this.#best = block;
    this.#spread();
  }

  /** Most nodes hear of a new head at once, some later. */
  #spread(): void {
    for (const node of this.nodes) if (node.isUp && this.#random.below(4) > 0) node.setHead(this.#best);
  }
}

Deno.test(`${SCHEDULES} random schedules of faults lose no block and double none`, async () => {
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const network = new Network(seed, 1 + seed % 3);
    try {
      for (let i = 0; i < STEPS; i++) await network.step();
      await network.heal();
      assertEquals(network.witness.chain.at(-1)?.hash, network.best.hash, "the gateway stands at the best head");
      assertEquals(network.witness.lost, 0);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    } finally {
      network.stop();
    }
  }
});
