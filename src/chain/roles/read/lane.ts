import { ExecutionAborted } from "../../../evm/halt.ts";

/** Lets one in at a time, first come, first served; whoever is not wanted any more leaves the line. */
export class Lane {
  readonly #line = new Set<() => void>();
  #isTaken = false;

  /** Resolves with what lets the next one in, to be called once. Rejects when `signal` is aborted before. */
  async enter(signal?: AbortSignal): Promise<() => void> {
    if (signal?.aborted === true) throw new ExecutionAborted(false);
    if (this.#isTaken) await this.#wait(signal);
    this.#isTaken = true;
    return () => {
      const [next] = this.#line;
      if (next === undefined) this.#isTaken = false;
      else next();
    };
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const quit = () => {
      this.#line.delete(admit);
      reject(new ExecutionAborted(false));
    };
    const admit = () => {
      this.#line.delete(admit);
      signal?.removeEventListener("abort", quit);
      resolve();
    };
    this.#line.add(admit);
    signal?.addEventListener("abort", quit, { once: true });
    return promise;
  }
}
