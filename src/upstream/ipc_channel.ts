import type { UpstreamAddress } from "./address.ts";
import { UpstreamFailure } from "./failure.ts";
import { type DuplexChannel, Session } from "./session.ts";

/** A longer line ends the connection. */
const MAX_LINE_BYTES = 512 * 2 ** 20;
const NEWLINE = 0x0a;

/**
 * Opens a geth.ipc, with one JSON text per line in both directions. It needs --allow-read, --allow-write and
 * --allow-net=unix:PATH for the path (measured). Rejects with UpstreamFailure.
 */
export async function connectIpc(address: UpstreamAddress): Promise<DuplexChannel> {
  let connection: Deno.UnixConn;
  try {
    connection = await Deno.connect({ transport: "unix", path: address.url });
  } catch (error) {
    const name = error instanceof Error ? error.name : "unknown";
    throw new UpstreamFailure("closed", `the socket could not be opened: ${name}`, { cause: error });
  }
  const encoder = new TextEncoder();
  const writer = connection.writable.getWriter();
  const session = new Session(
    (text) => void writer.write(encoder.encode(`${text}\n`)).catch(() => {}),
    () => connection.close(),
  );
  void readLines(connection, session);
  return session;
}

async function readLines(connection: Deno.UnixConn, session: Session): Promise<void> {
  let failure = new UpstreamFailure("closed", "the connection was closed");
  try {
    let parts: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of connection.readable) {
      let rest: Uint8Array = chunk;
      for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
        parts.push(rest.subarray(0, end));
        await receive(session, parts);
        parts = [];
        length = 0;
        rest = rest.subarray(end + 1);
      }
      parts.push(rest);
      length += rest.length;
      if (length > MAX_LINE_BYTES) throw new Error(`a message is longer than ${MAX_LINE_BYTES} bytes`);
    }
  } catch (error) {
    failure = new UpstreamFailure("closed", error instanceof Error ? error.message : "the connection failed", {
      cause: error,
    });
  }
  session.fail(failure);
}

async function receive(session: Session, parts: readonly Uint8Array[]): Promise<void> {
  const text = await new Blob([...parts] as BlobPart[]).text();
  if (text.trim() !== "") session.receive(text);
}
