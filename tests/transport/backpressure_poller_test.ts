import { assertEquals } from "@std/assert";
import { BackpressurePoller, type PollerLoop } from "../../src/transport/websocket/backpressure_poller.ts";

/** An event loop whose passes and timers a test runs by hand. */
class ManualLoop implements PollerLoop {
  readonly sleeps: number[] = [];
  passes = 0;
  #next: (() => void) | undefined;

  nextPass(work: () => void): void {
    this.passes++;
    this.#next = work;
  }

  setTimer(delayMs: number, work: () => void) {
    this.sleeps.push(delayMs);
    this.#next = work;
    return { cancel: () => void (this.#next = undefined), unref() {} };
  }

  /** Runs what is scheduled; false when nothing is. */
  run(): boolean {
    const next = this.#next;
    this.#next = undefined;
    next?.();
    return next !== undefined;
  }
}

/** A connection that has a backlog for so many polls. */
function backlog(polls: number, { moves = true } = {}) {
  const seen = { polls: 0 };
  const poll = () => ({ moved: moves, done: ++seen.polls === polls });
  return { seen, connection: { poll } };
}

Deno.test("Poller asks on every pass while there is progress, and not once the backlog is gone", () => {
  const loop = new ManualLoop();
  const poller = new BackpressurePoller(loop);
  const { seen, connection } = backlog(5_000);
  poller.add(connection);
  while (loop.run());
  assertEquals([seen.polls, loop.passes, loop.sleeps], [5_000, 5_000, []]);
});

Deno.test("Poller sleeps longer and longer while nothing moves, and at most 32 ms", () => {
  const loop = new ManualLoop();
  const poller = new BackpressurePoller(loop);
  poller.add(backlog(Infinity, { moves: false }).connection);
  for (let pass = 0; pass < 64 + 8; pass++) loop.run();
  assertEquals(loop.passes, 64);
  assertEquals(loop.sleeps, [1, 2, 4, 8, 16, 32, 32, 32, 32]);
});

Deno.test("Poller asks on every pass again when another connection has a backlog", () => {
  const loop = new ManualLoop();
  const poller = new BackpressurePoller(loop);
  poller.add(backlog(Infinity, { moves: false }).connection);
  for (let pass = 0; pass < 70; pass++) loop.run();
  const { seen, connection } = backlog(1);
  poller.add(connection);
  const sleeps = loop.sleeps.length;
  for (let pass = 0; pass < 10; pass++) loop.run();
  assertEquals([seen.polls, loop.sleeps.length], [1, sleeps]);
});

Deno.test("Poller does not ask a connection that was taken out", () => {
  const loop = new ManualLoop();
  const poller = new BackpressurePoller(loop);
  const { seen, connection } = backlog(Infinity);
  poller.add(connection);
  loop.run();
  poller.remove(connection);
  while (loop.run());
  assertEquals(seen.polls, 1);
});
