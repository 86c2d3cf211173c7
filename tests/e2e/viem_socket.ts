/** Closes the socket of a viem client and resolves when it is closed: an open one would outlive its test. */
export async function closeSocket(rpc: { readonly socket: unknown; close(): void }): Promise<void> {
  const socket = rpc.socket as WebSocket;
  const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
  rpc.close();
  if (socket.readyState !== WebSocket.CLOSED) await closed;
}
