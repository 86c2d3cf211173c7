import { assert, assertEquals } from "@std/assert";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const BATCHES = 40;
/** More than a pipe's 64 KiB and the log's own megabyte of lines: each call is one line of 100 bytes. */
const CALLS_PER_BATCH = 500;

/** Reads the stream until `pattern` has appeared, and no further. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, pattern: RegExp): Promise<RegExpExecArray> {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the program ended:\n${text}`);
    text += decoder.decode(value, { stream: true });
    const match = pattern.exec(text);
    if (match !== null) return match;
  }
}

async function rest(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += decoder.decode(part.value);
  return text;
}

for (const read of [true, false]) {
  Deno.test(`A stderr reader that stalls holds up no call and no SIGTERM${read ? ", and is told what it missed" : ""}`, async () => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-net", MAIN, "--ws", "--ws.port=0", "--verbosity=4"],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    const reader = child.stderr.getReader();
    const [, url = ""] = await readUntil(reader, /WebSocket enabled\s+url=(ws:\/\/\S+)/);

    const socket = new WebSocket(url);
    await new Promise((resolve) => socket.onopen = resolve);
    const call = '{"jsonrpc":"2.0","id":1,"method":"net_version"}';
    const batch = `[${Array(CALLS_PER_BATCH).fill(call).join()}]`;
    for (let i = 0; i < BATCHES; i++) {
      const answer = new Promise<string>((resolve) => socket.onmessage = ({ data }) => resolve(data));
      socket.send(batch);
      assertEquals(JSON.parse(await answer).length, CALLS_PER_BATCH);
    }
    const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
    child.kill("SIGTERM");
    assertEquals((await closed).code, 1001);
    if (read) {
      const text = await rest(reader);
      assert(/WARN .* Log lines dropped, as stderr was not read +count=[\d,]+\n/.test(text), text.slice(-500));
    }
    assertEquals((await child.status).code, 0);
    if (!read) await reader.cancel();
  });
}
