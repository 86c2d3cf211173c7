import { assertEquals, assertRejects } from "@std/assert";
import { WrongPassword } from "../../src/accounts/errors.ts";
import {
  FREE_FAILURES,
  GUESS_INTERVAL_MS,
  GuessLimiter,
  MAX_WAITING_FIRST_GUESSES,
  MAX_WAITING_GUESSES,
} from "../../src/accounts/guess_limiter.ts";
import { RpcError } from "../../src/rpc/error.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { captureLog, KEY_ADDRESS } from "./capture.ts";

const OTHER_ADDRESS = "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b";

interface From {
  address?: `0x${string}`;
  connection?: number | undefined;
  host?: string;
  signal?: AbortSignal;
}

function guess({ address = KEY_ADDRESS, connection = 1, host = "10.0.0.1", signal }: From = {}) {
  return { address, connection, host, signal };
}

const wrong = () => Promise.reject(new WrongPassword());
const right = () => Promise.resolve("open");

/** A limiter whose clock stands still while nobody waits, and that tells when a guess was answered. */
function fixture() {
  const clock = new FakeClock();
  const log = captureLog();
  const limiter = new GuessLimiter(log, clock);
  /** Makes a guess and resolves with the time of its answer. */
  async function answered(from: From = {}, open: () => Promise<unknown> = wrong): Promise<number> {
    await limiter.attempt(guess(from), open).catch((error) => {
      if (!(error instanceof WrongPassword)) throw error;
    });
    return clock.now();
  }
  /** Makes wrong guesses one after the other while time passes. */
  async function fail(times: number, from: From = {}): Promise<void> {
    for (let time = 0; time < times; time++) {
      const failed = answered(from);
      await clock.advance(GUESS_INTERVAL_MS);
      await failed;
    }
  }
  return { clock, log, limiter, answered, fail };
}

Deno.test("Five failures are free; from then on a guess is answered no faster than one a second", async () => {
  const { clock, limiter, answered } = fixture();
  const guesses = Array.from({ length: FREE_FAILURES + 1 }, () => answered());
  // The right password waits as long: the time of the answer must not tell it from a wrong one.
  guesses.push(answered({}, right));
  await clock.advance(10_000);
  assertEquals(await Promise.all(guesses), [0, 0, 0, 0, 0, 1000, 2000]);
  // It has cleared the account; the connection keeps its record.
  assertEquals(limiter.failures(KEY_ADDRESS), 0);
});

Deno.test("Guesses sent at once are heard one after the other, so a burst has no more than five free ones", async () => {
  const { clock, answered } = fixture();
  const guesses = Array.from({ length: 7 }, (_, connection) => answered({ connection }));
  await clock.advance(10_000);
  assertEquals(await Promise.all(guesses), [0, 0, 0, 0, 0, 1000, 2000]);
});

Deno.test("A new connection does not start anew on an account, nor a new account on a connection", async () => {
  const { clock, answered } = fixture();
  await Promise.all([1, 2, 3, 4, 5].map((connection) => answered({ connection })));
  const [sameAccount, unrelated] = [
    answered({ connection: 99 }),
    answered({ address: OTHER_ADDRESS, connection: 100 }),
  ];
  await clock.advance(10_000);
  assertEquals([await sameAccount, await unrelated], [1000, 0]);

  const second = fixture();
  const guesses = Array.from({ length: FREE_FAILURES }, () => second.answered({ connection: 7 }));
  const otherAccount = second.answered({ connection: 7, address: OTHER_ADDRESS });
  await second.clock.advance(10_000);
  assertEquals(await Promise.all([...guesses, otherAccount]), [0, 0, 0, 0, 0, 1000]);
});

Deno.test("The right password of a connection that has not guessed is heard at once beside thirty that guess", async () => {
  const { clock, answered, fail } = fixture();
  const attackers = Array.from({ length: 30 }, (_, index) => index + 1);
  const first = Promise.all(attackers.map((connection) => answered({ connection })));
  await clock.advance(30_000);
  await first;
  for (let round = 0; round < 10; round++) {
    const further = attackers.slice(0, MAX_WAITING_GUESSES).map((connection) => answered({ connection }));
    const start = clock.now();
    assertEquals(await answered({ connection: 1000 + round }, right), start);
    await clock.advance(30_000);
    await Promise.all(further);
    await fail(FREE_FAILURES, { connection: 1 });
  }
});

Deno.test("A host without failures goes before hosts that have guessed, also where these connect anew for each guess", async () => {
  const { clock, answered, fail } = fixture();
  await fail(FREE_FAILURES, { connection: 1 });
  const attack = Array.from({ length: 40 }, (_, index) => answered({ connection: 100 + index }));
  await clock.advance(0);
  const owner = answered({ connection: 7, host: "10.0.0.2" }, right);
  const start = clock.now();
  await clock.advance(100_000);
  await Promise.all(attack);
  // The guess that is being checked, and then its own.
  assertEquals(await owner - start, 2 * GUESS_INTERVAL_MS);
});

Deno.test("Each wrong password is counted in a warning", async () => {
  const { log, answered } = fixture();
  await answered();
  await answered();
  const line = (failures: number) => ({
    level: "warn",
    message: "Wrong account password",
    fields: { address: KEY_ADDRESS, connection: 1, failures },
  });
  assertEquals(log.lines, [line(1), line(2)]);
});

Deno.test("A failure that is no wrong password is not counted", async () => {
  const { log, limiter } = fixture();
  await assertRejects(() => limiter.attempt(guess(), () => Promise.reject(new Error("disk"))), Error, "disk");
  assertEquals([limiter.failures(KEY_ADDRESS), log.lines], [0, []]);
});

Deno.test("A line of guesses that is too long is refused with -32005", async () => {
  for (const isOneConnection of [true, false]) {
    const { limiter } = fixture();
    const limit = isOneConnection ? MAX_WAITING_GUESSES : MAX_WAITING_FIRST_GUESSES;
    const gate = Promise.withResolvers<string>();
    const attempt = (connection: number) =>
      limiter.attempt(guess({ connection: isOneConnection ? 1 : connection }), () => gate.promise);
    const waiting = Array.from({ length: limit }, (_, connection) => attempt(connection));
    const error = await assertRejects(() => attempt(99), RpcError);
    assertEquals([error.code, error.data], [-32005, { limit, value: limit + 1 }]);
    gate.resolve("open");
    assertEquals(new Set(await Promise.all(waiting)), new Set(["open"]));
    assertEquals(await attempt(99), "open");
  }
});

Deno.test("A connection that ends gives up its place in the line, waiting for its time or for others", async () => {
  const { limiter, clock, answered } = fixture();
  await Promise.all(Array.from({ length: FREE_FAILURES }, () => answered()));
  const controller = new AbortController();
  const attempts = [1, 2].map(() => limiter.attempt(guess({ signal: controller.signal }), right));
  const gone = Promise.all(attempts.map((attempt) => assertRejects(() => attempt, Error, "gone")));
  controller.abort(new Error("gone"));
  await gone;
  assertEquals(clock.timers, 0);
});

Deno.test("What failed a quarter of an hour ago is forgotten", async () => {
  const { limiter, clock, answered } = fixture();
  await Promise.all(Array.from({ length: FREE_FAILURES }, () => answered()));
  assertEquals(limiter.failures(KEY_ADDRESS), FREE_FAILURES);
  await clock.advance(15 * 60_000);
  assertEquals(limiter.failures(KEY_ADDRESS), 0);
  assertEquals(await answered(), clock.now());
});
