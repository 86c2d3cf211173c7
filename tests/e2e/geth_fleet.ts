import { privateKeyToAccount } from "../clients/viem_accounts.ts";
import { Relay } from "../support/relay.ts";
import type { Hash } from "../../src/eth/types.ts";
import { CHAIN_ID, EngineGeth, LOGGER, type Payload } from "./engine_geth.ts";

const sender = privateKeyToAccount("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");

/** A real geth behind a relay, through which a gateway reaches it. */
export interface FleetNode {
  readonly geth: EngineGeth;
  readonly relay: Relay;
  isStopped: boolean;
  /** Another chain answers at its address. */
  isStranger: boolean;
}

/**
 * Several real geths with one chain, and one more that only builds the blocks: the nodes can be killed, stopped, delayed and
 * left behind while the chain goes on.
 */
export class GethFleet implements AsyncDisposable {
  readonly #builder: EngineGeth;
  readonly #stranger: EngineGeth;
  readonly #payloads = new Map<Hash, Payload>();
  #tag = 1;
  readonly nodes: readonly FleetNode[];
  best: Payload;

  private constructor(
    { builder, stranger, nodes, first }: {
      builder: EngineGeth;
      stranger: EngineGeth;
      nodes: readonly FleetNode[];
      first: Payload;
    },
  ) {
    this.#builder = builder;
    this.#stranger = stranger;
    this.nodes = nodes;
    this.best = first;
    this.#payloads.set(first.blockHash, first);
  }

  static async start(program: string, count: number): Promise<GethFleet> {
    const [builder, stranger, ...geths] = await Promise.all([
      EngineGeth.start(program),
      EngineGeth.start(program, { chainId: CHAIN_ID + 1 }),
      ...Array.from({ length: count }, () => EngineGeth.start(program)),
    ]);
    const nodes = geths.map((geth) => ({ geth, relay: new Relay(geth.url), isStopped: false, isStranger: false }));
    const first = await builder.build(null, { tag: 1, transactions: 0 });
    await builder.choose(first);
    const fleet = new GethFleet({ builder, stranger, nodes, first });
    for (const node of nodes) await fleet.tell(node);
    return fleet;
  }

  /** What a gateway gets as `--upstream`. */
  get urls(): string {
    return this.nodes.map(({ relay }) => relay.url).join();
  }

  /** A block with a height and a hash on the present chain, by its distance from the head. */
  ancestor(distance: number): Payload {
    let block = this.best;
    for (let i = 0; i < distance; i++) block = this.#payloads.get(block.parentHash) ?? block;
    return block;
  }

  /** Builds blocks on a parent, some with a transaction that logs; the last one is the best from then on. */
  async build(parent: Payload, blocks: number, { logs = true } = {}): Promise<void> {
    const tag = this.#tag++;
    let block = parent;
    for (let i = 0; i < blocks; i++) {
      if (logs && i === blocks - 1) await this.#send(block);
      block = await this.#builder.build(block, { tag, transactions: logs && i === blocks - 1 ? 1 : 0 });
      this.#payloads.set(block.blockHash, block);
    }
    await this.#builder.choose(block);
    this.best = block;
  }

  /** Gives a node every block that it lacks and makes the best one its head. */
  async tell(node: FleetNode, target = this.best): Promise<void> {
    const { geth } = node;
    const missing: Payload[] = [];
    for (let block: Payload | undefined = target; block !== undefined; block = this.#payloads.get(block.parentHash)) {
      missing.push(block);
      if (await geth.offer(block) === "VALID") break;
    }
    for (const block of missing.toReversed()) {
      if (await geth.offer(block) === "VALID") continue;
      // After a kill a node may lack the state of blocks that it has. Choosing such a block makes geth execute it again.
      const parent = this.#payloads.get(block.parentHash);
      if (parent !== undefined) await geth.choose(parent);
      await geth.take(block);
    }
    await geth.choose(target);
  }

  async kill({ geth }: FleetNode): Promise<void> {
    await geth.kill();
  }

  async restart(node: FleetNode): Promise<void> {
    if (!node.geth.isRunning) await node.geth.run();
  }

  stop(node: FleetNode): void {
    node.geth.signal("SIGSTOP");
    node.isStopped = true;
  }

  resume(node: FleetNode): void {
    if (node.isStopped) node.geth.signal("SIGCONT");
    node.isStopped = false;
  }

  /** Puts a node of another chain at the address of this one. */
  replace(node: FleetNode): void {
    node.relay.leadTo(this.#stranger.url);
    node.isStranger = true;
  }

  putBack(node: FleetNode): void {
    if (node.isStranger) node.relay.leadTo(node.geth.url);
    node.isStranger = false;
  }

  /** True for a node that can be given blocks. */
  isWell({ geth, isStopped }: FleetNode): boolean {
    return geth.isRunning && !isStopped;
  }

  /** Brings every node back, without giving it blocks. */
  async heal(): Promise<void> {
    for (const node of this.nodes) {
      node.relay.delayMs = 0;
      this.resume(node);
      this.putBack(node);
      await this.restart(node);
    }
  }

  /** Logs of the present chain from a height on, as the builder has them. */
  async logsFrom(height: number): Promise<readonly { readonly blockHash: string; readonly logIndex: string }[]> {
    const filter = { fromBlock: `0x${height.toString(16)}`, toBlock: "latest" };
    return await this.#builder.engine("eth_getLogs", [filter]) as { blockHash: string; logIndex: string }[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [this.#builder, this.#stranger, ...this.nodes.map(({ geth }) => geth)].map((geth) => geth[Symbol.asyncDispose]()),
    );
    for (const { relay } of this.nodes) relay[Symbol.dispose]();
  }

  /** Sends a transaction to the builder that logs twice, with the nonce that the state after `parent` asks for. */
  async #send(parent: Payload): Promise<void> {
    await this.#builder.choose(parent);
    const nonce = Number(await this.#builder.engine("eth_getTransactionCount", [sender.address, "latest"]));
    const raw = await sender.signTransaction({
      chainId: CHAIN_ID,
      nonce,
      to: LOGGER as `0x${string}`,
      gas: 200_000n,
      maxFeePerGas: 10n ** 10n + BigInt(this.#tag),
      maxPriorityFeePerGas: 10n ** 9n,
      type: "eip1559",
    });
    // After a reorganisation, the transactions of the abandoned branch are in the pool again.
    await this.#builder.engine("eth_sendRawTransaction", [raw]).catch(() => {});
  }
}
