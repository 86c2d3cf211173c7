import { RpcError } from "../../src/rpc/error.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import type { CallLimits, DuplexChannel, OnNotification, SubscriptionRequest } from "../../src/upstream/session.ts";
import type { Hash } from "../../src/eth/types.ts";
import { type BlockTree, headerJson, type TreeBlock } from "./block_tree.ts";
import type { FakeClock } from "../support/fake_clock.ts";

/** What a scripted node may do wrong. */
export type Fault = "none" | "garbage" | "busy" | "slow" | "stopped";

/** A node of a test: it has a head in the tree, can be down, and answers as its fault says. */
export class ScriptedUpstream {
  readonly #tree: BlockTree;
  readonly #clock: FakeClock;
  readonly #open = new Set<ScriptedChannel>();
  /** Questions by method, for the tests that count. */
  readonly asked = new Map<string, number>();
  chainId = 1n;
  fault: Fault = "none";
  isUp = true;
  head: TreeBlock;

  constructor(tree: BlockTree, clock: FakeClock) {
    this.#tree = tree;
    this.#clock = clock;
    this.head = tree.genesis;
  }

  connect(): Promise<DuplexChannel> {
    if (!this.isUp) return Promise.reject(new UpstreamFailure("closed", "ECONNREFUSED"));
    const channel: ScriptedChannel = new ScriptedChannel({
      answer: (method, params) => this.#answer(method, params),
      delay: (limits) => this.#delay(limits),
      onClose: () => this.#open.delete(channel),
    });
    this.#open.add(channel);
    return Promise.resolve(channel);
  }

  /** Makes a block the head and tells whoever subscribed. */
  setHead(head: TreeBlock): void {
    this.head = head;
    if (this.fault === "stopped") return;
    for (const channel of this.#open) channel.notify(RawJson.of(headerJson(head, false)));
  }

  /** Ends all connections; without `up` new ones are refused. */
  kill(): void {
    this.isUp = false;
    for (const channel of [...this.#open]) channel.fail(new UpstreamFailure("closed", "killed"));
  }

  #delay({ timeoutMs }: CallLimits): Promise<void> {
    if (this.fault === "none" || this.fault === "garbage" || this.fault === "busy") return Promise.resolve();
    if (this.fault === "slow") return new Promise((resolve) => this.#clock.setTimer(300, resolve));
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
        const block = params[0] === "latest" ? this.head : this.#tree.ancestor(this.head, Number(params[0]));
        return block === undefined ? null : headerJson(block, true);
      }
      case "eth_getBlockByHash": {
        const block = this.#tree.of(params[0] as Hash);
        return block === undefined ? null : headerJson(block, true);
      }
      case "eth_getBlockReceipts":
        return this.#tree.of(params[0] as Hash)?.receipts ?? null;
      default:
        throw new RpcError(-32601, `the method ${method} does not exist/is not available`);
    }
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
    await this.#parts.delay(limits);
    if (this.#failure !== null) throw this.#failure;
    return RawJson.of(this.#parts.answer(method, JSON.parse(params)));
  }

  async subscribe({ onNotification }: SubscriptionRequest, limits: CallLimits): Promise<() => void> {
    await this.#parts.delay(limits);
    if (this.#failure !== null) throw this.#failure;
    this.#onNotification = onNotification;
    return () => this.#onNotification = null;
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
}
