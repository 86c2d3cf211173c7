import { RpcError } from "../../src/rpc/error.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import type { CallLimits, Channel, DuplexChannel, SubscriptionRequest } from "../../src/upstream/session.ts";
import type { Hash } from "../../src/eth/types.ts";
import { type BlockTree, headerJson, type TreeBlock } from "./block_tree.ts";
import type { FakeClock } from "../support/fake_clock.ts";

/** What a scripted node may do wrong. */
export type Fault = "none" | "garbage" | "busy" | "slow" | "stopped";

/** The time that a slow node takes for an answer, milliseconds. */
const SLOW_MS = 300;

/** What distinguishes one scripted node from another. */
export interface Traits {
  /** It has no subscriptions, as over HTTP. */
  readonly polled?: boolean;
  /** It takes blocks by number only (EIP-1898 is not everywhere). */
  readonly refusesHashes?: boolean;
  /** It forgets abandoned blocks at once, as geth --dev and anvil do. */
  readonly forgets?: boolean;
}

/** A node of a test: it has a head in the tree, can be down, and answers as its fault says. */
export class ScriptedUpstream {
  readonly #clock: FakeClock;
  readonly #traits: Traits;
  readonly #open = new Set<ScriptedChannel>();
  readonly #known = new Set<Hash>();
  #tree: BlockTree;
  #finalized: number | null = null;
  /** Questions by method, for the tests that count. */
  readonly asked = new Map<string, number>();
  chainId = 1n;
  fault: Fault = "none";
  isUp = true;
  head: TreeBlock;

  constructor(tree: BlockTree, clock: FakeClock, traits: Traits = {}) {
    this.#tree = tree;
    this.#clock = clock;
    this.#traits = traits;
    this.head = tree.genesis;
    this.#learn(tree.genesis);
  }

  connect(): Promise<Channel> {
    if (!this.isUp) return Promise.reject(new UpstreamFailure("closed", "ECONNREFUSED"));
    const channel: ScriptedChannel = new ScriptedChannel({
      answer: (method, params) => this.#answer(method, params),
      delay: (limits) => this.#delay(limits),
      onClose: () => this.#open.delete(channel),
    });
    this.#open.add(channel);
    return Promise.resolve(this.#traits.polled === true ? channel.withoutEvents() : channel);
  }

  /** Makes a block the head and tells whoever subscribed; blocks below `finalized` are final there. */
  setHead(head: TreeBlock, finalized: number | null = null): void {
    this.head = head;
    if (finalized !== null) this.#finalized = finalized;
    if (this.#traits.forgets === true) this.#known.clear();
    this.#learn(head);
    if (this.fault === "stopped") return;
    for (const channel of this.#open) channel.notify(RawJson.of(headerJson(head, false)));
  }

  /** Ends all connections; new ones are refused while it is not up. */
  kill(): void {
    this.isUp = false;
    for (const channel of [...this.#open]) channel.fail(new UpstreamFailure("closed", "killed"));
  }

  /** Comes back as after a crash: without its newest blocks, and without knowing what is final. */
  restart({ lost = 0 } = {}): void {
    this.kill();
    this.isUp = true;
    this.#finalized = null;
    this.head = this.#tree.ancestor(this.head, Math.max(this.head.number - lost, 0)) ?? this.#tree.genesis;
    this.#known.clear();
    this.#learn(this.head);
  }

  /** Comes back as a node of another chain. */
  becomeStranger(tree: BlockTree, chainId: bigint): void {
    this.#tree = tree;
    this.chainId = chainId;
    this.head = tree.genesis;
    this.restart();
  }

  #learn(head: TreeBlock): void {
    let block: TreeBlock | undefined = head;
    while (block !== undefined && !this.#known.has(block.hash)) {
      this.#known.add(block.hash);
      block = this.#tree.of(block.parentHash);
    }
  }

  #delay({ timeoutMs }: CallLimits): Promise<void> {
    if (this.fault === "none" || this.fault === "garbage" || this.fault === "busy") return Promise.resolve();
    if (this.fault === "slow") return new Promise((resolve) => this.#clock.setTimer(SLOW_MS, resolve));
    return new Promise((_, reject) =>
      this.#clock.setTimer(timeoutMs, () => reject(new UpstreamFailure("timeout", "stopped")))
    );
  }

  #answer(method: string, params: readonly unknown[]): unknown {
    this.asked.set(method, (this.asked.get(method) ?? 0) + 1);
    if (this.fault === "busy" && method !== "eth_chainId") {
      throw new UpstreamFailure("busy", "status 429", { retryAfterMs: 200 });
    }
    if (this.fault === "garbage" && method !== "eth_chainId") return { number: "0xzz" };
    switch (method) {
      case "eth_chainId":
        return `0x${this.chainId.toString(16)}`;
      case "eth_getBlockByNumber": {
        const block = this.#byNumber(String(params[0]));
        return block === undefined ? null : headerJson(block, true);
      }
      case "eth_getBlockByHash": {
        const block = this.#byHash(params[0]);
        return block === undefined ? null : headerJson(block, true);
      }
      case "eth_getBlockReceipts": {
        const block = this.#at(params[0]);
        return block?.receipts ?? null;
      }
      case "eth_getTransactionReceipt":
        return this.#canonical().flatMap(({ receipts }) => receipts)
          .find(({ transactionHash }) => transactionHash === params[0]) ?? null;
      case "eth_getLogs": {
        const [{ fromBlock, toBlock }] = params as [{ fromBlock: string; toBlock: string }];
        return this.#canonical().filter(({ number }) => number >= Number(fromBlock) && number <= Number(toBlock))
          .flatMap(({ receipts }) => receipts.flatMap(({ logs }) => logs));
      }
      case "eth_getBalance": {
        const block = this.#at(params[1]);
        if (block === undefined) throw new RpcError(-32000, "header not found");
        // The state of a made-up block is its hash: an answer shows which block it was read at.
        return block.hash;
      }
      default:
        throw new RpcError(-32601, `the method ${method} does not exist/is not available`);
    }
  }

  /** Reads a block parameter: a number, a tag, a hash, or EIP-1898's object. */
  #at(param: unknown): TreeBlock | undefined {
    if (typeof param === "string") return param.length === 66 ? this.#byHash(param) : this.#byNumber(param);
    if (this.#traits.refusesHashes === true) throw new RpcError(-32602, "invalid argument 1: hex string expected");
    const { blockHash } = param as { blockHash: Hash };
    return this.#byHash(blockHash);
  }

  #byHash(hash: unknown): TreeBlock | undefined {
    return this.#known.has(hash as Hash) ? this.#tree.of(hash as Hash) : undefined;
  }

  #byNumber(text: string): TreeBlock | undefined {
    if (text === "latest" || text === "pending") return this.head;
    if (text !== "safe" && text !== "finalized") return this.#tree.ancestor(this.head, Number(text));
    if (this.#finalized === null) throw new RpcError(-39001, `${text} block not found`);
    return this.#tree.ancestor(this.head, Math.min(this.#finalized, this.head.number));
  }

  /** The canonical blocks, newest first. */
  #canonical(): TreeBlock[] {
    const blocks: TreeBlock[] = [];
    for (
      let block: TreeBlock | undefined = this.head;
      block !== undefined;
      block = this.#tree.of(block.parentHash)
    ) blocks.push(block);
    return blocks.toReversed();
  }
}

interface ChannelParts {
  readonly answer: (method: string, params: readonly unknown[]) => unknown;
  readonly delay: (limits: CallLimits) => Promise<void>;
  readonly onClose: () => void;
}

class ScriptedChannel implements DuplexChannel {
  readonly #parts: ChannelParts;
  readonly #closed = Promise.withResolvers<UpstreamFailure>();
  #failure: UpstreamFailure | null = null;
  #onNotification: OnNotification | null = null;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
  }

  get closed(): Promise<UpstreamFailure> {
    return this.#closed.promise;
  }

  async call(method: string, params: string, limits: CallLimits): Promise<RawJson> {
    // The answer is of the time of the question; a slow one is old when it comes.
    const answer = this.#answer(method, params);
    await this.#parts.delay(limits);
    if (this.#failure !== null) throw this.#failure;
    return answer();
  }

  async subscribe({ params, onNotification }: SubscriptionRequest, limits: CallLimits): Promise<() => void> {
    await this.#parts.delay(limits);
    if (this.#failure !== null) throw this.#failure;
    if (!params.includes("newHeads")) throw new RpcError(-32601, `no subscription ${params}`);
    this.#onNotification = onNotification;
    return () => this.#onNotification = null;
  }

  /** The same without subscriptions, as over HTTP. */
  withoutEvents(): Channel {
    return { call: (...args) => this.call(...args), close: () => this.close() };
  }

  notify(json: RawJson): void {
    this.#onNotification?.(json);
  }

  close(): void {
    this.fail(new UpstreamFailure("closed", "closed here"));
  }

  fail(failure: UpstreamFailure): void {
    if (this.#failure !== null) return;
    this.#failure = failure;
    this.#onNotification = null;
    this.#parts.onClose();
    this.#closed.resolve(failure);
  }

  #answer(method: string, params: string): () => RawJson {
    try {
      const json = RawJson.of(this.#parts.answer(method, JSON.parse(params)));
      return () => json;
    } catch (error) {
      return () => {
        throw error;
      };
    }
  }
}

type OnNotification = SubscriptionRequest["onNotification"];
