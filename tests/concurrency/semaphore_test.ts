import { assertEquals, assertRejects } from "@std/assert";
import { KeyedMutex } from "../../src/concurrency/keyed_mutex.ts";
import { Mutex } from "../../src/concurrency/mutex.ts";
import { Semaphore } from "../../src/concurrency/semaphore.ts";
import { settled } from "../support/fake_clock.ts";

Deno.test("Mutex lets one in at a time in the order of coming, and passes over those who left the queue", async () => {
  const mutex = new Mutex();
  const story: string[] = [];
  const impatient = new AbortController();
  const enter = async (name: string, signal?: AbortSignal) => {
    const release = await mutex.acquire(signal);
    story.push(name);
    return release;
  };
  const first = await enter("first");
  const [second, gone, third] = [enter("second"), enter("gone", impatient.signal), enter("third")];
  await settled();
  assertEquals(mutex.waiting, 3);
  impatient.abort(new Error("gone"));
  await assertRejects(() => gone, Error, "gone");
  assertEquals([story, mutex.waiting], [["first"], 2]);
  first();
  const releaseSecond = await second;
  assertEquals(story, ["first", "second"]);
  releaseSecond();
  (await third)();
  (await enter("fourth"))();
  assertEquals(story, ["first", "second", "third", "fourth"]);
  await assertRejects(() => enter("never", impatient.signal), Error, "gone");
});

Deno.test("Semaphore runs as many tasks at a time as it has permits, and a second release gives no second permit", async () => {
  const semaphore = new Semaphore(2);
  const [one] = [await semaphore.acquire(), await semaphore.acquire()];
  let hasThird = false;
  const third = semaphore.acquire().then((release) => {
    hasThird = true;
    return release;
  });
  await settled();
  assertEquals(hasThird, false);
  one();
  one();
  await third;
  let hasFourth = false;
  void semaphore.acquire().then(() => hasFourth = true);
  await settled();
  assertEquals([hasFourth, semaphore.waiting], [false, 1]);
});

Deno.test("A permit is free again when the work that had it fails", async () => {
  const mutex = new Mutex();
  await assertRejects(() => mutex.run(() => Promise.reject(new Error("failed"))), Error, "failed");
  assertEquals(await mutex.run(() => 7), 7);
});

Deno.test("Tasks of one key run one after the other, tasks of two keys at once", async () => {
  const keyed = new KeyedMutex();
  const story: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = keyed.run("a", async () => {
    story.push("a1 begins");
    await gate.promise;
    story.push("a1 ends");
  });
  const second = keyed.run("a", () => void story.push("a2"));
  const other = keyed.run("b", () => void story.push("b"));
  await settled();
  assertEquals(story, ["a1 begins", "b"]);
  gate.resolve();
  await Promise.all([first, second, other]);
  assertEquals(story, ["a1 begins", "b", "a1 ends", "a2"]);
});
