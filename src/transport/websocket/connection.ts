import { Buffer } from "node:buffer";
import type { Accept, Around, Connection, ConnectionHandler, Peer } from "../../rpc/connection.ts";
import type { Clock } from "../../concurrency/clock.ts";
import type { TransportLog } from "../net/log.ts";
import { CLOSE, closeReason } from "./close.ts";
import type { ExcessBudget } from "./excess_budget.ts";
import type { MessageSocket, SocketEnd, SocketEvents, Violation } from "./message_socket.ts";
import { SendQueue } from "./send_queue.ts";

/**
 * The most bytes of one connection that its socket is given at a time, unless a single message is larger. The rest waits in
 * a queue of this class, because only the end of the TCP connection frees the bytes of a runtime's socket (measured).
 */
export const WINDOW_BYTES = 256 * 1024;

/** `drained()` resolves below this size: there is room for a page then, and still enough to keep the line busy. */
const LOW_WATER_BYTES = WINDOW_BYTES / 2;

/** 128 kbit/s: a peer with a slower line cannot be distinguished from one that has stopped reading. */
const SLOWEST_BYTES_PER_SECOND = 16 * 1024;

/** A peer that takes nothing for so long is not reading (geth's rpc/json.go `defaultWriteTimeout`). */
const STALL_MS = 10_000;

/** A peer that reads may have this many send buffers waiting for it. */
const MAX_SEND_BUFFERS = 4;

/** UTF-8 needs at most this many bytes for one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

export interface WebSocketLimits {
  /** A larger message closes the connection with 1009. */
  readonly maxMessageBytes: number;
  /** A peer that takes nothing for ten seconds while more bytes than this wait for it is closed with 4008. */
  readonly sendBufferBytes: number;
  /** A silent peer is pinged after half of this time and closed after all of it; 0 disables both. */
  readonly idleTimeoutMs: number;
}

/** The end of a connection. */
export interface Ending {
  readonly code: number;
  /** Why the connection broke; empty otherwise. */
  readonly failure: string;
  /** True when this server sent the close frame first. */
  readonly ours: boolean;
}

export interface WebSocketWiring {
  readonly limits: WebSocketLimits;
  readonly clock: Clock;
  readonly excess: ExcessBudget;
  readonly log: TransportLog;
  /** Logs warnings that any client can cause, at a limited rate. */
  readonly warn: (message: string, fields: Record<string, unknown>) => void;
  readonly accept: Accept;
  /** Called exactly once, when the socket is gone. */
  readonly gone: (ending: Ending) => void;
}

/**
 * `closing`: no message is taken or queued any more and the handler has been told, but earlier messages still leave.
 * `closed`: the close frame was given to the socket; the socket itself stays until the peer answers or leaves.
 */
type State = "opening" | "open" | "closing" | "closed";

/** A WebSocket as a {@link Connection}, with a bounded queue in front of its peer. */
export class WebSocketConnection implements Connection {
  readonly peer: Peer;
  readonly #socket: MessageSocket;
  readonly #wiring: WebSocketWiring;
  readonly #queue: SendQueue;
  #handler: ConnectionHandler | undefined;
  #state: State = "opening";
  #gone = false;
  /** UTF-16 units that may be sent before `bufferedAmount` has to be read again (0.1 us in the runtime, measured). */
  #credit = 0;
  #waiters: (() => void)[] = [];
  #farewell: { readonly code: number; readonly reason: string } | undefined;
  /** The bytes that the system had taken at the last check, and the time at which their number last grew. */
  #taken = 0;
  #takenAt: number;
  #heard = false;
  #heardAt: number;
  /** The bytes of this connection that the excess budget counts. */
  #excess = 0;

  constructor(socket: MessageSocket, peer: Peer, wiring: WebSocketWiring) {
    this.peer = peer;
    this.#socket = socket;
    this.#wiring = wiring;
    this.#queue = new SendQueue(wiring.clock);
    this.#takenAt = this.#heardAt = wiring.clock.now();
    const events: SocketEvents = {
      opened: () => this.#opened(),
      message: (data) => this.#received(data),
      violated: (violation) => this.#violated(violation),
      writable: () => this.#refill(),
      closed: (end) => this.#closed(end),
    };
    socket.start(events);
  }

  /** The bytes given to `send` that have not left this process. */
  get queuedBytes(): number {
    return this.#queue.bytes + this.#socket.bufferedAmount;
  }

  isBehind(bytes: number): boolean {
    if (this.#state !== "open") return false;
    // The socket has at most the bytes that were given to it since it was last asked.
    const most = this.#queue.bytes + MAX_BYTES_PER_UNIT * (WINDOW_BYTES - this.#credit);
    return most > bytes && this.queuedBytes > bytes;
  }

  /** The time since which messages have waited, by the clock; undefined while the peer keeps up. */
  get behindSince(): number | undefined {
    return this.#queue.oldest;
  }

  send(text: string): void {
    if (this.#state !== "open") return;
    if (this.#queue.empty) {
      if (text.length <= this.#credit || this.#ask(text.length)) return this.#hand(text);
      // The peer owed nothing until now.
      this.#takenAt = this.#wiring.clock.now();
    }
    const bytes = Buffer.byteLength(text);
    // A peer is never slow because of one message alone, whatever its size.
    if (!this.#queue.empty && this.#isTooFarBehind(bytes)) return this.#evict(bytes);
    this.#queue.push(text, bytes);
    this.#countExcess();
    this.#socket.awaitDrain();
  }

  sendShared(body: string, around: Around): void {
    const units = around.head.length + body.length + around.tail.length;
    if (this.#state !== "open") return;
    if (!this.#queue.empty || units > this.#credit && !this.#ask(units)) {
      return this.send(around.head + body + around.tail);
    }
    this.#credit -= units;
    this.#socket.sendShared(body, around);
  }

  drained(): Promise<void> {
    if (this.#isDrained()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      this.#socket.awaitDrain();
    });
  }

  close(code: number, reason: string): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    this.#state = "closing";
    this.#farewell = { code, reason: closeReason(reason) };
    this.#release();
    // Earlier messages leave before the close frame.
    if (this.#queue.empty) this.#sayFarewell();
  }

  /** Resolves when the handler has answered the calls that run. */
  drainHandler(): Promise<void> {
    return this.#handler?.drain() ?? Promise.resolve();
  }

  /** Answers the calls that still run with an error. */
  cancelHandler(): void {
    this.#handler?.cancel();
  }

  /** Closes and drops the queued messages, because the peer does not read them. */
  abandon(code: number, reason: string): void {
    this.close(code, reason);
    this.#clearQueue();
    this.#sayFarewell();
  }

  /**
   * Closes a connection whose peer has stopped reading; called several times per idle time. A ping waits behind bytes that
   * the peer does not read, so such a peer is found here: it sent nothing, and no waiting byte has left.
   */
  sweep(): void {
    if (this.#state !== "closed") {
      const now = this.#wiring.clock.now();
      const { idleTimeoutMs } = this.#wiring.limits;
      if (this.#heard) [this.#heard, this.#heardAt] = [false, now];
      const stalledMs = this.#stalledMs();
      const mustTake = this.#excess > 0 || this.#state === "closing";
      const isOver = mustTake && stalledMs >= this.#allowedStallMs(STALL_MS);
      const quietMs = Math.min(stalledMs, now - this.#heardAt);
      if (isOver || idleTimeoutMs > 0 && quietMs >= this.#allowedStallMs(idleTimeoutMs)) this.#evict();
    }
    this.#socket.checkAlive();
  }

  /** Returns the time for which bytes have waited and the system has taken none of them, milliseconds. */
  #stalledMs(): number {
    const now = this.#wiring.clock.now();
    const { takenBytes, bufferedAmount } = this.#socket;
    if (takenBytes !== this.#taken || bufferedAmount === 0) [this.#taken, this.#takenAt] = [takenBytes, now];
    return now - this.#takenAt;
  }

  /** Returns the time that a peer may take. A runtime counts a frame as a whole, so a large one gets the time of a slow line. */
  #allowedStallMs(base: number): number {
    return Math.max(base, 1000 * (this.#socket.bufferedAmount - WINDOW_BYTES) / SLOWEST_BYTES_PER_SECOND);
  }

  /** Returns true for a slow peer: it takes nothing for some time, or much more waits for it than for others. */
  #isTooFarBehind(bytes: number): boolean {
    const { limits: { sendBufferBytes }, excess } = this.#wiring;
    const waiting = this.#queue.bytes + bytes;
    if (waiting <= sendBufferBytes) return false;
    if (waiting > MAX_SEND_BUFFERS * sendBufferBytes || !excess.hasRoom) return true;
    return this.#stalledMs() >= this.#allowedStallMs(STALL_MS);
  }

  #countExcess(): void {
    const excess = Math.max(0, this.#queue.bytes - this.#wiring.limits.sendBufferBytes);
    if (excess === this.#excess) return;
    this.#wiring.excess.add(excess - this.#excess);
    this.#excess = excess;
  }

  #clearQueue(): void {
    this.#queue.clear();
    this.#countExcess();
  }

  /** Gives the socket as many messages as it has room for. */
  #refill(): { moved: boolean; done: boolean } {
    let moved = false;
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      if (next.text.length > this.#credit && !this.#ask(next.text.length)) break;
      this.#queue.drop();
      this.#hand(next.text);
      moved = true;
    }
    if (moved) this.#countExcess();
    if (this.#queue.empty) this.#sayFarewell();
    if (this.#waiters.length > 0 && this.#isDrained()) this.#wake();
    return { moved, done: this.#queue.empty && this.#waiters.length === 0 };
  }

  #opened(): void {
    if (this.#state !== "opening") {
      // The connection was closed during the handshake; the runtime does not pass that on.
      this.#socket.close(CLOSE.goingAway, "");
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

  #received(message: string | Uint8Array): void {
    if (this.#state !== "open" || this.#handler === undefined) return;
    this.#heard = true;
    const bytes = this.#oversize(message);
    if (bytes !== undefined) {
      const limit = this.#wiring.limits.maxMessageBytes;
      const reason = `message too large: ${bytes} bytes, the limit is ${limit}`;
      return this.#violated({ code: CLOSE.messageTooBig, reason });
    }
    try {
      this.#handler.message(message);
    } catch (cause) {
      // An exception in an event listener would end the process.
      this.#wiring.log.error("Message handler crashed", { peer: this.peer.address, cause });
      this.close(CLOSE.internalError, "internal error");
    }
  }

  /** Returns the size of a message over the limit. Counts the bytes of a text only when its length does not decide. */
  #oversize(message: string | Uint8Array): number | undefined {
    const limit = this.#wiring.limits.maxMessageBytes;
    if (message.length * (typeof message === "string" ? MAX_BYTES_PER_UNIT : 1) <= limit) return undefined;
    const bytes = typeof message === "string" ? Buffer.byteLength(message) : message.length;
    return bytes > limit ? bytes : undefined;
  }

  #violated({ code, reason }: Violation): void {
    const message = code === CLOSE.messageTooBig ? "Message too large" : "WebSocket client broke a rule";
    this.#wiring.warn(message, { peer: this.peer.address, code, reason });
    this.close(code, reason);
  }

  /** Returns true when the socket has room. A message larger than the window is sent alone, after all others have left. */
  #ask(units: number): boolean {
    const buffered = this.#socket.bufferedAmount;
    this.#credit = WINDOW_BYTES - buffered;
    return units <= this.#credit || buffered === 0;
  }

  #hand(text: string): void {
    this.#credit -= text.length;
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

  #closed({ code, reason, failure }: SocketEnd): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#wiring.log.debug("Connection closed", { peer: this.peer.address, code, reason: reason || failure });
    this.#state = "closed";
    this.#clearQueue();
    this.#release();
    this.#wiring.gone({ code: this.#farewell?.code ?? code, failure, ours: this.#farewell !== undefined });
  }

  /** Tells the handler that nothing can be sent any more: once, and after the call that caused it has returned. */
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
