import { assert, assertEquals } from "@std/assert";
import { FrameError, FrameReader } from "../../src/transport/websocket/frame_reader.ts";
import { Random } from "../support/random.ts";
import { encodeFrame, OPCODE } from "./raw_client.ts";

/** What a reader reported, in order. */
type Told = readonly [kind: string, value: unknown];

function recorded(maxMessageBytes = 1_000_000) {
  const told: Told[] = [];
  const held: number[] = [];
  const reader = new FrameReader({
    message: (data) => void told.push(["message", data]),
    ping: (payload) => void told.push(["ping", payload.length]),
    pong: () => void told.push(["pong", 0]),
    peerClosed: (code, reason) => void told.push(["close", `${code} ${reason}`]),
    holds: (bytes) => void held.push(bytes),
  }, { maxMessageBytes });
  /** Feeds bytes in pieces of the size that `next` says. */
  function feed(bytes: Uint8Array, next: () => number): void {
    for (let at = 0; at < bytes.length;) {
      const space = reader.space();
      assert(space.length > 0, "a reader must always have room");
      const count = Math.min(space.length, Math.max(1, next()), bytes.length - at);
      space.set(bytes.subarray(at, at + count));
      reader.filled(count);
      at += count;
    }
  }
  return { told, held, reader, feed };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const encoder = new TextEncoder();

/** Encodes one message in any number of fragments, with control frames between them. */
function randomMessage(random: Random, told: Told[]): Uint8Array {
  const length = random.pick([0, 1, 100, 125, 126, 2047, 2048, 65_535, 65_536, 70_000, 200_000]);
  const isText = random.chance(0.5);
  const text = isText ? "aé€😀".repeat(Math.ceil(length / 10)).slice(0, length).replace(/[\ud800-\udbff]$/, "") : "";
  const bytes = isText ? encoder.encode(text) : Uint8Array.from({ length }, () => random.below(256));
  const frames: Uint8Array[] = [];
  const pieces = random.pick([1, 1, 1, 2, 5, 20]);
  for (let piece = 0, at = 0; piece < pieces; piece++) {
    const end = piece === pieces - 1 ? bytes.length : Math.min(bytes.length, at + random.below(bytes.length + 1));
    const opcode = piece > 0 ? OPCODE.continuation : isText ? OPCODE.text : OPCODE.binary;
    frames.push(encodeFrame(bytes.subarray(at, end), { opcode, fin: piece === pieces - 1 }));
    at = end;
    if (piece < pieces - 1 && random.chance(0.3)) {
      const payload = new Uint8Array(random.below(126));
      frames.push(encodeFrame(payload, { opcode: OPCODE.ping }));
      told.push(["ping", payload.length]);
    }
  }
  told.push(["message", isText ? text : bytes]);
  return join(frames);
}

Deno.test("Frames are read the same however they are cut and fragmented: 300 random conversations", () => {
  for (let seed = 0; seed < 300; seed++) {
    const random = new Random(seed);
    const expected: Told[] = [];
    const bytes = join(Array.from({ length: 1 + random.below(6) }, () => randomMessage(random, expected)));
    const { told, held, feed } = recorded();
    const most = random.pick([1, 7, 100, 5_000, 100_000]);
    feed(bytes, () => most === 1 ? 1 : random.below(most));
    assertEquals(told, expected, `seed ${seed}`);
    assertEquals(held.at(-1) ?? 0, 0, `seed ${seed}`);
  }
});

Deno.test("Frames that are damaged are refused with a close code, never with another error: 20,000 random streams", () => {
  const random = new Random(7);
  for (let run = 0; run < 20_000; run++) {
    const bytes = random.chance(0.5)
      ? Uint8Array.from({ length: random.below(300) }, () => random.below(256))
      : encodeFrame(new Uint8Array(random.below(200)), { opcode: random.below(16), fin: random.chance(0.5) });
    for (let flips = random.below(3); flips > 0 && bytes.length > 0; flips--) {
      bytes[random.below(Math.min(bytes.length, 14))] = random.below(256);
    }
    try {
      recorded(10_000).feed(bytes, () => random.below(50));
    } catch (error) {
      if (!(error instanceof FrameError) || ![1002, 1007, 1009].includes(error.code)) throw error;
    }
  }
});

Deno.test("Memory of a message grows with the bytes that come, not with the length that a frame claims", () => {
  const { held, feed } = recorded(2 ** 30);
  feed(encodeFrame(new Uint8Array(300_000), { claim: 2 ** 30 }), () => 50_000);
  assert((held.at(-1) ?? 0) < 1_000_000, `${held}`);
});

Deno.test("Frame that claims more than any memory has is refused by its head alone", () => {
  const { reader } = recorded();
  const head = new Uint8Array([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]);
  reader.space().set(head);
  let code = 0;
  try {
    reader.filled(head.length);
  } catch (error) {
    code = error instanceof FrameError ? error.code : -1;
  }
  assertEquals(code, 1009);
});

Deno.test("Fragments count against the limit together", () => {
  const { feed } = recorded(1000);
  feed(encodeFrame(new Uint8Array(600), { fin: false, opcode: OPCODE.binary }), () => 1000);
  let message = "";
  try {
    feed(encodeFrame(new Uint8Array(401), { fin: false, opcode: OPCODE.continuation }), () => 1000);
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(message, "message too large: 1001 bytes, the limit is 1000");
});
