import { assert, assertEquals } from "@std/assert";
import type { BlockTag, Hash } from "../../src/eth/types.ts";
import type { BlockEvent, ChainEvent } from "../../src/events/types.ts";
import type { UpstreamNode } from "../../src/upstream/mod.ts";
import { RpcError } from "../../src/rpc/error.ts";
import type { RawJson } from "../../src/rpc/raw_json.ts";
import type { FakeClock } from "../support/fake_clock.ts";
import type { Random } from "../support/random.ts";
import type { BlockTree } from "./block_tree.ts";

const NOBODY = `0x${"77".repeat(20)}` as const;
const NO_LIMITS = { maxBlockRange: 0, maxAlternatives: 0 };
/** -32002: no upstream could be asked in time. It is the one error that a question of this test may get. */
const NOBODY_ANSWERS = -32002;

/**
 * A subscriber and reader that believes what it is told, and fails when it cannot be. The claim that it holds the gateway
 * to: the head is a block whose receipts are at hand; its parent is the block told before it, or blocks were taken back
 * first; and every read at `latest` is of the newest head, or waits.
 */
export class Witness {
  readonly chain: BlockEvent[] = [];
  readonly logs = new Map<string, number>();
  /** The first fault of an answer. */
  fault: unknown = null;
  answers = 0;
  refusals = 0;
  lost = 0;
  readonly #gateway: UpstreamNode;
  readonly #tree: BlockTree;
  readonly #clock: FakeClock;
  /** Every head that was told, in order; a block that became the head again is here again. */
  readonly #heads: Hash[] = [];
  readonly #finality = new Map<BlockTag, bigint>();

  constructor(gateway: UpstreamNode, { tree, clock }: { readonly tree: BlockTree; readonly clock: FakeClock }) {
    this.#gateway = gateway;
    this.#tree = tree;
    this.#clock = clock;
    gateway.events.onEvent((event) => this.#take(event));
  }

  /** Asks one question at random, and two more in some steps; the answers are checked when they come. */
  ask(random: Random): void {
    if (this.#heads.length === 0) return;
    const questions = this.#questions();
    void random.pick(questions)();
    if (random.chance(0.3)) void random.pick(questions)();
  }

  askEverything(): void {
    for (const question of this.#questions()) void question();
  }

  #questions(): readonly (() => Promise<void>)[] {
    const { blocks, state } = this.#gateway;
    const latest = { tag: "latest" } as const;
    return [
      () =>
        this.#atLatest("headNumber", async (since) => {
          const number = BigInt(await blocks.headNumber());
          return since().find((hash) => BigInt(this.#tree.of(hash)?.number ?? -1) === number);
        }),
      () => this.#atLatest("block", async () => hashOf(await blocks.block(latest, false))),
      () => this.#atLatest("balance", async () => await state.balance(NOBODY, latest)),
      () =>
        this.#atLatest("balance by number", async (since) => {
          const hash = since()[0] ?? "0x";
          const number = BigInt(this.#tree.of(hash)?.number ?? 0);
          let answer: string;
          try {
            answer = await state.balance(NOBODY, { number });
          } catch (error) {
            // A reorganisation may have taken that height away for a while.
            if (since().every((head) => BigInt(this.#tree.of(head)?.number ?? 0) >= number)) throw error;
            return hash;
          }
          // A reorganisation may have put another block at that height meanwhile.
          return BigInt(this.#tree.of(answer as Hash)?.number ?? -1) === number && this.#told(answer as Hash)
            ? hash
            : answer;
        }),
      () =>
        this.#atLatest("receiptsOf", async (since) => {
          const receipts = await blocks.receiptsOf(latest);
          assert(receipts !== null, "the head has receipts");
          const list = receipts.decode() as { blockHash: Hash }[];
          return list[0]?.blockHash ?? since().find((hash) => this.#tree.of(hash)?.receipts.length === 0);
        }),
      () => this.#atLatest("logs", async (since) => await this.#checkLogs(since)),
      () =>
        this.#head("receipt", async (block) => {
          for (const { transactionHash } of block.receipts ?? []) {
            assert(await blocks.receipt(transactionHash) !== null, "a receipt of a head that was told can be read");
          }
        }),
      () =>
        this.#head("block by hash", async (block) => {
          assertEquals(hashOf(await blocks.block({ hash: block.hash, requireCanonical: false }, false)), block.hash);
        }),
      () => this.#final("finalized"),
      () => this.#final("safe"),
    ];
  }

  /** Checks that an answer at `latest` is of a block that was the head at some time between the question and the answer. */
  async #atLatest(
    name: string,
    question: (since: () => readonly Hash[]) => Promise<Hash | string | undefined>,
  ): Promise<void> {
    const from = this.#heads.length - 1;
    const since = () => this.#heads.slice(from);
    const askedAt = this.#clock.now();
    await this.#check(name, async () => {
      const hash = await question(since);
      assert(
        since().includes(hash as Hash),
        `${name} asked at ${askedAt} answered of ${hash}, which was no head since then: ${since().join()}`,
      );
    });
  }

  /** Asks about the head at once, and ignores a refusal if a reorganisation has taken that block back meanwhile. */
  async #head(name: string, question: (block: BlockEvent) => Promise<void>): Promise<void> {
    const block = this.chain.at(-1);
    if (block === undefined) return;
    await this.#check(name, async () => {
      try {
        await question(block);
      } catch (error) {
        if (this.chain.includes(block)) throw error;
      }
    });
  }

  async #final(tag: "safe" | "finalized"): Promise<void> {
    const known = this.#finality.get(tag) ?? -1n;
    await this.#check(tag, async () => {
      let answer: RawJson | null;
      try {
        answer = await this.#gateway.blocks.block({ tag }, false);
      } catch (error) {
        // A node that has just started does not know what is final; the gateway does, once it has told it.
        if (error instanceof RpcError && error.message.includes("block not found") && known === -1n) return;
        throw error;
      }
      const number = BigInt((answer?.decode() as { number: string }).number);
      assert(number >= known, `${tag} went back from ${known} to ${number}`);
      assert(number <= (this.chain.at(-1)?.number ?? 0n), `${tag} is above the head`);
      this.#finality.set(tag, number > (this.#finality.get(tag) ?? -1n) ? number : this.#finality.get(tag) ?? -1n);
    });
  }

  /** Checks that the logs of the last blocks up to `latest` are all, and of one chain; returns that chain's head. */
  async #checkLogs(since: () => readonly Hash[]): Promise<Hash | undefined> {
    const from = BigInt(Math.max(Number(this.chain.at(-1)?.number ?? 0n) - 20, 0));
    const json = await this.#gateway.blocks.logs(
      { addresses: [], topics: [], fromBlock: { number: from }, toBlock: { tag: "latest" } },
      NO_LIMITS,
    );
    const told = (json.decode() as { blockHash: Hash }[]).map(({ blockHash }) => blockHash);
    return since().find((hash) => {
      const expected: Hash[] = [];
      for (let block = this.#tree.of(hash); block !== undefined; block = this.#tree.of(block.parentHash)) {
        if (block.number < from) break;
        for (const { logs } of block.receipts) for (const _ of logs) expected.unshift(block.hash);
      }
      return expected.join() === told.join();
    });
  }

  async #check(name: string, question: () => Promise<void>): Promise<void> {
    try {
      await question();
      this.answers += 1;
    } catch (error) {
      if (error instanceof RpcError && error.code === NOBODY_ANSWERS) this.refusals += 1;
      else this.fault ??= new Error(`the question ${name}`, { cause: error });
    }
  }

  #told(hash: Hash): boolean {
    return this.#heads.includes(hash) || this.chain.some((block) => block.hash === hash);
  }

  #take(event: ChainEvent): void {
    if (event.kind === "pending") return;
    const { block } = event;
    const top = this.chain.at(-1);
    assertEquals(block.receipts?.length, this.#tree.of(block.hash)?.receipts.length, "its receipts are at hand");
    if (event.kind === "removed") {
      // Below the first block that it was told, the feed keeps removals from a subscriber.
      if (top === undefined) return;
      assertEquals(block.hash, top.hash, "only the newest block can be removed");
      this.chain.pop();
      const now = this.chain.at(-1);
      if (now !== undefined) this.#heads.push(now.hash);
    } else {
      if (top !== undefined) assertEquals(block.parentHash, top.hash, "a block follows its parent");
      this.chain.push(block);
      this.#heads.push(block.hash);
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

function hashOf(block: RawJson | null): Hash | undefined {
  return (block?.decode() as { readonly hash?: Hash } | undefined)?.hash;
}
