import type { Clock } from "../concurrency/clock.ts";

/** How long the first upstream of the list is waited for, before another one decides. */
const FIRST_GRACE_MS = 1_000;

/** Which chain a gateway serves: that of the first upstream of its list, or of the first to answer when that one is not there. */
export class ChainAgreement {
  readonly #clock: Clock;
  readonly #agreed = Promise.withResolvers<bigint>();
  #chainId: bigint | null = null;

  /** `chainId` is what the operator says; undefined leaves it to the upstreams. */
  constructor(clock: Clock, chainId?: bigint) {
    this.#clock = clock;
    if (chainId !== undefined) this.#decide(chainId);
  }

  /** The chain that is served; null while undecided. */
  get chainId(): bigint | null {
    return this.#chainId;
  }

  /** Resolves with the chain that is served, told the chain of an upstream and its place in the list. */
  async propose(chainId: bigint, place: number): Promise<bigint> {
    if (place === 0) this.#decide(chainId);
    else if (this.#chainId === null) this.#clock.setTimer(FIRST_GRACE_MS, () => this.#decide(chainId));
    return await this.#agreed.promise;
  }

  #decide(chainId: bigint): void {
    if (this.#chainId !== null) return;
    this.#chainId = chainId;
    this.#agreed.resolve(chainId);
  }
}
