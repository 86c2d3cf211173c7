import { Buffer } from "node:buffer";
import type { Around } from "../../rpc/connection.ts";
import type { BackpressurePoller, Pollable } from "./backpressure_poller.ts";
import { ABNORMAL_CLOSURE, CLOSE } from "./close.ts";
import type { MessageSocket, SocketEvents } from "./message_socket.ts";

/** The runtime ends a connection without a close frame when one frame is larger than this (measured). */
export const RUNTIME_FRAME_BYTES = 64 * 1024 * 1024;
const RUNTIME_FRAME_ERROR = "Frame too large";

export interface RuntimeSocketOptions {
  readonly poller: BackpressurePoller;
}

/** A WebSocket of the runtime, for a host that accepts connections itself: `deno serve`, or a program's `Deno.serve`. */
export class RuntimeSocket implements MessageSocket, Pollable {
  readonly #socket: WebSocket;
  readonly #poller: BackpressurePoller;
  #events: SocketEvents | undefined;
  #failure = "";
  #handed = 0;

  constructor(socket: WebSocket, { poller }: RuntimeSocketOptions) {
    this.#socket = socket;
    this.#poller = poller;
    socket.binaryType = "arraybuffer";
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  get takenBytes(): number {
    return this.#handed - this.#socket.bufferedAmount;
  }

  start(events: SocketEvents): void {
    this.#events = events;
    this.#socket.onopen = () => events.opened();
    this.#socket.onmessage = ({ data }) => events.message(typeof data === "string" ? data : new Uint8Array(data));
    this.#socket.onerror = (event) => this.#failed(event);
    this.#socket.onclose = ({ code, reason }) => this.#closed(code, reason);
  }

  send(text: string): void {
    this.#handed += Buffer.byteLength(text);
    this.#socket.send(text);
  }

  sendShared(body: string, { head, tail }: Around): void {
    this.send(head + body + tail);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  awaitDrain(): void {
    this.#poller.add(this);
  }

  poll(): { readonly moved: boolean; readonly done: boolean } {
    return this.#events?.writable() ?? { moved: false, done: true };
  }

  checkAlive(): void {
    // The runtime pings by itself, as its idleTimeout says.
  }

  #failed(event: Event): void {
    // The close event that follows has code 0, so this text is the only sign of the cause.
    this.#failure = event instanceof ErrorEvent ? event.message : "";
    if (this.#failure === RUNTIME_FRAME_ERROR) {
      this.#events?.violated({
        code: CLOSE.messageTooBig,
        reason: `message too large: over ${RUNTIME_FRAME_BYTES} bytes`,
      });
    }
    // No close event follows when the peer was gone before the upgrade was complete.
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#closed(0, "");
  }

  #closed(code: number, reason: string): void {
    this.#poller.remove(this);
    this.#events?.closed({ code: code === 0 ? ABNORMAL_CLOSURE : code, reason, failure: this.#failure });
  }
}
