import { Duplex } from "node:stream";
import { Buffer } from "node:buffer";
import { type ByteStream, closeStream, writeAll } from "../net/byte_stream.ts";

const FIRST_BYTES = 2 * 1024;
const MAX_BYTES = 64 * 1024;

/** Offers a connection to `node:tls`, which takes streams of Node. `opens` sees the first bytes, and returns false to end it there. */
export function duplexOf(stream: ByteStream, opens: (first: Uint8Array) => boolean): Duplex {
  let buffer = new Uint8Array(FIRST_BYTES);
  let begun = false;

  async function readInto(duplex: Duplex): Promise<void> {
    const count = await stream.read(buffer);
    if (duplex.destroyed) return;
    if (count === null) return void duplex.push(null);
    const bytes = buffer.subarray(0, count);
    if (!begun && !opens(bytes)) return;
    begun = true;
    // Most connections are idle, so the buffer grows only with what comes.
    if (count === buffer.length && count < MAX_BYTES) buffer = new Uint8Array(count * 2);
    duplex.push(Buffer.from(bytes));
  }

  return new Duplex({
    read() {
      readInto(this).catch((cause) => this.destroy(cause));
    },
    write(chunk: Uint8Array, _encoding, done) {
      writeAll(stream, chunk).then(() => done(), done);
    },
    final(done) {
      stream.closeWrite().then(() => done(), () => done());
    },
    destroy(cause, done) {
      closeStream(stream);
      done(cause);
    },
  });
}
