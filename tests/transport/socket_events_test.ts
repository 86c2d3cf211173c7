import { assertEquals } from "@std/assert";
import { WINDOW_BYTES } from "../../src/transport/mod.ts";
import { BackpressurePoller } from "../../src/transport/websocket/backpressure_poller.ts";
import { WebSocketConnection } from "../../src/transport/websocket/connection.ts";
import { ExcessBudget } from "../../src/transport/websocket/excess_budget.ts";
import { RuntimeSocket } from "../../src/transport/websocket/runtime_socket.ts";
import { FakeClock } from "../support/fake_clock.ts";

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

const IDLE_MS = 1000;

function wire({ accept, sendBufferBytes = 1000, excess = new ExcessBudget() }: {
  accept?: () => never;
  sendBufferBytes?: number;
  excess?: ExcessBudget;
} = {}) {
  const socket = new ScriptedSocket();
  const clock = new FakeClock();
  const seen = { gone: 0, closed: 0, errors: 0 };
  const connection = new WebSocketConnection(
    new RuntimeSocket(socket as unknown as WebSocket, {
      poller: new BackpressurePoller({ ...clock, setTimer: clock.setTimer.bind(clock), nextPass() {} }),
    }),
    { address: "192.0.2.1:1", origin: null, principal: null },
    {
      limits: { maxMessageBytes: 1000, sendBufferBytes, idleTimeoutMs: IDLE_MS },
      clock,
      excess,
      log: { debug() {}, info() {}, warn() {}, error: () => void seen.errors++ },
      warn() {},
      accept: accept ??
        (() => ({ message() {}, closed: () => void seen.closed++, drain: () => Promise.resolve(), cancel() {} })),
      gone: () => void seen.gone++,
    },
  );
  function open(): void {
    socket.readyState = WebSocket.OPEN;
    socket.onopen?.(new Event("open"));
  }
  /** Lets time pass, and has the connection looked after as an endpoint does. */
  async function pass(milliseconds: number): Promise<void> {
    await clock.advance(milliseconds);
    connection.sweep();
  }
  return { socket, clock, connection, seen, open, pass };
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
  const { socket, seen, open } = wire({
    accept: () => {
      throw new Error("boom");
    },
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

Deno.test("Connection is closed after the idle time in which no byte left and nothing came", async () => {
  const { socket, connection, open, pass } = wire();
  open();
  connection.send("x".repeat(1000));
  socket.bufferedAmount = 1000;
  for (let look = 0; look < 4; look++) {
    assertEquals(socket.closes, [], `look ${look}`);
    await pass(IDLE_MS / 4);
  }
  assertEquals(socket.closes, [[4008, SLOW]]);
});

Deno.test("Connection stays when as many bytes leave as are sent", async () => {
  const { socket, connection, open, pass } = wire();
  open();
  connection.send("x".repeat(1000));
  socket.bufferedAmount = 1000;
  for (let look = 0; look < 20; look++) {
    await pass(IDLE_MS / 4);
    connection.send("é".repeat(50));
  }
  assertEquals(socket.closes, []);
});

Deno.test("Connection is closed when more is sent and nothing leaves", async () => {
  const { socket, connection, open, pass } = wire();
  open();
  connection.send("x".repeat(900));
  socket.bufferedAmount = 900;
  for (let look = 0; look < 4; look++) {
    await pass(IDLE_MS / 4);
    if (socket.closes.length > 0) break;
    connection.send("é".repeat(25));
    socket.bufferedAmount += 50;
  }
  assertEquals(socket.closes.map(([code]) => code), [4008]);
});

Deno.test("Connection stays while the peer goes on sending", async () => {
  const { socket, connection, open, pass } = wire();
  open();
  connection.send("x".repeat(1000));
  socket.bufferedAmount = 1000;
  for (let look = 0; look < 20; look++) {
    await pass(IDLE_MS / 4);
    socket.onmessage?.(new MessageEvent("message", { data: "x" }));
  }
  assertEquals(socket.closes, []);
});

Deno.test("Connection gives one large frame the time that a line of 128 kbit/s needs", async () => {
  const { socket, clock, connection, open, pass } = wire();
  open();
  connection.send("x".repeat(WINDOW_BYTES + 10 * 16 * 1024));
  socket.bufferedAmount = WINDOW_BYTES + 10 * 16 * 1024;
  while (socket.closes.length === 0) await pass(IDLE_MS / 2);
  assertEquals(clock.now(), 10_000);
});

/** More than the window, so that the next message waits in the queue. */
const FILLED = WINDOW_BYTES + 1;

Deno.test("Connection keeps a reader for which more than the send buffer waits, while it takes some in ten seconds", async () => {
  const { socket, connection, open, pass } = wire();
  open();
  connection.send("x".repeat(FILLED));
  socket.bufferedAmount = FILLED;
  for (let look = 0; look < 20; look++) {
    connection.send("y".repeat(look === 0 ? 800 : 100));
    socket.onmessage?.(new MessageEvent("message", { data: "x" }));
    await pass(9_000);
    socket.bufferedAmount -= 1;
  }
  assertEquals(socket.closes, []);
});

Deno.test("Connection closes a peer for which more than the send buffer waits when it takes nothing in ten seconds", async () => {
  const { socket, connection, open, pass } = wire();
  open();
  connection.send("x".repeat(FILLED));
  socket.bufferedAmount = FILLED;
  connection.send("y".repeat(800));
  connection.send("y".repeat(800));
  socket.onmessage?.(new MessageEvent("message", { data: "x" }));
  await pass(9_999);
  assertEquals(socket.closes, []);
  socket.onmessage?.(new MessageEvent("message", { data: "x" }));
  await pass(1);
  assertEquals(socket.closes.map(([code]) => code), [4008]);
});

Deno.test("Connection closes even a reader at four times the send buffer", () => {
  const { socket, connection, open } = wire();
  open();
  connection.send("x".repeat(FILLED));
  socket.bufferedAmount = FILLED;
  for (let sent = 0; sent < 40; sent++) connection.send("y".repeat(100));
  assertEquals(socket.closes, []);
  connection.send("y");
  assertEquals(socket.closes.map(([code]) => code), [4008]);
});

Deno.test("Connection does not count one message alone, whatever its size", () => {
  const { socket, connection, open } = wire();
  open();
  connection.send("x".repeat(FILLED));
  socket.bufferedAmount = FILLED;
  connection.send("y".repeat(1_000_000));
  assertEquals(socket.closes, []);
});

Deno.test("Connections share the room above their send buffers, and give it back when they end", () => {
  const excess = new ExcessBudget(1000);
  const connections = [1, 2].map(() => wire({ excess }));
  for (const { socket, connection, open } of connections) {
    open();
    connection.send("x".repeat(FILLED));
    socket.bufferedAmount = FILLED;
    connection.send("y".repeat(900));
    connection.send("y".repeat(1101));
  }
  const [one, two] = connections;
  assertEquals([one?.socket.closes.length, two?.socket.closes.length, excess.bytes], [0, 1, 1001]);
  one?.socket.onclose?.(new CloseEvent("close", { code: 1000 }));
  assertEquals(excess.bytes, 0);
});
