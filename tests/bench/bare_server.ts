/**
 * The floor: what `Deno.upgradeWebSocket` costs when nothing is behind it. It parses each request and answers a
 * constant; the text `fan N TIMES` is answered by sending every socket so many messages of N bytes. Usage:
 * `bare_server.ts RESULT`.
 */
const result = Deno.args[0] ?? '"0x539"';
const sockets = new Set<WebSocket>();

function answer(text: string): string {
  const message = JSON.parse(text);
  if (!Array.isArray(message)) return `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":${result}}`;
  return `[${message.map(({ id }) => `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`).join(",")}]`;
}

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`listening ws://127.0.0.1:${port}`),
}, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => sockets.add(socket);
  socket.onclose = () => sockets.delete(socket);
  socket.onmessage = ({ data }) => {
    if (!data.startsWith("fan ")) {
      socket.send(answer(data));
      return;
    }
    const [bytes = 0, times = 1] = data.split(" ").slice(1).map(Number);
    const text = "x".repeat(bytes);
    for (const each of sockets) {
      for (let time = 0; time < times; time++) each.send(text);
    }
  };
  return response;
});
