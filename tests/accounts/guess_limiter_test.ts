import { assert, assertEquals, assertRejects } from "@std/assert";
import { WrongPassword } from "../../src/accounts/errors.ts";
import {
  FREE_FAILURES,
  GUESS_INTERVAL_MS,
  GuessLimiter,
  MAX_WAITING_GUESSES,
} from "../../src/accounts/guess_limiter.ts";
import { RpcError } from "../../src/rpc/error.ts";
import { captureLog, KEY_ADDRESS } from "./capture.ts";

const OTHER_ADDRESS = "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b";

interface From {
  address?: `0x${string}`;
  connection?: number | undefined;
  signal?: AbortSignal;
}

function guess({ address = KEY_ADDRESS, connection = 1, signal }: From = {}) {
  return { address, connection, signal };
}

const wrong = () => Promise.reject(new WrongPassword());
const right = () => Promise.resolve("open");

async function fail(limiter: GuessLimiter, times: number, from: From = {}): Promise<void> {
  for (let time = 0; time < times; time++) {
    await assertRejects(() => limiter.attempt(guess(from), wrong), WrongPassword);
  }
}

async function took(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

Deno.test("Five failures are free; from then on a guess is answered no faster than one a second", async () => {
  const limiter = new GuessLimiter(captureLog());
  assert(await took(() => fail(limiter, FREE_FAILURES)) < GUESS_INTERVAL_MS);
  assert(await took(() => fail(limiter, 1)) >= GUESS_INTERVAL_MS - 5);
  // The right password waits as long: the time of the answer must not tell it from a wrong one.
  assert(await took(() => limiter.attempt(guess(), right)) >= GUESS_INTERVAL_MS - 5);
  // It has cleared the account; the connection keeps its record.
  assertEquals(limiter.failures(KEY_ADDRESS), 0);
});

Deno.test("Guesses sent at once are heard one after the other, so a burst has no more than five free ones", async () => {
  const limiter = new GuessLimiter(captureLog());
  const answered: number[] = [];
  const start = performance.now();
  await Promise.all(
    Array.from(
      { length: 7 },
      (_, connection) =>
        limiter.attempt(guess({ connection }), wrong).catch(() => answered.push(performance.now() - start)),
    ),
  );
  assert((answered[4] ?? Infinity) < GUESS_INTERVAL_MS, `${answered}`);
  assert((answered[5] ?? 0) >= GUESS_INTERVAL_MS - 5, `${answered}`);
  assert((answered[6] ?? 0) >= 2 * GUESS_INTERVAL_MS - 10, `${answered}`);
});

Deno.test("A new connection does not start anew on an account, nor a new account on a connection", async () => {
  const limiter = new GuessLimiter(captureLog());
  for (let connection = 1; connection <= FREE_FAILURES; connection++) await fail(limiter, 1, { connection });
  const [sameAccount, unrelated] = await Promise.all([
    took(() => fail(limiter, 1, { connection: 99 })),
    took(() => fail(limiter, 1, { address: OTHER_ADDRESS, connection: 100 })),
  ]);
  assert(sameAccount >= GUESS_INTERVAL_MS - 5);
  assert(unrelated < GUESS_INTERVAL_MS);

  const second = new GuessLimiter(captureLog());
  await fail(second, FREE_FAILURES, { connection: 7 });
  assert(await took(() => fail(second, 1, { connection: 7, address: OTHER_ADDRESS })) >= GUESS_INTERVAL_MS - 5);
});

Deno.test("Each wrong password is counted in a warning", async () => {
  const log = captureLog();
  const limiter = new GuessLimiter(log);
  await fail(limiter, 2);
  const line = (failures: number) => ({
    level: "warn",
    message: "Wrong account password",
    fields: { address: KEY_ADDRESS, connection: 1, failures },
  });
  assertEquals(log.lines, [line(1), line(2)]);
});

Deno.test("A failure that is no wrong password is not counted", async () => {
  const log = captureLog();
  const limiter = new GuessLimiter(log);
  await assertRejects(() => limiter.attempt(guess(), () => Promise.reject(new Error("disk"))), Error, "disk");
  assertEquals([limiter.failures(KEY_ADDRESS), log.lines], [0, []]);
});

Deno.test("A line of guesses that is too long is refused with -32005", async () => {
  const limiter = new GuessLimiter(captureLog());
  const gate = Promise.withResolvers<string>();
  const waiting = Array.from(
    { length: MAX_WAITING_GUESSES },
    (_, connection) => limiter.attempt(guess({ connection }), () => gate.promise),
  );
  const error = await assertRejects(() => limiter.attempt(guess({ connection: 99 }), right), RpcError);
  assertEquals([error.code, error.data], [-32005, { limit: 16, value: 17 }]);
  gate.resolve("open");
  assertEquals(new Set(await Promise.all(waiting)), new Set(["open"]));
  assertEquals(await limiter.attempt(guess({ connection: 99 }), right), "open");
});

Deno.test("A connection that ends gives up its place in the line", async () => {
  const limiter = new GuessLimiter(captureLog());
  await fail(limiter, FREE_FAILURES);
  const controller = new AbortController();
  const attempt = limiter.attempt(guess({ signal: controller.signal }), right);
  controller.abort(new Error("gone"));
  await assertRejects(() => attempt, Error, "gone");
});
