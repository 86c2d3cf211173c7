import type { Hash } from "../eth/types.ts";
import { CODE, RpcError } from "../rpc/error.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import { type Clock, sleep } from "../concurrency/clock.ts";
import { BlockSource } from "./block_source.ts";
import { rateLimitOf, UpstreamFailure } from "./failure.ts";
import { MalformedJson } from "./json_spans.ts";
import { hasPruned, isElsewhere, lacksBlock } from "./refusal.ts";
import { Pauses } from "./pauses.ts";
import type { Upstream } from "./upstream.ts";

/** The requirements of one question. */
export interface Question {
  readonly method: string;
  /** The JSON text of the parameters. */
  readonly params: string;
  /** A block that the upstream must have; any upstream when absent. */
  readonly block?: Hash | undefined;
  /** The height of that block, or of one whose hash is not known. */
  readonly height?: bigint | undefined;
  /** Returns the parameters with the block's number in place of its hash, for an upstream that refuses hashes (EIP-1898). */
  readonly byNumber?: (() => string) | undefined;
  /** True when the parameters name the block by its number: that it leads to the block is checked with the upstream. */
  readonly namesNumber?: boolean | undefined;
  /** True when the object of the question exists: an upstream that answers `null`, or does not know the block, is behind. */
  readonly mustExist?: boolean | undefined;
  /** Returns false once the block has been taken back: then no upstream is waited for. */
  readonly isCurrent?: (() => boolean) | undefined;
  /** Returns false for an answer that cannot be true; another upstream is asked then. */
  readonly isValid?: ((answer: RawJson) => boolean) | undefined;
  /** True for a method that only an upstream whose description names it in full may serve. */
  readonly mustBeNamed?: boolean | undefined;
  /** The time to wait for an upstream, milliseconds; that of the options when absent. */
  readonly waitMs?: number | undefined;
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

/** Rejects a question whose block was taken back while it waited: it may be asked again of the block in its place. */
export class BlockMoved extends Error {
  override readonly name = "BlockMoved";
}

/** The intervals at which a waiting question looks for an upstream: the first, and the longest that it grows to. */
const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 400;
/** Methods that need the state of their block, which many upstreams keep for the newest blocks only. */
const NEEDS_STATE =
  /^(eth_(call|estimateGas|createAccessList|simulateV1|get(Balance|Code|StorageAt|StorageValues|TransactionCount|Proof))$|debug_trace|trace_)/;

/** Asks the upstreams one after another until one answers. */
export class Router {
  readonly #options: RouterOptions;
  readonly #refusesHashes = new WeakSet<Upstream>();
  readonly #pauses: Pauses;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#pauses = new Pauses(options.clock);
  }

  /**
   * Rejects with the RpcError that an upstream answered, or with -32002 and the reason when none could be asked, or with
   * BlockMoved.
   */
  async ask(question: Question): Promise<RawJson> {
    const deadline = this.#options.clock.now() + (question.waitMs ?? this.#options.waitMs);
    const failures = new Map<Upstream, Error>();
    let lookMs = FIRST_LOOK_MS;
    for (;;) {
      const upstream = this.candidates(question).find((upstream) => !failures.has(upstream));
      if (upstream === undefined) {
        const refusal = failures.values().find((error) => error instanceof RpcError);
        if (refusal !== undefined) throw refusal;
        // Upstreams that were asked in vain are asked less and less often.
        lookMs = failures.size === 0 ? FIRST_LOOK_MS : Math.min(lookMs * 2, LONGEST_LOOK_MS);
        await this.#wait(question, { failures, deadline, lookMs });
        continue;
      }
      try {
        return await this.askOne(upstream, question);
      } catch (error) {
        if (!(error instanceof RpcError || error instanceof UpstreamFailure)) throw error;
        if (error instanceof UpstreamFailure && error.kind === "aborted") throw error;
        if (error instanceof RpcError && !isElsewhere(error)) throw error;
        failures.set(upstream, error);
      }
    }
  }

  /** Resolves with the upstreams that may be asked, the best first, once there is one; rejects with -32002 when none comes. */
  async available(question: Question): Promise<readonly Upstream[]> {
    const deadline = this.#options.clock.now() + this.#options.waitMs;
    for (;;) {
      const able = this.candidates(question);
      if (able.length > 0) return able;
      await this.#wait(question, { failures: new Map(), deadline, lookMs: FIRST_LOOK_MS });
    }
  }

  /** Returns true for a method that the description of an upstream names in full. */
  isNamed(method: string): boolean {
    return this.#options.upstreams.some(({ spec }) => spec.named?.has(method) === true);
  }

  /** Returns the upstreams that may be asked now, the best first. */
  candidates(question: Question): readonly Upstream[] {
    const able = this.#options.upstreams.filter((upstream) =>
      upstream.state === "ready" && upstream.spec.allows?.(question.method) !== false &&
      (question.mustBeNamed !== true || upstream.spec.named?.has(question.method) === true) &&
      !this.#pauses.isPaused(upstream)
    );
    return able.length < 2
      ? able
      : able.toSorted((one, other) => this.#rank(one, question) - this.#rank(other, question));
  }

  /** Calls one upstream and counts it; an answer that shows that it is behind or busy becomes an UpstreamFailure. */
  async askOne(upstream: Upstream, question: Question): Promise<RawJson> {
    const { method } = question;
    const { onCall } = this.#options;
    try {
      const result = await this.#call(upstream, question);
      if (question.mustExist === true && result.text === "null") {
        throw new UpstreamFailure("missing", `${method} answered null for what exists`);
      }
      if (question.isValid?.(result) === false) {
        throw new UpstreamFailure("malformed", `it answered ${method} with what cannot be true`);
      }
      onCall(upstream, method, "answered");
      this.#pauses.answered(upstream);
      return result;
    } catch (error) {
      const failure = failureOf(error, question);
      onCall(upstream, method, outcomeOf(failure));
      if (failure instanceof UpstreamFailure && failure.kind === "busy") {
        this.#pauses.busy(upstream, failure.retryAfterMs);
      } else if (failure instanceof RpcError && question.height !== undefined && hasPruned(failure)) {
        upstream.lacksStateAt(question.height);
      }
      throw failure;
    }
  }

  /** Returns a rank, lower for a better upstream: it counts whether it has the block, the state, how it stands, its priority. */
  #rank(upstream: Upstream, { method, block, height }: Question): number {
    const lacks = block !== undefined ? !upstream.has(block) : height !== undefined && height > upstream.height;
    const pruned = height !== undefined && NEEDS_STATE.test(method) && !upstream.keepsStateAt(height);
    return (lacks ? 1e8 : 0) + (pruned ? 1e7 : 0) + (this.#options.isAside(upstream) ? 1e6 : 0) +
      upstream.spec.priority;
  }

  async #call(upstream: Upstream, question: Question): Promise<RawJson> {
    const { method, params, byNumber, signal } = question;
    const limits = { timeoutMs: upstream.spec.timeoutMs, signal };
    if (byNumber === undefined) {
      const result = await upstream.call(method, params, limits);
      if (question.namesNumber === true) await checkCanonical(upstream, question);
      return result;
    }
    if (!this.#refusesHashes.has(upstream)) {
      try {
        return await upstream.call(method, params, limits);
      } catch (error) {
        if (!(error instanceof RpcError) || error.code !== CODE.invalidParams) throw error;
      }
    }
    const result = await upstream.call(method, byNumber(), limits);
    await checkCanonical(upstream, question);
    // Only now it is known that the hash was what it refused.
    this.#refusesHashes.add(upstream);
    return result;
  }

  /** Waits a moment, after which failed upstreams may be asked again; rejects when the time is up. */
  async #wait(
    { signal, isCurrent }: Question,
    { failures, deadline, lookMs }: { failures: Map<Upstream, Error>; deadline: number; lookMs: number },
  ): Promise<void> {
    const { clock } = this.#options;
    if (signal?.aborted) throw new UpstreamFailure("aborted", "the caller is gone");
    if (isCurrent?.() === false) throw new BlockMoved("the block was taken back");
    if (clock.now() >= deadline) throw new RpcError(CODE.timeout, this.#whyNot(failures));
    await sleep(Math.min(lookMs, deadline - clock.now()), { clock });
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

/**
 * Checks that the number of a question that was just answered leads to its block at the upstream: that may be on another
 * branch, or have moved to one meanwhile.
 */
async function checkCanonical(upstream: Upstream, { block, signal }: Question): Promise<void> {
  if (block === undefined) return;
  const source = new BlockSource(upstream, { timeoutMs: upstream.spec.timeoutMs, signal });
  if (!(await source.isCanonical(block))) throw new UpstreamFailure("missing", `block ${block} is not on its chain`);
}

/** Returns what an error means: that the upstream is busy, behind or wrong, or the error itself, which is the caller's. */
function failureOf(error: unknown, { mustExist }: Question): unknown {
  if (error instanceof MalformedJson) return new UpstreamFailure("malformed", error.message, { cause: error });
  if (!(error instanceof RpcError)) return error;
  const busy = rateLimitOf(error);
  if (busy !== null) return busy;
  if (mustExist === true && lacksBlock(error)) return new UpstreamFailure("missing", error.message, { cause: error });
  return error;
}

function outcomeOf(error: unknown): CallOutcome {
  if (error instanceof RpcError) return "refused";
  if (!(error instanceof UpstreamFailure)) return "failed";
  return error.kind === "busy" || error.kind === "missing" ? error.kind : "failed";
}
