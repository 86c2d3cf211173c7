/**
 * The order of work on one event loop: a clock that tests can replace, mutual exclusion, bounded parallelism, a rate, and time
 * slices for work that would otherwise hold the loop.
 *
 * It may import nothing else of this program, and knows neither Ethereum nor JSON-RPC. You are in the wrong place when what
 * you write decides what work is done, or what a client is told when it has to wait.
 *
 * ```ts
 * const mutex = new Mutex();
 * await mutex.run(async () => { await file.write(bytes); });
 *
 * const pacer = new Pacer({ signal, deadline: SYSTEM_CLOCK.now() + 5_000 });
 * for (const item of manyItems) {
 *   work(item);
 *   await pacer.breathe(); // lets sockets and timers in when the slice is over
 * }
 * ```
 */
export * from "./clock.ts";
export * from "./keyed_mutex.ts";
export * from "./mutex.ts";
export * from "./pacer.ts";
export * from "./semaphore.ts";
export * from "./time_slices.ts";
export * from "./token_bucket.ts";
