import { Buffer } from "node:buffer";
import type { Connection, ConnectionHandler, Peer } from "../rpc/connection.ts";
import { CLOSE, closeReason } from "./close.ts";
import type { TransportLog } from "./log.ts";
import type { Refillable, Refiller } from "./refill.ts";
import { SendQueue } from "./send_queue.ts";
import type { Ending } from "./tally.ts";

/**
 * What the runtime holds of one connection at most, besides a single larger message. `close()` on a peer that never
 * reads does not complete, and nothing but the end of the TCP connection frees what `send()` was given (measured).
 */
export const WINDOW_BYTES = 256 * 1024;

/** `drained()` resolves here: low enough to have room for a page, high enough to keep the line busy meanwhile. */
const LOW_WATER_BYTES = WINDOW_BYTES / 2;

/** A single frame over this ends the connection inside the runtime, without a close frame (measured). */
export const RUNTIME_FRAME_BYTES = 64 * 1024 * 1024;
const RUNTIME_FRAME_ERROR = "Frame too large";

/** 128 kbit/s: a peer on a slower line than this cannot be told from one that stopped reading. */
const SLOWEST_BYTES_PER_SECOND = 16 * 1024;

/** UTF-8 needs at most this many bytes for one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

export interface WebSocketLimits {
  /** A larger message closes the connection with 1009. */
  readonly maxMessageBytes: number;
  /** More than this waiting for the peer closes the connection with 4008. */
  readonly sendBufferBytes: number;
  /** A silent peer is pinged after half of this and closed after all of it; 0 turns both off. */
  readonly idleTimeoutMs: number;
}

interface Wiring {
  readonly limits: WebSocketLimits;
  readonly refiller: Refiller;
  readonly log: TransportLog;
  readonly accept: (connection: Connection) => ConnectionHandler;
  /** The runtime has let go of the socket; called exactly once. */
  readonly gone: (ending: Ending) => void;
}

/**
 * `closing`: no message is taken or delivered any more, the handler knows, what was sent before is still on its way.
 * `closed`: the close frame has been handed over; the socket itself stays until the peer answers or leaves.
 */
type State = "opening" | "open" | "closing" | "closed";

/** A `Deno.upgradeWebSocket` socket as a {@link Connection}. */
export class WebSocketConnection implements Connection, Refillable {
  readonly peer: Peer;
  readonly #socket: WebSocket;
  readonly #wiring: Wiring;
  readonly #queue = new SendQueue();
  #handler: ConnectionHandler | undefined;
  #state: State = "opening";
  #gone = false;
  /** UTF-16 units that may be sent before `bufferedAmount` (0.1 us, measured) has to be asked again. */
  #credit = 0;
  #waiters: (() => void)[] = [];
  #farewell: { readonly code: number; readonly reason: string } | undefined;
  #failure = "";
  /** Set while the stall check follows bytes: what had been handed over and not written at the last sweep. */
  #watched: number | undefined;
  #heard = false;
  #stalledSweeps = 0;

  constructor(socket: WebSocket, peer: Peer, wiring: Wiring) {
    this.peer = peer;
    this.#socket = socket;
    this.#wiring = wiring;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#received(event.data);
    socket.onerror = (event) => this.#failed(event);
    socket.onclose = (event) => this.#closed(event.code, event.reason);
  }

  /** Bytes handed to `send` that have not left this process. */
  get queuedBytes(): number {
    return this.#queue.bytes + this.#socket.bufferedAmount;
  }

  isBehind(bytes: number): boolean {
    // What the runtime holds is at most what was handed over since it was last asked.
    const most = this.#queue.bytes + MAX_BYTES_PER_UNIT * (WINDOW_BYTES - this.#credit);
    return most > bytes && this.queuedBytes > bytes;
  }

  /** Since when the peer has been behind, milliseconds of `performance.now()`; undefined while it keeps up. */
  get behindSince(): number | undefined {
    return this.#queue.oldest;
  }

  send(text: string): void {
    if (this.#state !== "open") return;
    if (this.#queue.empty) {
      if (text.length <= this.#credit || this.#ask(text.length)) return this.#hand(text);
    }
    const bytes = Buffer.byteLength(text);
    if (!this.#queue.empty && this.#backlog() + bytes > this.#wiring.limits.sendBufferBytes) return this.#evict(bytes);
    this.#queue.push(text, bytes);
    this.#wiring.refiller.add(this);
  }

  drained(): Promise<void> {
    if (this.#isDrained()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      this.#wiring.refiller.add(this);
    });
  }

  close(code: number, reason: string): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    this.#state = "closing";
    this.#farewell = { code, reason: closeReason(reason) };
    this.#release();
    // What was sent before goes out before the close frame; the refiller says farewell then.
    if (this.#queue.empty) this.#sayFarewell();
  }

  /** Resolves when the handler has answered what runs. */
  drainHandler(): Promise<void> {
    return this.#handler?.drain() ?? Promise.resolve();
  }

  /** Answers what still runs with an error. */
  cancelHandler(): void {
    this.#handler?.cancel();
  }

  /** Closes without what still waits: for a peer that does not take it. */
  abandon(code: number, reason: string): void {
    this.close(code, reason);
    this.#queue.clear();
    this.#sayFarewell();
  }

  refill(): { moved: boolean; done: boolean } {
    let moved = false;
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      if (next.text.length > this.#credit && !this.#ask(next.text.length)) break;
      this.#queue.drop();
      this.#hand(next.text);
      moved = true;
    }
    if (this.#queue.empty) this.#sayFarewell();
    if (this.#waiters.length > 0 && this.#isDrained()) this.#wake();
    return { moved, done: this.#queue.empty && this.#waiters.length === 0 };
  }

  /**
   * Called after each half of the idle time. The runtime's own ping waits in line behind a frame that the peer does not
   * take (measured), so a peer that stopped reading is found here: nothing has come from it, and not one byte that was
   * waiting has left. The runtime counts a frame as a whole, so a large one is given the time that a slow line needs.
   */
  sweep(): void {
    const { idleTimeoutMs } = this.#wiring.limits;
    if (this.#state === "closed" || idleTimeoutMs === 0) return;
    const buffered = this.#socket.bufferedAmount;
    const stalled = buffered > 0 && buffered === this.#watched && !this.#heard;
    this.#watched = buffered > 0 ? buffered : undefined;
    this.#heard = false;
    this.#stalledSweeps = stalled ? this.#stalledSweeps + 1 : 0;
    const patienceMs = Math.max(idleTimeoutMs, 1000 * (buffered - WINDOW_BYTES) / SLOWEST_BYTES_PER_SECOND);
    if (this.#stalledSweeps * idleTimeoutMs / 2 >= patienceMs) this.#evict();
  }

  #opened(): void {
    if (this.#state !== "opening") {
      // Closed during the handshake, when the runtime does not pass it on.
      this.#socket.close(CLOSE.goingAway);
      return;
    }
    this.#state = "open";
    try {
      this.#handler = this.#wiring.accept(this);
    } catch (cause) {
      this.#wiring.log.error("Connection could not be set up", { peer: this.peer.address, cause });
      this.close(CLOSE.internalError, "internal error");
    }
  }

  #received(data: unknown): void {
    if (this.#state !== "open" || this.#handler === undefined) return;
    this.#heard = true;
    const message = typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer);
    const bytes = this.#oversize(message);
    if (bytes !== undefined) {
      const limit = this.#wiring.limits.maxMessageBytes;
      this.#wiring.log.warn("Message too large", { peer: this.peer.address, bytes, limit });
      return this.close(CLOSE.messageTooBig, `message too large: ${bytes} bytes, the limit is ${limit}`);
    }
    try {
      this.#handler.message(message);
    } catch (cause) {
      // An exception in an event listener would end the process.
      this.#wiring.log.error("Message handler crashed", { peer: this.peer.address, cause });
      this.close(CLOSE.internalError, "internal error");
    }
  }

  /** The size of a message that is over the limit; counts the bytes of a text only when its length leaves it open. */
  #oversize(message: string | Uint8Array): number | undefined {
    const limit = this.#wiring.limits.maxMessageBytes;
    if (message.length * (typeof message === "string" ? MAX_BYTES_PER_UNIT : 1) <= limit) return undefined;
    const bytes = typeof message === "string" ? Buffer.byteLength(message) : message.length;
    return bytes > limit ? bytes : undefined;
  }

  /**
   * What counts against the limit. A message is never refused for its own size alone: with nothing queued before it, it
   * waits for an empty window, and that a little one follows it meanwhile does not make the peer slow.
   */
  #backlog(): number {
    const front = this.#queue.peek()?.bytes ?? 0;
    return front > this.#wiring.limits.sendBufferBytes ? this.#queue.bytes - front : this.#queue.bytes;
  }

  /** Asks the runtime for room. A message larger than the window goes out alone, when everything before it has left. */
  #ask(units: number): boolean {
    const buffered = this.#socket.bufferedAmount;
    this.#credit = WINDOW_BYTES - buffered;
    return units <= this.#credit || buffered === 0;
  }

  #hand(text: string): void {
    this.#credit -= text.length;
    if (this.#watched !== undefined) this.#watched += Buffer.byteLength(text);
    this.#socket.send(text);
  }

  #isDrained(): boolean {
    return this.#state !== "open" || (this.#queue.empty && this.#socket.bufferedAmount <= LOW_WATER_BYTES);
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }

  #evict(refusedBytes = 0): void {
    const queued = this.queuedBytes + refusedBytes;
    this.#wiring.log.warn("Closing slow consumer", { peer: this.peer.address, queued });
    this.abandon(CLOSE.slowConsumer, `slow consumer: ${queued} bytes queued`);
  }

  #sayFarewell(): void {
    const farewell = this.#farewell;
    if (this.#state !== "closing" || farewell === undefined) return;
    this.#state = "closed";
    this.#socket.close(farewell.code, farewell.reason);
  }

  #failed(event: Event): void {
    // The close event that follows carries code 0; the text is all that is known of the cause.
    this.#failure = event instanceof ErrorEvent ? event.message : "";
    if (this.#failure === RUNTIME_FRAME_ERROR) {
      this.#wiring.log.warn("Message too large", { peer: this.peer.address, limit: RUNTIME_FRAME_BYTES });
    }
    // None follows when the peer was gone before the upgrade was complete.
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#closed(0, "");
  }

  #closed(code: number, reason: string): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#wiring.log.debug("Connection closed", { peer: this.peer.address, code, reason: reason || this.#failure });
    this.#state = "closed";
    this.#queue.clear();
    this.#wiring.refiller.remove(this);
    this.#release();
    this.#wiring.gone({
      code: this.#farewell?.code ?? code,
      failure: this.#failure,
      ours: this.#farewell !== undefined,
    });
  }

  /** Tells the handler, once and after the call that caused it has returned, that nothing can be sent any more. */
  #release(): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#wake();
    if (handler === undefined) return;
    queueMicrotask(() => {
      try {
        handler.closed();
      } catch (cause) {
        this.#wiring.log.error("Connection could not be torn down", { peer: this.peer.address, cause });
      }
    });
  }
}
