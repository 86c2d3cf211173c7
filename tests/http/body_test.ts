import { assertEquals } from "@std/assert";
import { readBody } from "../../src/http/body.ts";

Deno.test("readBody joins chunks, and gives up on a body that does not come", async () => {
  const chunks = ReadableStream.from([Uint8Array.of(1), Uint8Array.of(2, 3)]);
  const whole = await readBody(new Request("http://x/", { method: "POST", body: chunks }), { maxBytes: 3 });
  assertEquals(whole, Uint8Array.of(1, 2, 3));
  const silent = new Request("http://x/", { method: "POST", body: new ReadableStream() });
  const refusal = await readBody(silent, { maxBytes: 3, timeoutMs: 1 });
  assertEquals(refusal, { status: 408, sentence: "no body within 1 ms" });
});
