import { assertEquals } from "@std/assert";
import { Refiller } from "../../src/transport/refill.ts";
import { WebSocketConnection, WINDOW_BYTES } from "../../src/transport/websocket.ts";

/** A runtime socket whose events the test fires: for orders that a real peer cannot be made to produce at will. */
class ScriptedSocket extends EventTarget {
  binaryType = "blob";
  bufferedAmount = 0;
  readyState: number = WebSocket.CONNECTING;
  readonly sent: string[] = [];
  readonly closes: (readonly [number | undefined, string | undefined])[] = [];
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  send(text: string): void {
    this.sent.push(text);
  }
  close(code?: number, reason?: string): void {
    this.closes.push([code, reason]);
  }
}

function wire(accept?: () => never) {
  const socket = new ScriptedSocket();
  const seen = { gone: 0, closed: 0, errors: 0 };
  const connection = new WebSocketConnection(
    socket as unknown as WebSocket,
    { address: "192.0.2.1:1", origin: null, principal: null },
    {
      limits: { maxMessageBytes: 1000, sendBufferBytes: 1000, idleTimeoutMs: 1000 },
      refiller: new Refiller(),
      log: { debug() {}, info() {}, warn() {}, error: () => void seen.errors++ },
      accept: accept ??
        (() => ({ message() {}, closed: () => void seen.closed++, drain: () => Promise.resolve(), cancel() {} })),
      gone: () => void seen.gone++,
    },
  );
  function open(): void {
    socket.readyState = WebSocket.OPEN;
    socket.onopen?.(new Event("open"));
  }
  return { socket, connection, seen, open };
}

Deno.test("Connection that the runtime reports closed twice is gone once", async () => {
  const { socket, seen, open } = wire();
  open();
  socket.readyState = WebSocket.CLOSED;
  socket.onerror?.(new ErrorEvent("error", { message: "Broken pipe" }));
  socket.onclose?.(new CloseEvent("close", { code: 0 }));
  socket.onclose?.(new CloseEvent("close", { code: 1001 }));
  await Promise.resolve();
  assertEquals(seen, { gone: 1, closed: 1, errors: 0 });
});

Deno.test("Connection whose upgrade fails is gone, although no close event follows", () => {
  const { socket, seen } = wire();
  socket.onerror?.(new ErrorEvent("error", { message: "upgrade failed" }));
  assertEquals(seen, { gone: 1, closed: 0, errors: 0 });
});

Deno.test("Connection closed before it opened closes its socket when that opens, and is never accepted", async () => {
  const { socket, connection, seen, open } = wire();
  connection.close(1001, "stopping");
  open();
  assertEquals(socket.closes.at(-1)?.[0], 1001);
  socket.onclose?.(new CloseEvent("close", { code: 1001 }));
  await Promise.resolve();
  assertEquals(seen, { gone: 1, closed: 0, errors: 0 });
});

Deno.test("Connection that cannot be set up is closed with 1011 and one error line", () => {
  const { socket, seen, open } = wire(() => {
    throw new Error("boom");
  });
  open();
  assertEquals([socket.closes, seen.errors], [[[1011, "internal error"]], 1]);
});

Deno.test("Connection asks for room once per window, not once per message", () => {
  const { socket, connection, open } = wire();
  open();
  let asked = 0;
  Object.defineProperty(socket, "bufferedAmount", { get: () => (asked++, 0) });
  for (let i = 0; i < 1_000; i++) connection.send("x".repeat(100));
  assertEquals([socket.sent.length, asked], [1_000, 1]);
});

const SLOW = "slow consumer: 1000 bytes queued";

Deno.test("Connection is closed after the idle time in which no byte left and nothing came", () => {
  const { socket, connection, open } = wire();
  open();
  socket.bufferedAmount = 1000;
  for (let sweep = 0; sweep < 3; sweep++) {
    assertEquals(socket.closes, [], `sweep ${sweep}`);
    connection.sweep();
  }
  assertEquals(socket.closes, [[4008, SLOW]]);
});

Deno.test("Connection stays when as many bytes leave as are sent", () => {
  const { socket, connection, open } = wire();
  open();
  socket.bufferedAmount = 1000;
  for (let sweep = 0; sweep < 10; sweep++) {
    connection.sweep();
    connection.send("é".repeat(50));
  }
  assertEquals(socket.closes, []);
});

Deno.test("Connection is closed when more is sent and nothing leaves", () => {
  const { socket, connection, open } = wire();
  open();
  socket.bufferedAmount = 900;
  for (let sweep = 0; sweep < 3; sweep++) {
    connection.sweep();
    if (sweep === 2) break;
    connection.send("é".repeat(25));
    socket.bufferedAmount += 50;
  }
  assertEquals(socket.closes, [[4008, SLOW]]);
});

Deno.test("Connection stays while the peer goes on sending", () => {
  const { socket, connection, open } = wire();
  open();
  socket.bufferedAmount = 1000;
  for (let sweep = 0; sweep < 10; sweep++) {
    connection.sweep();
    socket.onmessage?.(new MessageEvent("message", { data: "x" }));
  }
  assertEquals(socket.closes, []);
});

Deno.test("Connection gives one large frame the time that a line of 128 kbit/s needs", () => {
  const { socket, connection, open } = wire();
  open();
  socket.bufferedAmount = WINDOW_BYTES + 10 * 16 * 1024;
  let sweeps = 0;
  for (; socket.closes.length === 0; sweeps++) connection.sweep();
  // Ten seconds in sweeps of half a second each, after the one that sees it first.
  assertEquals(sweeps, 21);
});
