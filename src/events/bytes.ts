import type { Hex } from "../eth/types.ts";
import { MAX_UINT64 } from "../primitives/uint.ts";

const FIRST_BYTES = 1024;
const UINT32_BYTES = 4;
const UINT64_BYTES = 8;
/** UTF-8 needs at most this many bytes for one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes that are no event, or an event that has no bytes. */
export class EventCodecError extends Error {
  override readonly name = "EventCodecError";
}

/** Writes values one after the other. */
export class ByteWriter {
  #buffer = new Uint8Array(FIRST_BYTES);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  uint32(value: number): void {
    this.#reserve(UINT32_BYTES);
    this.#view().setUint32(this.#length, value);
    this.#length += UINT32_BYTES;
  }

  uint64(value: bigint): void {
    if (value < 0n || value > MAX_UINT64) throw new EventCodecError(`${value} does not fit into 64 bits`);
    this.#reserve(UINT64_BYTES);
    this.#view().setBigUint64(this.#length, value);
    this.#length += UINT64_BYTES;
  }

  /** Writes hex of exactly `size` bytes. */
  hex(value: Hex, size: number): void {
    if (value.length !== 2 + 2 * size) throw new EventCodecError(`${value} does not have ${size} bytes`);
    this.#reserve(size);
    this.#buffer.subarray(this.#length, this.#length + size).setFromHex(value.slice(2));
    this.#length += size;
  }

  text(value: string): void {
    this.#reserve(UINT32_BYTES + value.length * MAX_BYTES_PER_UNIT);
    const { written } = ENCODER.encodeInto(value, this.#buffer.subarray(this.#length + UINT32_BYTES));
    this.#view().setUint32(this.#length, written);
    this.#length += UINT32_BYTES + written;
  }

  /** Returns a copy of what was written. */
  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  #view(): DataView {
    return new DataView(this.#buffer.buffer);
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + size));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

/** Reads values one after the other; throws an {@link EventCodecError} that names what is cut off. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  byte(what: string): number {
    return this.#view.getUint8(this.#skip(1, what));
  }

  uint32(what: string): number {
    return this.#view.getUint32(this.#skip(UINT32_BYTES, what));
  }

  uint64(what: string): bigint {
    return this.#view.getBigUint64(this.#skip(UINT64_BYTES, what));
  }

  hex(what: string, size: number): Hex {
    const start = this.#skip(size, what);
    return `0x${this.#bytes.subarray(start, start + size).toHex()}`;
  }

  text(what: string): string {
    const size = this.uint32(what);
    const start = this.#skip(size, what);
    try {
      return DECODER.decode(this.#bytes.subarray(start, start + size));
    } catch (cause) {
      throw new EventCodecError(`${what} is not UTF-8`, { cause });
    }
  }

  /** Checks that nothing follows. */
  end(): void {
    const rest = this.#bytes.length - this.#at;
    if (rest > 0) throw new EventCodecError(`${rest} bytes follow the event`);
  }

  #skip(size: number, what: string): number {
    const start = this.#at;
    if (start + size > this.#bytes.length) {
      throw new EventCodecError(`${what} is cut off: ${size} bytes at ${start}, of ${this.#bytes.length}`);
    }
    this.#at += size;
    return start;
  }
}
