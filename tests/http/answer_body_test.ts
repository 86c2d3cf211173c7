import { assert, assertEquals } from "@std/assert";
import { answerBody } from "../../src/http/answer_body.ts";

const LARGE = "x".repeat(1024 * 1024);

Deno.test("answerBody hands a small answer over whole", async () => {
  const { body, bytes, delivered } = answerBody("é\n");
  assertEquals([body, bytes], [new TextEncoder().encode("é\n"), 3]);
  await delivered;
});

Deno.test("answerBody hands a large answer out as it is read", async () => {
  const { body, bytes, delivered } = answerBody(LARGE);
  assert(body instanceof ReadableStream);
  assertEquals([await new Response(body).text(), bytes], [LARGE, LARGE.length]);
  await delivered;
});

Deno.test("answerBody gives up on a reader that stops, or that leaves", async () => {
  const stalled = answerBody(LARGE, { timeoutMs: 5 });
  assert(stalled.body instanceof ReadableStream);
  const reader = stalled.body.getReader();
  const first = await reader.read();
  await stalled.delivered;
  assert((first.value?.length ?? 0) < LARGE.length);
  assertEquals((await reader.read()).done, true);

  const left = answerBody(LARGE);
  assert(left.body instanceof ReadableStream);
  await left.body.cancel();
  await left.delivered;
});
