import type { BlockRef, BlockTag, Hash, Quantity } from "../eth/types.ts";
import type { BlockEvent } from "../events/types.ts";
import { quantity } from "../primitives/hex.ts";
import { RpcError, serverError } from "../rpc/error.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import { untilAborted } from "../concurrency/until_aborted.ts";
import type { AnswerCache } from "./answer_cache.ts";
import { BlockSource } from "./block_source.ts";
import { type ChainRing, RING_BLOCKS } from "./chain_ring.ts";
import type { Finality, FinalityTag } from "./finality.ts";
import { isHeader, readHeader, type UpstreamHeader } from "./head.ts";
import { BlockMoved, type Question, type Router } from "./router.ts";

/** The block of a question, in the forms in which an upstream takes it. */
export interface Position {
  /** The hash; undefined where only the number, or `pending`, is known. */
  readonly hash: Hash | undefined;
  /** Undefined for `pending`, and for a hash that the gateway does not keep. */
  readonly number: bigint | undefined;
  /** The parameter of a read of state: by hash where it is known (EIP-1898), so that a reorganisation cannot mix it up. */
  readonly param: unknown;
  /** The same by number, for an upstream that refuses hashes. */
  readonly paramByNumber: unknown;
  /** True for a block of the gateway's own chain that it keeps: some upstream has it, or comes to have it. */
  readonly isKept: boolean;
  /** True when an answer about this block can never change. */
  readonly isFinal: boolean;
}

/** A method with its parameters. */
export interface Call {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** The options of a question. */
export interface AskOptions {
  /** True when `null` is not a valid answer. */
  readonly mustExist?: boolean | undefined;
  readonly isValid?: Question["isValid"];
  readonly mustBeNamed?: Question["mustBeNamed"];
  readonly signal?: AbortSignal | undefined;
}

/** The options of a question about a block. */
export interface ReadOptions {
  /** True when `null` is a valid answer about a block that exists. */
  readonly mayLack?: boolean;
  /** True where the caller keeps the answer. */
  readonly isUncached?: boolean;
  readonly isValid?: Question["isValid"];
  readonly signal?: AbortSignal | undefined;
}

/** Everything that the roles of the gateway share. */
export interface GatewayParts {
  readonly ring: ChainRing;
  readonly router: Router;
  readonly cache: AnswerCache;
  readonly finality: Finality;
  /** The time that a question waits for the first head, milliseconds. */
  readonly waitMs: number;
  /** Resolves when there is a head; rejects with -32002 after `waitMs` milliseconds. */
  readonly firstHead: (waitMs: number) => Promise<BlockEvent>;
}

/** How often a question is asked again of another block, because a reorganisation took its own back. */
const MAX_MOVES = 8;

/**
 * The upstreams as one node with the gateway's own head: `latest` is the block that was announced last, even if the upstream
 * that answers has newer ones.
 */
export class Gateway {
  readonly #parts: GatewayParts;
  readonly #past: BlockSource;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#past = new BlockSource({
      call: (method, params, { signal, isValid }) => parts.router.ask({ method, params, signal, isValid }),
    }, { timeoutMs: parts.waitMs });
  }

  get ring(): ChainRing {
    return this.#parts.ring;
  }

  /** Returns true for a method that the description of an upstream names in full. */
  isNamed(method: string): boolean {
    return this.#parts.router.isNamed(method);
  }

  /** Reads blocks that the ring does not keep from any upstream that has them. */
  get past(): BlockSource {
    return this.#past;
  }

  /** Returns the block that was announced last; waits for the first. */
  async head(): Promise<BlockEvent> {
    return this.ring.head ?? await this.#parts.firstHead(this.#parts.waitMs);
  }

  /** Returns true for a block of the chain that was announced, as far as it is kept here; of older ones nothing is known. */
  isAnnounced(number: bigint, hash: Hash): boolean {
    const { ring } = this;
    const kept = ring.at(number);
    return kept === null ? number < (ring.head?.number ?? -1n) : kept.hash === hash;
  }

  /** Asks about no block in particular: an upstream at the gateway's head is asked first. */
  async ask(method: string, params: readonly unknown[], options: AskOptions = {}): Promise<RawJson> {
    return await this.#parts.router.ask({
      method,
      params: JSON.stringify(params),
      block: this.ring.head?.hash,
      ...options,
    });
  }

  /** Does the same for an answer that is a quantity or data; returns its text. */
  async askText<T extends string = Quantity>(method: string, params: readonly unknown[]): Promise<T> {
    return (await this.ask(method, params, { isValid: isText })).decode() as T;
  }

  /**
   * Asks about a block; null when it is above the head. When a reorganisation takes the block of a tag or a number back before
   * an upstream has answered, the same is asked of the block in its place.
   */
  async find(
    at: BlockRef,
    callOf: (position: Position) => Call,
    options: ReadOptions = {},
  ): Promise<RawJson | null> {
    for (let moves = 0;; moves++) {
      const position = await this.#locate(at);
      if (position === null) return null;
      try {
        return await this.#askAt(position, callOf(position), options);
      } catch (error) {
        if (!(error instanceof BlockMoved)) throw error;
        if (moves === MAX_MOVES) throw serverError("header not found");
      }
    }
  }

  /** Does the same, but throws geth's error when the block is above the head. */
  async read(at: BlockRef, callOf: (position: Position) => Call, options: ReadOptions = {}): Promise<RawJson> {
    const answer = await this.find(at, callOf, options);
    if (answer === null) throw serverError("header not found");
    return answer;
  }

  /** Does the same for an answer that is a quantity or data; returns its text. */
  async readText<T extends string = Quantity>(at: BlockRef, callOf: (position: Position) => Call): Promise<T> {
    return (await this.read(at, callOf, { isValid: isText })).decode() as T;
  }

  /** Returns the number of a block; throws geth's error when it is above the head. */
  async numberOf(at: BlockRef): Promise<bigint | undefined> {
    const position = await this.#locate(at);
    if (position === null) throw serverError("header not found");
    return position.number;
  }

  /** Sends the question once where its answer is final, and keeps that. */
  async #askAt(position: Position, { method, params }: Call, options: ReadOptions): Promise<RawJson> {
    const { ring, router, cache } = this.#parts;
    const { hash, number, isKept, isFinal } = position;
    const { mayLack = false, isUncached = false, isValid, signal } = options;
    const text = JSON.stringify(params);
    const question: Question = {
      method,
      params: text,
      // For `pending`, the upstream that is asked should have the block below it.
      block: hash ?? (number === undefined ? ring.head?.hash : undefined),
      height: number,
      mustExist: isKept && !mayLack,
      isCurrent: isKept && hash !== undefined ? () => ring.canonical(hash) !== null : undefined,
      namesNumber: hash !== undefined && !params.includes(position.param) &&
        !text.includes(hash),
      byNumber: hash === undefined || !params.includes(position.param)
        ? undefined
        : () => JSON.stringify(params.map((param) => param === position.param ? position.paramByNumber : param)),
      isValid,
    };
    // Callers that join an equal question must not lose it when the first caller leaves, so it runs without a signal.
    if (!isFinal || isUncached) return await router.ask({ ...question, signal });
    // A question by number is about this very block: after a reorganisation, the same text has another answer.
    const key = hash === undefined ? `${method}${text}` : `${method}${text}${hash}`;
    const asked = cache.get(key, () => router.ask(question), ({ text }) => text !== "null");
    return await (asked instanceof Promise ? untilAborted(asked, signal) : asked);
  }

  /** Returns the block of a reference; null when it is above the head. */
  async #locate(at: BlockRef): Promise<Position | null> {
    const head = this.ring.head ?? await this.head();
    if ("hash" in at) {
      const kept = this.ring.of(at.hash);
      const param = { blockHash: at.hash, ...at.requireCanonical ? { requireCanonical: true } : {} };
      return {
        hash: at.hash,
        number: kept?.number,
        param,
        paramByNumber: kept === null ? undefined : quantity(kept.number),
        isKept: this.ring.canonical(at.hash) !== null,
        isFinal: !at.requireCanonical,
      };
    }
    if ("number" in at) return at.number > head.number ? null : this.#byNumber(at.number, head);
    return await this.#byTag(at.tag, head);
  }

  #byNumber(number: bigint, head: BlockEvent): Position {
    const kept = this.ring.at(number);
    // A reorganisation below the ring ends every subscription and empties the cache.
    const isFinal = kept !== null || number + BigInt(RING_BLOCKS) <= head.number || number === 0n ||
      number <= this.#parts.finality.finalizedNumber;
    return position(number, { hash: kept?.hash, isKept: kept !== null, isFinal });
  }

  async #byTag(tag: BlockTag, head: BlockEvent): Promise<Position> {
    if (tag === "latest") return position(head.number, { hash: head.hash, isKept: true, isFinal: true });
    if (tag === "earliest") return this.#byNumber(0n, head);
    if (tag === "pending") {
      return {
        hash: undefined,
        number: undefined,
        param: "pending",
        paramByNumber: undefined,
        isKept: false,
        isFinal: false,
      };
    }
    const { number, hash } = await this.#final(tag, head);
    return position(number, { hash, isKept: this.ring.canonical(hash) !== null, isFinal: true });
  }

  /**
   * Asks an upstream for its safe or finalized block. One that trails, or has just started and knows none, takes nothing
   * back; one that is ahead of the gateway, or on another branch, is not believed.
   */
  async #final(tag: FinalityTag, head: BlockEvent): Promise<UpstreamHeader> {
    const { router, finality } = this.#parts;
    const told = finality.told(tag);
    try {
      const json = await router.ask({
        method: "eth_getBlockByNumber",
        params: `["${tag}",false]`,
        block: head.hash,
        isValid: (json) => isHeader(json, ({ number, hash }) => this.isAnnounced(number, hash)) || json.text === "null",
        ...told === undefined ? {} : { waitMs: 0 },
      });
      if (json.text !== "null") return finality.advance(tag, readHeader(json));
    } catch (error) {
      if (told === undefined || !(error instanceof RpcError)) throw error;
    }
    const known = finality.told(tag);
    if (known === undefined) throw serverError(`${tag} block not found`);
    return known;
  }
}

function position(
  number: bigint,
  block: Pick<Position, "hash" | "isKept" | "isFinal">,
): Position {
  const byNumber = quantity(number);
  const param = block.hash === undefined ? byNumber : { blockHash: block.hash };
  return { ...block, number, param, paramByNumber: byNumber };
}

function isText({ text }: RawJson): boolean {
  return text.startsWith('"');
}
