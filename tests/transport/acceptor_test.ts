import { assertEquals } from "@std/assert";
import { Acceptor } from "../../src/transport/net/acceptor.ts";
import { FakeClock, settled } from "../support/fake_clock.ts";

const EMFILE = new Error("Too many open files (os error 24)");

/** A listening socket whose answers a test decides. */
function listening() {
  const clock = new FakeClock();
  const lines: string[] = [];
  const accepted: string[] = [];
  const seen = { accepts: 0, closes: 0, relieved: 0 };
  let answer = Promise.withResolvers<string>();
  const acceptor = new Acceptor<string>({
    listening: {
      accept() {
        seen.accepts++;
        answer = Promise.withResolvers<string>();
        return answer.promise;
      },
      close() {
        seen.closes++;
        answer.reject(new Deno.errors.BadResource("closed"));
      },
    },
    accepted: (conn) => void accepted.push(conn),
    relieve: () => void seen.relieved++,
    log: { debug() {}, info: (line) => void lines.push(line), warn: (line) => void lines.push(line), error() {} },
    clock,
  });
  async function connect(name: string): Promise<void> {
    answer.resolve(name);
    await settled();
  }
  async function fail(cause: Error): Promise<void> {
    answer.reject(cause);
    await settled();
  }
  return { acceptor, clock, lines, accepted, seen, connect, fail };
}

Deno.test("Acceptor goes on accepting when the process may open no more files, and says so once per outage", async () => {
  const { acceptor, clock, lines, accepted, seen, connect, fail } = listening();
  await connect("a");
  await fail(EMFILE);
  for (let failures = 0; failures < 5; failures++) {
    await clock.advance(1_000);
    await fail(EMFILE);
  }
  assertEquals(lines, ["Cannot accept connections, and tries again until it can"]);
  assertEquals(seen.relieved, 6);
  await clock.advance(1_000);
  await connect("b");
  await fail(EMFILE);
  assertEquals([accepted, lines.length], [["a", "b"], 1]);
  await clock.advance(10_000);
  await connect("c");
  assertEquals(lines.at(-1), "Accepts connections again");
  await fail(EMFILE);
  assertEquals(lines.length, 3);
  acceptor.close();
});

Deno.test("Acceptor waits between two attempts, up to a second", async () => {
  const { acceptor, clock, seen, fail } = listening();
  const waits: number[] = [];
  for (let failures = 0; failures < 9; failures++) {
    await fail(EMFILE);
    const before = clock.now();
    const accepts = seen.accepts;
    while (seen.accepts === accepts) await clock.advance(10);
    waits.push(clock.now() - before);
  }
  assertEquals(waits, [10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
  acceptor.close();
});

Deno.test("Acceptor passes over a client that left before it was accepted", async () => {
  const { acceptor, lines, accepted, connect, fail } = listening();
  await fail(new Deno.errors.ConnectionAborted("gone"));
  await connect("b");
  assertEquals([accepted, lines], [["b"], []]);
  acceptor.close();
});

Deno.test("Acceptor reports a socket that is gone, and not one that it closed itself", async () => {
  const broken = listening();
  const gone = new Deno.errors.BadResource("gone");
  await broken.fail(gone);
  assertEquals(await broken.acceptor.lost, gone);
  const closed = listening();
  let lost = false;
  closed.acceptor.lost.then(() => lost = true);
  closed.acceptor.close();
  closed.acceptor.close();
  await settled();
  assertEquals([lost, closed.seen.closes], [false, 1]);
});

Deno.test("Acceptor that is closed during an outage stops trying", async () => {
  const { acceptor, clock, seen, fail } = listening();
  await fail(EMFILE);
  acceptor.close();
  await settled();
  assertEquals(clock.timers, 0);
  assertEquals(seen.closes, 1);
});
