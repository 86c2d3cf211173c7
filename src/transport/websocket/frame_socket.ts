import { Buffer } from "node:buffer";
import { type ByteStream, closeStream } from "../net/byte_stream.ts";
import type { Around } from "../../rpc/connection.ts";
import type { Clock, Timer } from "../../concurrency/clock.ts";
import { ABNORMAL_CLOSURE, CLOSE, NO_CODE } from "./close.ts";
import { acceptKey, OPCODE } from "../../websocket/mod.ts";
import { FrameError, FrameReader } from "./frame_reader.ts";
import { FrameWriter } from "./frame_writer.ts";
import type { MessageSocket, SocketEvents, Violation } from "./message_socket.ts";
import type { ReceiveBudget, Unfinished } from "./receive_budget.ts";

/** The failure of a socket whose peer stayed silent. */
export const SILENT = "no answer to a ping";

export interface FrameSocketOptions {
  /** The client's Sec-WebSocket-Key. */
  readonly key: string;
  /** The subprotocol for the answer. */
  readonly protocol?: string | undefined;
  /** The bytes that came directly behind the handshake. */
  readonly received: Uint8Array;
  readonly maxMessageBytes: number;
  /** A peer that is silent for half of this time is pinged, and after all of it the connection is closed; 0 for never. */
  readonly idleTimeoutMs: number;
  readonly budget: ReceiveBudget;
  readonly clock: Clock;
}

/** The buffer for bytes that are read and dropped. */
const DISCARDED = new Uint8Array(64 * 1024);

/** The time that the peer has to complete the closing handshake, or to stop sending after an error. */
const LINGER_MS = 2_000;
/** The time in which a message must be complete, in addition to the time of its bytes so far at 128 kbit/s. */
const MESSAGE_PATIENCE_MS = 30_000;
const SLOWEST_BYTES_PER_MS = 16;

/**
 * `open`: messages go in both directions. `violated`: the peer broke a rule, and the owner has not closed yet. `closing`:
 * the close frame is sent, and frames are read up to the peer's. `broken`: it is sent, and what comes is dropped. `closed`:
 * the stream is closed.
 */
type State = "open" | "violated" | "closing" | "broken" | "closed";

/** A WebSocket on a stream of bytes, server's side (RFC 6455), without extensions. */
export class FrameSocket implements MessageSocket, Unfinished {
  readonly #stream: ByteStream;
  readonly #options: FrameSocketOptions;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  #events: SocketEvents | undefined;
  #state: State = "open";
  /** The handshake has been answered; a close before that is kept until then. */
  #answered = false;
  #early: { readonly code: number; readonly reason: string } | undefined;
  #peerClose: { readonly code: number; readonly reason: string } | undefined;
  #linger: Timer | undefined;
  #heard = true;
  #heardAt = 0;
  #pinged = false;
  #pongOwed: Uint8Array | undefined;
  /** The beginning and the size of the unfinished message that is counted. */
  #heldSince: number | undefined;
  #heldBytes = 0;

  constructor(stream: ByteStream, options: FrameSocketOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#reader = new FrameReader({
      message: (data) => {
        if (this.#state === "open") this.#events?.message(data);
      },
      ping: (payload) => this.#pong(payload),
      pong() {},
      peerClosed: (code, reason) => this.#peerClosed(code, reason),
      holds: (bytes) => this.#holds(bytes),
    }, options);
    this.#writer = new FrameWriter(stream, {
      written: () => this.#written(),
      failed: (cause) => this.#end(textOf(cause)),
    });
  }

  get bufferedAmount(): number {
    return this.#writer.pending;
  }

  get takenBytes(): number {
    return this.#writer.taken;
  }

  /** Answers the handshake and begins to read. */
  start(events: SocketEvents): void {
    this.#events = events;
    this.#heardAt = this.#options.clock.now();
    this.#run().catch((cause) => this.#end(textOf(cause)));
  }

  send(text: string): void {
    if (this.#state === "open") this.#writer.text(text);
  }

  sendShared(body: string, around: Around): void {
    if (this.#state === "open") this.#writer.shared(body, around);
  }

  close(code: number, reason: string): void {
    if (!this.#answered) this.#early ??= { code, reason };
    else if (this.#state === "open") this.#sayClose({ code, reason, state: "closing" });
    else if (this.#state === "violated") this.#sayClose({ code, reason, state: "broken" });
  }

  awaitDrain(): void {
    // Each write that ends is reported, and one is under way while anything is pending.
  }

  checkAlive(): void {
    const { clock, idleTimeoutMs } = this.#options;
    const now = clock.now();
    if (this.#heldSince !== undefined) {
      const patienceMs = MESSAGE_PATIENCE_MS + this.#heldBytes / SLOWEST_BYTES_PER_MS;
      if (now - this.#heldSince > patienceMs) return this.abandon();
    }
    if (this.#heard) {
      [this.#heard, this.#heardAt, this.#pinged] = [false, now, false];
    } else if (idleTimeoutMs > 0 && now - this.#heardAt >= idleTimeoutMs) {
      this.#end(SILENT);
    } else if (idleTimeoutMs > 0 && now - this.#heardAt >= idleTimeoutMs / 2 && !this.#pinged) {
      this.#pinged = true;
      this.#writer.control(OPCODE.ping, new Uint8Array(0));
    }
  }

  /** Ends a connection whose message takes too long, or whose memory is needed for others. */
  abandon(): void {
    this.#violated({ code: CLOSE.tryAgainLater, reason: "unfinished message: it took too long, or too much memory" });
  }

  async #run(): Promise<void> {
    const { key, protocol } = this.#options;
    const accept = await acceptKey(key);
    const chosen = protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
    this.#writer.raw(Buffer.from(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`,
    ));
    this.#answered = true;
    if (this.#early !== undefined) this.close(this.#early.code, this.#early.reason);
    this.#events?.opened();
    this.#takeReceived();
    for (;;) {
      // Bytes that follow an error cannot be understood.
      const understood = this.#state === "open" || this.#state === "closing";
      const count = await this.#stream.read(understood ? this.#reader.space() : DISCARDED);
      if (count === null) return this.#end("");
      this.#heard = true;
      if (understood) this.#take(count);
    }
  }

  /** Reads the bytes that came directly behind the handshake. */
  #takeReceived(): void {
    for (let rest = this.#options.received; rest.length > 0 && this.#state === "open";) {
      const space = this.#reader.space();
      const count = Math.min(space.length, rest.length);
      space.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      this.#take(count);
    }
  }

  #take(count: number): void {
    try {
      this.#reader.filled(count);
    } catch (cause) {
      if (!(cause instanceof FrameError)) throw cause;
      this.#violated({ code: cause.code, reason: cause.message });
    }
  }

  #violated(violation: Violation): void {
    this.#holds(0);
    if (this.#state === "closing") return this.#end("");
    if (this.#state !== "open") return;
    this.#state = "violated";
    this.#events?.violated(violation);
  }

  #peerClosed(code: number, reason: string): void {
    this.#peerClose ??= { code, reason };
    if (this.#state === "closing") return this.#end("");
    if (this.#state === "open") this.#sayClose({ code, reason: "", state: "broken" });
  }

  /** Sends the close frame, and closes the stream when the peer has answered or its time to answer is over. */
  #sayClose({ code, reason, state }: { code: number; reason: string; state: State }): void {
    this.#state = state;
    this.#holds(0);
    this.#writer.control(OPCODE.close, closePayload(code, reason));
    this.#linger = this.#options.clock.setTimer(LINGER_MS, () => this.#end(""));
    this.#writer.whenIdle(() => {
      if (this.#peerClose !== undefined) return this.#end("");
      // Closing a stream while bytes of the peer are unread resets it, and may lose the close frame.
      if (this.#state === "broken") this.#stream.closeWrite().catch(() => {});
    });
  }

  #pong(payload: Uint8Array): void {
    if (this.#state !== "open") return;
    // A peer that pings and does not read gets one pong only: the last (RFC 6455 section 5.5.3).
    if (this.#writer.pending > 0) this.#pongOwed = payload;
    else this.#writer.control(OPCODE.pong, payload);
  }

  #written(): void {
    if (this.#pongOwed !== undefined && this.#state === "open") this.#writer.control(OPCODE.pong, this.#pongOwed);
    this.#pongOwed = undefined;
    this.#events?.writable();
  }

  #holds(bytes: number): void {
    const { budget, clock } = this.#options;
    this.#heldBytes = bytes;
    if (bytes > 0) {
      this.#heldSince ??= clock.now();
      budget.hold(this, bytes);
    } else if (this.#heldSince !== undefined) {
      this.#heldSince = undefined;
      budget.release(this);
    }
  }

  #end(failure: string): void {
    if (this.#state === "closed") return;
    const closing = this.#state !== "open";
    this.#state = "closed";
    this.#linger?.cancel();
    this.#holds(0);
    this.#writer.end();
    closeStream(this.#stream);
    const { code, reason } = this.#peerClose ?? { code: ABNORMAL_CLOSURE, reason: "" };
    this.#events?.closed({ code, reason, failure: closing ? "" : failure });
  }
}

function closePayload(code: number, reason: string): Uint8Array {
  if (code === NO_CODE) return new Uint8Array(0);
  const text = new TextEncoder().encode(reason);
  const payload = new Uint8Array(2 + text.length);
  new DataView(payload.buffer).setUint16(0, code);
  payload.set(text, 2);
  return payload;
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
