import { createUpstreamNode, type UpstreamNode } from "../../src/upstream/mod.ts";
import { ALL_PARTS } from "../../src/events/interest.ts";
import { readAddress } from "../../src/upstream/address.ts";
import { Random } from "../support/random.ts";
import { FakeClock, settledPromises } from "../support/fake_clock.ts";
import { BlockTree, type TreeBlock } from "./block_tree.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";
import { Witness } from "./witness.ts";

/** The blocks of a network before its first fault: more than the deepest reorganisation. */
const FIRST_BLOCKS = 24;
/** A reorganisation is never deeper, and what lies deeper is final. */
const DEEPEST_REORGANISATION = 16;
/** How long a question waits for an upstream, milliseconds. */
const WAIT_MS = 5_000;
const CALL_TIMEOUT_MS = 1_000;

/** A network of nodes behind one gateway, driven by a seed; its witness is the client. */
export class ModelNetwork {
  readonly clock = new FakeClock(settledPromises);
  readonly tree: BlockTree;
  readonly nodes: readonly ScriptedUpstream[];
  readonly gateway: UpstreamNode;
  readonly witness: Witness;
  readonly #stranger: BlockTree;
  readonly #random: Random;
  readonly #strangers = new Set<ScriptedUpstream>();
  #best: TreeBlock;

  constructor(seed: number) {
    const random = this.#random = new Random(seed);
    this.tree = new BlockTree(seed);
    this.#stranger = new BlockTree(-seed);
    this.#best = this.tree.genesis;
    this.nodes = Array.from({ length: 1 + seed % 3 }, () =>
      new ScriptedUpstream(this.tree, this.clock, {
        polled: random.chance(0.2),
        refusesHashes: random.chance(0.2),
        forgets: random.chance(0.3),
      }));
    this.gateway = createUpstreamNode({
      upstreams: this.nodes.map((_, index) => ({
        name: `node${index}`,
        address: readAddress(`ws://node${index}`),
        priority: index === 2 ? 1 : 0,
        timeoutMs: CALL_TIMEOUT_MS,
      })),
      chainId: 1n,
      waitMs: WAIT_MS,
      cacheBytes: 2 ** 20,
      log: { info() {}, warn() {} },
      onLost: () => this.witness.lost++,
      clock: this.clock,
      random: () => 0.5,
      connector: ({ grant }) =>
        (this.nodes[Number(grant.slice(4, 5))] ?? new ScriptedUpstream(this.tree, this.clock)).connect(),
    });
    this.witness = new Witness(this.gateway, { tree: this.tree, clock: this.clock });
    this.gateway.events.want(ALL_PARTS);
  }

  get best(): TreeBlock {
    return this.#best;
  }

  /** Lets the gateway keep more blocks than any reorganisation takes away. */
  async begin(): Promise<void> {
    await this.clock.advance(1_000);
    for (let i = 0; i < FIRST_BLOCKS; i++) {
      this.#best = this.tree.child(this.#best, this.#random.below(3));
      for (const node of this.nodes) this.#tell(node);
      await this.clock.advance(i === FIRST_BLOCKS - 1 ? 5_000 : 50);
    }
  }

  async step(): Promise<void> {
    const random = this.#random;
    const node = random.pick(this.nodes);
    const choice = random.below(100);
    if (choice < 42) this.#grow(1 + random.below(2));
    else if (choice < 56) this.#reorganise(1 + random.below(DEEPEST_REORGANISATION));
    else if (choice < 63) node.kill();
    else if (choice < 70) this.#restart(node);
    else if (choice < 73) this.#replace(node);
    else if (choice < 82) node.fault = random.pick(["garbage", "busy", "slow", "stopped"] as const);
    else if (choice < 91) node.fault = "none";
    else this.#tell(node);
    // Questions come at any moment of a step: before the gateway has heard of what happened, and after.
    for (let part = 0; part < 2; part++) {
      this.witness.ask(random);
      await this.clock.advance(random.below(1_000));
    }
  }

  /** Every node comes back and follows the best chain; every question must be answered then. */
  async heal(): Promise<void> {
    for (const node of this.nodes) {
      if (this.#strangers.delete(node)) node.becomeStranger(this.tree, 1n);
      node.fault = "none";
      if (!node.isUp) node.restart();
    }
    await this.clock.advance(15_000);
    this.#grow(1);
    for (const node of this.nodes) this.#tell(node);
    await this.clock.advance(15_000);
    this.witness.askEverything();
    await this.clock.advance(WAIT_MS);
  }

  stop(): void {
    this.gateway.close();
  }

  #grow(blocks: number): void {
    for (let i = 0; i < blocks; i++) {
      this.#best = this.tree.child(this.#best, this.#random.below(3));
      this.#spread();
    }
  }

  #reorganise(depth: number): void {
    // What is final stays.
    const lowest = Math.max(this.#best.number - depth, this.#finalized(), 0);
    const fork = this.tree.ancestor(this.#best, lowest) ?? this.tree.genesis;
    const length = this.#best.number - fork.number + 1;
    let block = fork;
    for (let i = 0; i < length; i++) block = this.tree.child(block, this.#random.below(3));
    this.#best = block;
    this.#spread();
  }

  #restart(node: ScriptedUpstream): void {
    if (this.#strangers.delete(node)) node.becomeStranger(this.tree, 1n);
    node.restart({ lost: this.#random.below(4) });
    if (this.#random.chance(0.5)) this.#tell(node);
  }

  /** Another node comes up at the address: one of another chain. */
  #replace(node: ScriptedUpstream): void {
    this.#strangers.add(node);
    node.becomeStranger(this.#stranger, 7n);
    node.setHead(this.#stranger.child(this.#stranger.genesis, 1));
  }

  /** Most nodes hear of a new head at once, some later. */
  #spread(): void {
    for (const node of this.nodes) if (node.isUp && this.#random.below(4) > 0) this.#tell(node);
  }

  #tell(node: ScriptedUpstream): void {
    if (!this.#strangers.has(node)) node.setHead(this.#best, this.#finalized());
  }

  /** The newest block that no reorganisation takes away any more; it never goes back. */
  #finalized(): number {
    return this.#final = Math.max(this.#final, this.#best.number - DEEPEST_REORGANISATION - 1, 0);
  }
  #final = 0;
}
