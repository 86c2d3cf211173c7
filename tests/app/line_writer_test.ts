import { assertEquals } from "@std/assert";
import { LineWriter } from "../../src/app/line_writer.ts";
import { settled } from "../support/fake_clock.ts";

/** A sink whose reader takes what is written only when the test says so. */
class Pipe {
  text = "";
  writes = 0;
  #waiting: (() => void) | undefined;

  async write(bytes: Uint8Array): Promise<number> {
    this.writes += 1;
    await new Promise<void>((resolve) => this.#waiting = resolve);
    this.text += new TextDecoder().decode(bytes);
    return bytes.length;
  }

  async read(): Promise<string> {
    await settled();
    this.#waiting?.();
    await settled();
    return this.text;
  }
}

Deno.test("Lines keep their order, and those of one moment go out in one write", async () => {
  const pipe = new Pipe();
  const writer = new LineWriter(pipe);
  writer.write("one");
  writer.write("two");
  assertEquals(await pipe.read(), "one\ntwo\n");
  writer.write("three");
  assertEquals(await pipe.read(), "one\ntwo\nthree\n");
  assertEquals(pipe.writes, 2);
});

Deno.test("A reader that stalls holds nobody up: lines beyond the limit are dropped and counted", async () => {
  const pipe = new Pipe();
  const writer = new LineWriter(pipe, { maxWaitingBytes: 10, droppedLine: (count) => `dropped ${count}` });
  writer.write("first");
  await settled();
  for (const line of ["1234", "5678", "lost", "lost"]) writer.write(line);
  await pipe.read();
  await pipe.read();
  assertEquals(await pipe.read(), "first\n1234\n5678\ndropped 2\n");
  assertEquals(await writer.flush({ withinMs: 0 }), true);
});

Deno.test("A write that takes a part is followed by the rest", async () => {
  let text = "";
  const writer = new LineWriter({
    write(bytes) {
      text += new TextDecoder().decode(bytes.subarray(0, 2));
      return Promise.resolve(Math.min(2, bytes.length));
    },
  });
  writer.write("whole line");
  assertEquals(await writer.flush({ withinMs: 10_000 }), true);
  assertEquals(text, "whole line\n");
});

Deno.test("flush says whether the reader took everything in time", async () => {
  const pipe = new Pipe();
  const writer = new LineWriter(pipe);
  assertEquals(await writer.flush({ withinMs: 0 }), true);
  writer.write("line");
  assertEquals(await writer.flush({ withinMs: 0 }), false);
  await pipe.read();
  assertEquals(await writer.flush({ withinMs: 10_000 }), true);
});

Deno.test("A reader that is gone stops nothing", async () => {
  const writer = new LineWriter({ write: () => Promise.reject(new Deno.errors.BrokenPipe("gone")) });
  writer.write("line");
  assertEquals(await writer.flush({ withinMs: 10_000 }), true);
  writer.write("line");
  assertEquals(await writer.flush({ withinMs: 10_000 }), true);
});
