export interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** Calls one method over the socket. */
export type Call = (method: string, ...params: unknown[]) => Promise<Answer>;

/** Opens a WebSocket; every text that it delivers is added to `received`. */
export async function openSocket(url: string, received: string[]): Promise<{ socket: WebSocket; call: Call }> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.onmessage = ({ data }) => {
    received.push(data);
    const answer = JSON.parse(data);
    waiting.get(answer.id)?.(answer);
  };
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  let lastId = 0;
  const call: Call = (method, ...params) => {
    const id = ++lastId;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    waiting.set(id, resolve);
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return promise;
  };
  return { socket, call };
}

/** Closes it and resolves when it is closed. */
export function closeSocket(socket: WebSocket): Promise<unknown> {
  if (socket.readyState === WebSocket.CLOSED) return Promise.resolve();
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  return closed;
}
