import type { Clock } from "../concurrency/clock.ts";

/** The time that the first upstream of the list has to answer, before another one decides. */
const FIRST_GRACE_MS = 1_000;

/** Decides the chain of a gateway: that of the first upstream of its list, or, without its answer, of the first that answers. */
export class ChainAgreement {
  readonly #clock: Clock;
  readonly #agreed = Promise.withResolvers<bigint>();
  #chainId: bigint | null = null;

  /** `chainId` is the operator's choice; with undefined, the upstreams decide. */
  constructor(clock: Clock, chainId?: bigint) {
    this.#clock = clock;
    if (chainId !== undefined) this.#decide(chainId);
  }

  /** The chain that is served; null while undecided. */
  get chainId(): bigint | null {
    return this.#chainId;
  }

  /** Takes the chain of an upstream and its place in the list; resolves with the chain that is served. */
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
