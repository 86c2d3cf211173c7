import { assert, assertEquals } from "@std/assert";
import { FrameSocket, SILENT } from "../../src/transport/websocket/frame_socket.ts";
import { ReceiveBudget } from "../../src/transport/websocket/receive_budget.ts";
import type { SocketEnd, Violation } from "../../src/transport/websocket/message_socket.ts";
import { BytePipe } from "../support/byte_pipe.ts";
import { FakeClock, settled } from "../support/fake_clock.ts";
import { encodeFrame, OPCODE } from "./raw_client.ts";

const IDLE_MS = 1000;
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const HEAD = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

interface Options {
  readonly idleTimeoutMs?: number;
  readonly budget?: ReceiveBudget;
  readonly clock?: FakeClock;
  readonly received?: Uint8Array;
}

const NOTHING = new Uint8Array(0);

async function open(
  { idleTimeoutMs = IDLE_MS, budget = new ReceiveBudget(), clock = new FakeClock(), received = NOTHING }: Options = {},
) {
  const pipe = new BytePipe();
  const seen = { opened: 0, messages: [] as unknown[], violations: [] as Violation[], ends: [] as SocketEnd[] };
  const socket = new FrameSocket(pipe, {
    key: KEY,
    received,
    maxMessageBytes: 1_000_000,
    idleTimeoutMs,
    budget,
    clock,
  });
  socket.start({
    opened: () => void seen.opened++,
    message: (data) => void seen.messages.push(data),
    violated(violation) {
      seen.violations.push(violation);
      socket.close(violation.code, violation.reason);
    },
    writable: () => ({ moved: false, done: true }),
    closed: (end) => void seen.ends.push(end),
  });
  // The digest of the key is made on another thread.
  while (seen.opened === 0) await settled();
  await settled();
  /** The frames since the handshake, as opcode and payload. */
  function frames(): (readonly [opcode: number, payload: string])[] {
    const found: (readonly [number, string])[] = [];
    const bytes = pipe.received.subarray(HEAD.length);
    for (let at = 0; at < bytes.length;) {
      const length = bytes[at + 1] ?? 0;
      assert(length < 126, "the frames of this test are short");
      const payload = bytes.subarray(at + 2, at + 2 + length);
      found.push([(bytes[at] ?? 0) & 15, latin1(payload)]);
      at += 2 + length;
    }
    return found;
  }
  /** Lets time pass, and has the socket looked after as its endpoint does. */
  async function pass(milliseconds: number): Promise<void> {
    await clock.advance(milliseconds);
    socket.checkAlive();
    await settled();
  }
  async function send(payload: string | Uint8Array, options = {}): Promise<void> {
    pipe.send(encodeFrame(typeof payload === "string" ? new TextEncoder().encode(payload) : payload, options));
    await settled();
  }
  return { pipe, socket, seen, clock, budget, frames, pass, send };
}

Deno.test("Socket answers the handshake before anything else, with what was sent meanwhile behind it", async () => {
  const { pipe, socket, seen } = await open();
  socket.send("hi");
  await settled();
  assertEquals(latin1(pipe.received), `${HEAD}\x81\x02hi`);
  assertEquals(seen.opened, 1);
});

Deno.test("Socket pings a peer that was silent for half of the idle time, once, and gives up after all of it", async () => {
  const { seen, frames, pass, pipe } = await open();
  await pass(1);
  await pass(IDLE_MS / 2 - 1);
  assertEquals(frames(), []);
  await pass(1);
  await pass(IDLE_MS / 4);
  assertEquals(frames(), [[OPCODE.ping, ""]]);
  await pass(IDLE_MS / 4 - 1);
  assertEquals(seen.ends, []);
  await pass(1);
  assertEquals(seen.ends, [{ code: 1006, reason: "", failure: SILENT }]);
  assertEquals(pipe.isClosed, true);
});

Deno.test("Socket keeps a peer that answers its pings, and pings it again", async () => {
  const { seen, frames, pass, send } = await open();
  let pings = 0;
  for (let round = 0; round < 20; round++) {
    await pass(IDLE_MS / 4);
    if (frames().length === pings) continue;
    pings++;
    await send("", { opcode: OPCODE.pong });
  }
  // Heard, quiet, quiet and pinged: every third look.
  assertEquals([seen.ends, pings], [[], 6]);
});

Deno.test("Socket with keepalive off neither pings nor gives up", async () => {
  const { seen, frames, pass } = await open({ idleTimeoutMs: 0 });
  for (let round = 0; round < 10; round++) await pass(IDLE_MS * 100);
  assertEquals([seen.ends, frames()], [[], []]);
});

Deno.test("Socket owes a peer that pings and does not read one pong: the last", async () => {
  const { pipe, socket, frames, send } = await open();
  pipe.takes = 0;
  socket.send("x");
  await settled();
  for (let ping = 0; ping < 100; ping++) await send(`${ping}`, { opcode: OPCODE.ping });
  pipe.takes = Infinity;
  pipe.take();
  await settled();
  assertEquals(frames(), [[OPCODE.text, "x"], [OPCODE.pong, "99"]]);
});

Deno.test("Socket writes on where the system took a part, and reports what is pending", async () => {
  const { pipe, socket } = await open();
  pipe.takes = 3;
  const before = socket.takenBytes;
  socket.send("0123456789");
  socket.send("abc");
  assertEquals(socket.bufferedAmount, 17);
  await settled();
  assertEquals(latin1(pipe.received.subarray(HEAD.length)), "\x81\x0a0123456789\x81\x03abc");
  assertEquals([socket.bufferedAmount, socket.takenBytes - before], [0, 17]);
});

Deno.test("Socket echoes the code of the peer's close without its reason, and closes the stream", async () => {
  const { pipe, seen, frames, send } = await open();
  await send(new Uint8Array([0x0f, 0xa0, 0x62, 0x79, 0x65]), { opcode: OPCODE.close });
  assertEquals(frames(), [[OPCODE.close, "\x0f\xa0"]]);
  assertEquals(pipe.isClosed, true);
  assertEquals(seen.ends, [{ code: 4000, reason: "bye", failure: "" }]);
});

Deno.test("Socket that closes waits for the peer's answer, and no longer than two seconds", async () => {
  const answered = await open();
  answered.socket.close(1001, "bye");
  await settled();
  assertEquals(answered.pipe.isClosed, false);
  await answered.send(new Uint8Array([0x03, 0xe9]), { opcode: OPCODE.close });
  assertEquals(answered.seen.ends, [{ code: 1001, reason: "", failure: "" }]);
  const silent = await open();
  silent.socket.close(1001, "bye");
  await silent.clock.advance(1_999);
  assertEquals(silent.pipe.isClosed, false);
  await silent.clock.advance(1);
  assertEquals([silent.pipe.isClosed, silent.seen.ends], [true, [{ code: 1006, reason: "", failure: "" }]]);
});

Deno.test("Socket that was closed for a broken frame drops what follows, however much, and lets the close frame through", async () => {
  const { pipe, seen, frames, send, clock } = await open();
  await send("x", { reserved: 1 });
  for (let chunk = 0; chunk < 100; chunk++) pipe.send(new Uint8Array(50_000));
  await settled();
  assertEquals(seen.violations, [{ code: 1002, reason: "a reserved bit is set" }]);
  assertEquals(frames(), [[OPCODE.close, "\x03\xeaa reserved bit is set"]]);
  assertEquals([pipe.hasClosedWrite, pipe.isClosed], [true, false]);
  pipe.end();
  await settled();
  assertEquals([pipe.isClosed, clock.timers], [true, 0]);
});

Deno.test("Socket closed during its handshake answers that first", async () => {
  const clock = new FakeClock();
  const pipe = new BytePipe();
  const socket = new FrameSocket(pipe, {
    key: KEY,
    received: new Uint8Array(0),
    maxMessageBytes: 1000,
    idleTimeoutMs: 0,
    budget: new ReceiveBudget(),
    clock,
  });
  const opened = Promise.withResolvers<void>();
  socket.start({
    opened: opened.resolve,
    message() {},
    violated() {},
    writable: () => ({ moved: false, done: true }),
    closed() {},
  });
  socket.close(1001, "");
  await opened.promise;
  await settled();
  assertEquals(latin1(pipe.received), `${HEAD}\x88\x02\x03\xe9`);
  pipe.end();
  await settled();
});

Deno.test("Message that is not completed in time ends its connection with 1013", async () => {
  const { seen, pass, send } = await open({ idleTimeoutMs: 0 });
  await send(new Uint8Array(100_000), { fin: false, opcode: OPCODE.binary });
  await pass(30_000);
  assertEquals(seen.violations, []);
  // 128 kbit/s for the memory that it takes.
  await pass(60_000);
  assertEquals(seen.violations.map(({ code }) => code), [1013]);
});

Deno.test("Unfinished messages of all connections share a budget: the oldest gives way, and one that ends gives it back", async () => {
  const budget = new ReceiveBudget(500_000);
  const clock = new FakeClock();
  const sockets: Awaited<ReturnType<typeof open>>[] = [];
  for (let index = 0; index < 3; index++) {
    const one = await open({ budget, clock });
    await one.send(new Uint8Array(200_000), { fin: false, opcode: OPCODE.binary });
    sockets.push(one);
  }
  const codes = () => sockets.map(({ seen }) => seen.violations[0]?.code);
  assertEquals(codes(), [1013, undefined, undefined]);
  assert(budget.bytes <= 500_000, `${budget.bytes}`);
  await sockets[1]?.send(new Uint8Array(1), { opcode: OPCODE.continuation });
  assertEquals((sockets[1]?.seen.messages[0] as Uint8Array).length, 200_001);
  sockets[2]?.pipe.end();
  await settled();
  assertEquals(budget.bytes, 0);
});

Deno.test("Socket whose peer is gone reports it once, and drops what waits", async () => {
  const { pipe, socket, seen } = await open();
  pipe.takes = 0;
  socket.send("x".repeat(1000));
  await settled();
  pipe.end();
  await settled();
  socket.send("y");
  assertEquals([seen.ends, socket.bufferedAmount], [[{ code: 1006, reason: "", failure: "" }], 0]);
});

Deno.test("Socket reads first what came right behind the handshake", async () => {
  const whole = encodeFrame(new TextEncoder().encode("early"));
  const part = encodeFrame(new TextEncoder().encode("x".repeat(5000)));
  const { seen, pipe } = await open({ received: new Uint8Array([...whole, ...part.subarray(0, 4000)]) });
  pipe.send(part.subarray(4000));
  await settled();
  assertEquals(seen.messages, ["early", "x".repeat(5000)]);
});

Deno.test("Message of shared and own parts is the same frame as one text, at every length around the sizes of a head", async () => {
  for (const length of [0, 1, 60, 61, 62, 120, 65_400, 65_470, 65_480, 70_000]) {
    for (const head of ["", "{€", "a".repeat(63)]) {
      const [parts, text] = [await open(), await open()];
      for (const body of ["b".repeat(length), "€".repeat(length / 3)]) {
        parts.socket.sendShared(body, { head, tail: "}}" });
        text.socket.send(`${head}${body}}}`);
      }
      await settled();
      assertEquals(parts.pipe.received, text.pipe.received, `${length} ${head}`);
    }
  }
});
