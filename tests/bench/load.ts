import { RawSocket, textFrame } from "./raw_socket.ts";
import { quantile } from "./stats.ts";

export interface LoadOptions {
  readonly connections: number;
  /** Requests in flight on each connection. */
  readonly depth: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * Keeps `depth` requests in flight on each connection for a while and counts the answers. The request is one text that is
 * sent again and again, or made anew each time.
 */
export async function load(url: string, request: string | (() => string), options: LoadOptions): Promise<LoadResult> {
  const sockets = await Promise.all(Array.from({ length: options.connections }, () => RawSocket.open(url)));
  const latencies: number[] = [];
  const started = performance.now();
  const deadline = started + options.seconds * 1000;
  const counts = await Promise.all(sockets.map((socket) => drive(socket, request, options.depth, deadline, latencies)));
  const elapsed = (performance.now() - started) / 1000;
  for (const socket of sockets) socket.close();
  const answered = counts.reduce((sum, count) => sum + count, 0);
  return { perSecond: answered / elapsed, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}

async function drive(
  socket: RawSocket,
  request: string | (() => string),
  depth: number,
  deadline: number,
  latencies: number[],
): Promise<number> {
  const frames = framesOf(request, depth);
  const sentAt: number[] = [];
  const send = async (count: number) => {
    const now = performance.now();
    for (let i = 0; i < count; i++) sentAt.push(now);
    await socket.write(frames(count));
  };
  let answered = 0;
  await send(depth);
  for (;;) {
    const count = await socket.messages();
    const now = performance.now();
    for (const at of sentAt.splice(0, count)) latencies.push(now - at);
    answered += count;
    if (now >= deadline) break;
    await send(count);
  }
  await socket.take(sentAt.length);
  return answered + sentAt.length;
}

/** Returns what makes the bytes of `count` requests; of one that is always the same they are made once. */
function framesOf(request: string | (() => string), depth: number): (count: number) => Uint8Array {
  if (typeof request === "function") {
    return (count) => {
      const frames = Array.from({ length: count }, () => textFrame(request()));
      return joined(frames);
    };
  }
  const frame = textFrame(request);
  const all = joined(Array(depth).fill(frame));
  return (count) => all.subarray(0, frame.length * count);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
