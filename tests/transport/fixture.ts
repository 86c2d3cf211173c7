import type { Accept, Connection } from "../../src/rpc/connection.ts";
import { listen, type Listener, type ListenOptions } from "../support/listener.ts";

/** One line of a log, as it was written. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

/** What happened on the server's side of one connection. */
export interface Session {
  readonly connection: Connection;
  readonly messages: (string | Uint8Array)[];
  closedCalls: number;
}

export interface Fixture extends AsyncDisposable {
  readonly listener: Listener;
  readonly sessions: Session[];
  readonly log: LogLine[];
}

export interface FixtureOptions extends Partial<ListenOptions> {
  readonly onMessage?: (session: Session, data: string | Uint8Array) => void;
  readonly onOpen?: (session: Session) => void;
  readonly drain?: (session: Session) => Promise<void>;
  readonly cancel?: (session: Session) => void;
}

/** Starts a listener on a free port; by default it echoes texts, and the size of binary messages. */
export async function serve(options: FixtureOptions = {}): Promise<Fixture> {
  const { onMessage = echo, onOpen, drain, cancel, ...overrides } = options;
  const sessions: Session[] = [];
  const log: LogLine[] = [];
  const accept: Accept = (connection) => {
    const session: Session = { connection, messages: [], closedCalls: 0 };
    sessions.push(session);
    onOpen?.(session);
    return {
      message(data) {
        session.messages.push(data);
        onMessage(session, data);
      },
      closed: () => void session.closedCalls++,
      drain: () => drain?.(session) ?? Promise.resolve(),
      cancel: () => cancel?.(session),
    };
  };
  const write = (level: LogLine["level"]) => (message: string, fields: Record<string, unknown> = {}) =>
    void log.push({ level, message, fields });
  const listener = await listen({
    addr: "127.0.0.1",
    port: 0,
    prefix: "",
    origins: [],
    maxConnections: 1000,
    maxMessageBytes: 32 * 1024 * 1024,
    sendBufferBytes: 16 * 1024 * 1024,
    idleTimeoutMs: 30_000,
    log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") },
    ...overrides,
  }, accept);

  return { listener, sessions, log, [Symbol.asyncDispose]: () => listener.stop({ graceMs: 0 }) };
}

function echo({ connection }: Session, data: string | Uint8Array): void {
  connection.send(typeof data === "string" ? data : `${data.length} bytes`);
}
