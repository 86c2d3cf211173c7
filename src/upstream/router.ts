import type { Hash } from "../eth/types.ts";
import { CODE, RpcError } from "../rpc/error.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import { type Clock, sleep } from "../concurrency/clock.ts";
import { BlockSource } from "./block_source.ts";
import { rateLimitOf, UpstreamFailure } from "./failure.ts";
import type { Upstream } from "./upstream.ts";

/** The requirements of one question. */
export interface Question {
  readonly method: string;
  /** The JSON text of the parameters. */
  readonly params: string;
  /** A block that the upstream must have; any upstream when absent. */
  readonly block?: Hash | undefined;
  /** Returns the parameters with the block's number in place of its hash, for an upstream that refuses hashes (EIP-1898). */
  readonly byNumber?: (() => string) | undefined;
  /** True when `null` is not a valid answer, because the object of the question exists. */
  readonly mustExist?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RouterOptions {
  readonly upstreams: readonly Upstream[];
  readonly clock: Clock;
  /** Returns true for an upstream that should be asked last. */
  readonly isAside: (upstream: Upstream) => boolean;
  /** The time that a question waits for an upstream that can be asked, milliseconds. */
  readonly waitMs: number;
  /** Called for each attempt, for the counters. */
  readonly onCall: (upstream: Upstream, method: string, outcome: CallOutcome) => void;
}

export type CallOutcome = "answered" | "refused" | "failed" | "busy" | "missing";

/** The time for which a busy upstream is not asked when it names no time. */
const BUSY_MS = 1_000;
/** The interval at which a waiting question checks for an upstream. */
const LOOK_MS = 50;

/**
 * Errors that another upstream may not have: it lacks the block, or the state of the block. The texts are those of geth,
 * erigon, nethermind, besu, reth and anvil.
 */
const ELSEWHERE =
  /header not found|unknown block|block not found|missing trie node|historical state|state .*not available|pruned|history has been pruned|required historical|no state found|distance to target block request timed? ?out|BlockOutOfRange/i;

/** Returns true when this upstream lacks the method, the block or its state, and another may have it. */
function isElsewhere({ code, message }: RpcError): boolean {
  return code === CODE.methodNotFound || ELSEWHERE.test(message);
}

/** Asks the upstreams one after another until one answers. */
export class Router {
  readonly #options: RouterOptions;
  readonly #refusesHashes = new WeakSet<Upstream>();
  readonly #busyUntil = new Map<Upstream, number>();

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** Rejects with the RpcError that an upstream answered, or with -32002 and the reason when none could be asked. */
  async ask(question: Question): Promise<RawJson> {
    const deadline = this.#options.clock.now() + this.#options.waitMs;
    const failures = new Map<Upstream, Error>();
    for (;;) {
      const upstream = this.#next(question, failures);
      if (upstream === null) {
        const refusal = failures.values().find((error) => error instanceof RpcError);
        if (refusal !== undefined) throw refusal;
        await this.#wait(question, { failures, deadline });
        continue;
      }
      try {
        return await this.#attempt(upstream, question);
      } catch (error) {
        if (!(error instanceof RpcError || error instanceof UpstreamFailure)) throw error;
        if (error instanceof UpstreamFailure && error.kind === "aborted") throw error;
        if (error instanceof RpcError && !isElsewhere(error)) throw error;
        failures.set(upstream, error);
      }
    }
  }

  /** Returns the upstreams that may be asked now, the best first. */
  candidates({ method, block }: Question): readonly Upstream[] {
    const now = this.#options.clock.now();
    const able = this.#options.upstreams.filter((upstream) =>
      upstream.state === "ready" && upstream.spec.allows?.(method) !== false &&
      (this.#busyUntil.get(upstream) ?? 0) <= now
    );
    return able.toSorted((one, other) => this.#rank(one, block) - this.#rank(other, block));
  }

  /** Returns a rank, lower for a better upstream: it counts first whether it has the block, then its state, then its priority. */
  #rank(upstream: Upstream, block: Hash | undefined): number {
    const lacks = block !== undefined && !upstream.has(block);
    return (lacks ? 1e6 : 0) + (this.#options.isAside(upstream) ? 1e4 : 0) + upstream.spec.priority;
  }

  #next(question: Question, failures: ReadonlyMap<Upstream, Error>): Upstream | null {
    return this.candidates(question).find((upstream) => !failures.has(upstream)) ?? null;
  }

  async #attempt(upstream: Upstream, question: Question): Promise<RawJson> {
    const { method, mustExist } = question;
    const { onCall, clock } = this.#options;
    try {
      const result = await this.#call(upstream, question);
      if (mustExist === true && result.text === "null") {
        onCall(upstream, method, "missing");
        throw new UpstreamFailure("malformed", `${method} answered null for what exists`);
      }
      onCall(upstream, method, "answered");
      return result;
    } catch (cause) {
      const error = cause instanceof RpcError ? rateLimitOf(cause) ?? cause : cause;
      if (error instanceof RpcError) onCall(upstream, method, "refused");
      else if (error instanceof UpstreamFailure && error.kind === "busy") {
        this.#busyUntil.set(upstream, clock.now() + (error.retryAfterMs ?? BUSY_MS));
        onCall(upstream, method, "busy");
      } else if (error instanceof UpstreamFailure && error.kind !== "malformed") onCall(upstream, method, "failed");
      throw error;
    }
  }

  async #call(upstream: Upstream, { method, params, byNumber, block, signal }: Question): Promise<RawJson> {
    const limits = { timeoutMs: upstream.spec.timeoutMs, signal };
    if (byNumber === undefined) return await upstream.call(method, params, limits);
    if (!this.#refusesHashes.has(upstream)) {
      try {
        return await upstream.call(method, params, limits);
      } catch (error) {
        if (!(error instanceof RpcError) || error.code !== CODE.invalidParams) throw error;
      }
    }
    // The number must lead to the same block before and after the question: it may have moved to another branch meanwhile.
    const result = await upstream.call(method, byNumber(), limits);
    if (block !== undefined && !(await new BlockSource(upstream, limits).isCanonical(block))) {
      throw new UpstreamFailure("malformed", `block ${block} is not on its chain`);
    }
    // Only now it is known that the hash was what it refused.
    this.#refusesHashes.add(upstream);
    return result;
  }

  /** Waits a moment, after which failed upstreams may be asked again; rejects when the time is up. */
  async #wait(
    { signal }: Question,
    { failures, deadline }: { failures: Map<Upstream, Error>; deadline: number },
  ): Promise<void> {
    const { clock } = this.#options;
    if (signal?.aborted) throw new UpstreamFailure("aborted", "the caller is gone");
    if (clock.now() >= deadline) throw new RpcError(CODE.timeout, this.#whyNot(failures));
    await sleep(LOOK_MS, { clock });
    failures.clear();
  }

  #whyNot(failures: ReadonlyMap<Upstream, Error>): string {
    const reasons = this.#options.upstreams.map((upstream) => {
      const reason = failures.get(upstream)?.message ?? upstream.reason;
      return `${upstream.spec.name}: ${reason === "" ? "busy" : reason}`;
    });
    return `no upstream can answer (${reasons.join("; ")})`;
  }
}
