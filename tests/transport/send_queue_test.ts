import { assertEquals } from "@std/assert";
import { SendQueue } from "../../src/transport/websocket/send_queue.ts";

Deno.test("SendQueue gives back in order what was put in, and keeps the sum of what waits", () => {
  const queue = new SendQueue({ now: () => 0 });
  const taken: string[] = [];
  let sum = 0;
  // Three in, two out: the front runs far into the array before it is empty.
  for (let i = 0; i < 9_000; i++) {
    queue.push(String(i), i);
    sum += i;
    if (i % 3 === 0) continue;
    const next = queue.peek();
    taken.push(next?.text ?? "");
    sum -= next?.bytes ?? 0;
    queue.drop();
    assertEquals(queue.bytes, sum);
  }
  for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
    taken.push(next.text);
    queue.drop();
  }
  assertEquals(taken, Array.from({ length: 9_000 }, (_, i) => String(i)));
  assertEquals([queue.empty, queue.bytes], [true, 0]);
});

Deno.test("SendQueue is empty after clear, and dropping from it changes nothing", () => {
  const queue = new SendQueue({ now: () => 0 });
  queue.push("a", 1);
  queue.clear();
  queue.drop();
  assertEquals([queue.empty, queue.bytes, queue.peek()], [true, 0, undefined]);
});
