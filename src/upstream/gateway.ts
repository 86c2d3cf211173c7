import type { BlockRef, BlockTag, Hash, Quantity } from "../eth/types.ts";
import type { BlockEvent } from "../events/types.ts";
import { quantity } from "../primitives/hex.ts";
import { CODE, RpcError, serverError } from "../rpc/error.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import type { AnswerCache } from "./answer_cache.ts";
import { BlockSource } from "./block_source.ts";
import type { ChainRing } from "./chain_ring.ts";
import type { Finality } from "./finality.ts";
import { readHeader, type UpstreamHeader } from "./head.ts";
import type { Router } from "./router.ts";

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
  /** True when an answer about this block can never change. */
  readonly isFinal: boolean;
}

/** The options of a question. */
export interface AskOptions {
  readonly at?: Position | undefined;
  /** True when `null` is not a valid answer. */
  readonly mustExist?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** True when the same question may have another answer later. */
  readonly isVolatile?: boolean | undefined;
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
      call: (method, params, { signal }) => parts.router.ask({ method, params, signal }),
    }, { timeoutMs: parts.waitMs });
  }

  get ring(): ChainRing {
    return this.#parts.ring;
  }

  /** Reads blocks that the ring does not keep from any upstream that has them. */
  get past(): BlockSource {
    return this.#past;
  }

  /** Returns the block that was announced last; waits for the first. */
  async head(): Promise<BlockEvent> {
    return this.#parts.ring.head ?? await this.#parts.firstHead(this.#parts.waitMs);
  }

  /** Returns the block of a reference; null when it is above the head. */
  async locate(at: BlockRef): Promise<Position | null> {
    const head = await this.head();
    if ("hash" in at) {
      const kept = this.#parts.ring.of(at.hash);
      const param = { blockHash: at.hash, ...at.requireCanonical ? { requireCanonical: true } : {} };
      return {
        hash: at.hash,
        number: kept?.number,
        param,
        paramByNumber: kept === null ? undefined : quantity(kept.number),
        isFinal: !at.requireCanonical,
      };
    }
    if ("number" in at) return at.number > head.number ? null : this.#byNumber(at.number);
    return await this.#byTag(at.tag, head);
  }

  /** Does the same as `locate`, but throws geth's error when the block is above the head. */
  async require(at: BlockRef): Promise<Position> {
    const position = await this.locate(at);
    if (position === null) throw serverError("header not found");
    return position;
  }

  /** Calls a method with its parameters; equal questions about a final block are sent once. */
  async ask(method: string, params: readonly unknown[], options: AskOptions = {}): Promise<RawJson> {
    const { at, mustExist, signal, isVolatile = false } = options;
    const text = JSON.stringify(params);
    const byNumber = at?.paramByNumber === undefined || at.hash === undefined || !params.includes(at.param)
      ? undefined
      : () => JSON.stringify(params.map((param) => param === at.param ? at.paramByNumber : param));
    const question = { method, params: text, block: at?.hash, mustExist, byNumber };
    // Callers that join an equal question must not lose it when the first caller leaves, so it runs without a signal.
    if (at?.isFinal !== true || isVolatile) return await this.#parts.router.ask({ ...question, signal });
    const asked = this.#parts.cache.get(
      `${method}${text}`,
      () => this.#parts.router.ask(question),
      ({ text }) => text !== "null",
    );
    return await raced(asked, signal);
  }

  /** Calls a method that returns a quantity or data; returns the decoded text of the answer. */
  async text<T extends string = Quantity>(
    method: string,
    params: readonly unknown[],
    options: AskOptions = {},
  ): Promise<T> {
    const value = (await this.ask(method, params, options)).decode();
    if (typeof value !== "string") throw new RpcError(CODE.server, `the upstream answered ${method} with no text`);
    return value as T;
  }

  #byNumber(number: bigint): Position {
    const kept = this.#parts.ring.at(number);
    const isFinal = kept !== null || number <= this.#parts.finality.finalizedNumber || number === 0n;
    return position(number, kept?.hash, isFinal);
  }

  async #byTag(tag: BlockTag, head: BlockEvent): Promise<Position> {
    if (tag === "latest") return position(head.number, head.hash, true);
    if (tag === "earliest") return this.#byNumber(0n);
    if (tag === "pending") {
      return { hash: undefined, number: undefined, param: "pending", paramByNumber: undefined, isFinal: false };
    }
    const known = await this.#final(tag, head);
    return position(known.number, known.hash, true);
  }

  async #final(tag: "safe" | "finalized", head: BlockEvent): Promise<UpstreamHeader> {
    const json = await this.#parts.router.ask({
      method: "eth_getBlockByNumber",
      params: `["${tag}",false]`,
      block: head.hash,
    });
    if (json.text === "null") throw serverError(`${tag} block not found`);
    return this.#parts.finality.advance(tag, readHeader(json));
  }
}

function position(number: bigint, hash: Hash | undefined, isFinal: boolean): Position {
  const byNumber = quantity(number);
  return { hash, number, param: hash === undefined ? byNumber : { blockHash: hash }, paramByNumber: byNumber, isFinal };
}

/** Resolves with the result, or rejects once the caller is gone. */
function raced<T>(result: T | Promise<T>, signal: AbortSignal | undefined): T | Promise<T> {
  if (!(result instanceof Promise) || signal === undefined) return result;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const leave = () => reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  result.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  return promise;
}
