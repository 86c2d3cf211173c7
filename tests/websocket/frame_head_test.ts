import { assertEquals } from "@std/assert";
import { acceptKey, applyMask, headBytes, MASKED, OPCODE, payloadLength, writeHead } from "../../src/websocket/mod.ts";

Deno.test("The head of a frame has the length in the fewest bytes (RFC 6455, 5.2), and is read as it was written", () => {
  const heads: readonly (readonly [payload: number, head: string])[] = [
    [0, "8100"],
    [125, "817d"],
    [126, "817e007e"],
    [0xffff, "817effff"],
    [0x1_0000, "817f0000000000010000"],
    [0x1_0000_0001, "817f0000000100000001"],
  ];
  for (const [payload, head] of heads) {
    const bytes = new Uint8Array(16);
    const end = writeHead(bytes, { at: 3, opcode: OPCODE.text, payload, mask: 0 });
    assertEquals(bytes.subarray(3, end).toHex(), head);
    assertEquals(end - 3, headBytes(payload));
    assertEquals(payloadLength(bytes, 3), payload);
  }
});

Deno.test("A client's ping is that of RFC 6455, 5.7, and the mask taken off again gives the text", () => {
  const mask = Uint8Array.fromHex("37fa213d");
  const frame = new Uint8Array(11);
  const head = writeHead(frame, { at: 0, opcode: OPCODE.ping, payload: 5, mask: MASKED });
  frame.set(mask, head);
  frame.set(new TextEncoder().encode("Hello"), head + 4);
  const payload = { mask, start: head + 4, end: frame.length, offset: 0 };
  applyMask(frame, payload);
  assertEquals(frame.toHex(), "898537fa213d7f9f4d5158");
  applyMask(frame, payload);
  assertEquals(new TextDecoder().decode(frame.subarray(head + 4)), "Hello");
});

Deno.test("A handshake's key is answered as in RFC 6455, 1.3", async () => {
  assertEquals(await acceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});
