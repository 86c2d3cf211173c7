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

/** One block that a question is about, as it is put to an upstream. */
export interface Position {
  /** Undefined where only the number, or `pending`, is known. */
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

/** How a question is asked. */
export interface AskOptions {
  readonly at?: Position | undefined;
  /** True when `null` is no answer. */
  readonly mustExist?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** True where the same question may be asked again with another answer. */
  readonly isVolatile?: boolean | undefined;
}

/** Everything that the roles of the gateway share. */
export interface GatewayParts {
  readonly ring: ChainRing;
  readonly router: Router;
  readonly cache: AnswerCache;
  readonly finality: Finality;
  /** Milliseconds that a question waits for the first head. */
  readonly waitMs: number;
  /** Resolves when there is a head; rejects with -32002 after so many milliseconds. */
  readonly firstHead: (waitMs: number) => Promise<BlockEvent>;
}

/**
 * The upstreams as one node that stands at the gateway's own head: `latest` is the block that was told last, whatever the
 * upstream that answers has seen since.
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

  /** Blocks that the ring does not keep, from whichever upstream has them. */
  get past(): BlockSource {
    return this.#past;
  }

  /** The block that was told last; waits for the first. */
  async head(): Promise<BlockEvent> {
    return this.#parts.ring.head ?? await this.#parts.firstHead(this.#parts.waitMs);
  }

  /** The block of a reference; null when it is above the head. */
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

  /** As `locate`; throws geth's error when the block is above the head. */
  async require(at: BlockRef): Promise<Position> {
    const position = await this.locate(at);
    if (position === null) throw serverError("header not found");
    return position;
  }

  /** Asks a method with its parameters; equal questions about a final block are asked once. */
  async ask(method: string, params: readonly unknown[], options: AskOptions = {}): Promise<RawJson> {
    const { at, mustExist, signal, isVolatile = false } = options;
    const text = JSON.stringify(params);
    const byNumber = at?.paramByNumber === undefined || at.hash === undefined
      ? undefined
      : JSON.stringify(params.map((param) => param === at.param ? at.paramByNumber : param));
    const question = { method, params: text, block: at?.hash, mustExist, byNumber };
    // Whoever joins an equal question must not lose it when the first caller leaves: it goes on without a signal.
    if (at?.isFinal !== true || isVolatile) return await this.#parts.router.ask({ ...question, signal });
    const asked = this.#parts.cache.get(
      `${method}${text}`,
      () => this.#parts.router.ask(question),
      ({ text }) => text !== "null",
    );
    return await raced(asked, signal);
  }

  /** A quantity that is asked for, or data: the decoded text of the answer. */
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

/** The result, or a rejection once the caller is gone. */
function raced<T>(result: T | Promise<T>, signal: AbortSignal | undefined): T | Promise<T> {
  if (!(result instanceof Promise) || signal === undefined) return result;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const leave = () => reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  result.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  return promise;
}
