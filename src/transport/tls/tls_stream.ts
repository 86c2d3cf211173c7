import type { Duplex } from "node:stream";
import { createSecureContext, createServer, type SecureContext, TLSSocket } from "node:tls";
import { type AcceptedConn, writeAll } from "../net/byte_stream.ts";
import { inspectCertificate } from "./certificate.ts";
import { duplexOf } from "./conn_duplex.ts";
import type { TlsMaterial } from "./material.ts";

/** The reason why a handshake failed. `plain`: the peer does not speak TLS. `tls`: any other. */
export type TlsFault = "plain" | "tls";

/** Called at most once for a connection. */
export type OnFault = (fault: TlsFault, reason: string) => void;

/** RFC 8446 section 5.1: the first byte of a handshake record. */
const HANDSHAKE_RECORD = 22;
/** The time that a peer has to take the last bytes when its connection is closed, milliseconds. */
const CLOSE_MS = 1_000;
const NO_TLS = "this port speaks TLS: connect with wss:// or https://\n";
const PROTOCOLS = { ALPNProtocols: ["http/1.1"] };

/** The server's side of TLS, for many connections; the certificate can be replaced, and open connections go on with theirs. */
export class TlsServer {
  #material: TlsMaterial;
  #context: SecureContext;

  /** Throws `CertificateError` for material that cannot be used. */
  constructor(material: TlsMaterial) {
    [this.#material, this.#context] = [material, contextOf(material)];
  }

  /** Uses another certificate for connections that come from now on. Throws and keeps the old one when it cannot be used. */
  renew(material: TlsMaterial): void {
    [this.#context, this.#material] = [contextOf(material), material];
  }

  /** Begins the handshake on a connection; the stream can be used at once. */
  secure(conn: AcceptedConn, onFault: OnFault): AcceptedConn {
    return new TlsStream(conn, { material: this.#material, context: this.#context, onFault });
  }
}

/** The bytes of one connection, as they are before and after encryption. */
class TlsStream implements AcceptedConn {
  readonly remoteAddr: Deno.Addr;
  readonly #duplex: Duplex;
  readonly #onFault: OnFault;
  /** Undefined until the client has shown its certificate, where it must. */
  #socket: TLSSocket | undefined;
  #rest: Uint8Array | null = null;
  #ended = false;
  #gone = false;
  #cause: unknown;
  /** The handshake has succeeded, has failed, or is over because this side closed: nothing is reported any more. */
  #settled = false;
  #writing = 0;
  #wake: () => void = () => {};

  constructor(
    conn: AcceptedConn,
    { material, context, onFault }: { material: TlsMaterial; context: SecureContext; onFault: OnFault },
  ) {
    this.remoteAddr = conn.remoteAddr;
    this.#onFault = onFault;
    this.#duplex = duplexOf(conn, (first) => first[0] === HANDSHAKE_RECORD || this.#explain(conn));
    this.#duplex.on("error", (cause: Error) => this.#broke(cause));
    this.#duplex.on("close", () => this.#finish());
    const { cert, key, clientCa } = material;
    if (clientCa === undefined) {
      const socket = new TLSSocket(this.#duplex, { isServer: true, secureContext: context, ...PROTOCOLS });
      socket.on("secure", () => this.#settled = true);
      this.#attach(socket);
      return;
    }
    // Only a server of the runtime checks what a client shows; a lone TLSSocket lets any certificate in (measured).
    const options = { cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: true, ...PROTOCOLS };
    const server = createServer(options, (socket) => {
      this.#settled = true;
      this.#attach(socket);
    });
    server.on("tlsClientError", (cause) => this.#broke(cause));
    server.emit("connection", this.#duplex);
  }

  async read(into: Uint8Array): Promise<number | null> {
    for (;;) {
      const chunk: Uint8Array | null = this.#rest ?? this.#socket?.read() ?? null;
      if (chunk !== null) {
        const count = Math.min(chunk.length, into.length);
        into.set(chunk.subarray(0, count));
        this.#rest = count < chunk.length ? chunk.subarray(count) : null;
        return count;
      }
      if (this.#ended) return null;
      if (this.#gone) throw this.#cause ?? closed();
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    const socket = this.#socket;
    if (this.#gone || socket === undefined) return Promise.reject(closed());
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#writing += 1;
    socket.write(bytes, (cause) => {
      this.#writing -= 1;
      if (cause) reject(cause);
      else resolve(bytes.length);
    });
    return promise;
  }

  closeWrite(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || this.#gone) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once("close", () => resolve());
      socket.end(() => resolve());
    });
  }

  close(): void {
    if (this.#gone) return;
    this.#gone = this.#settled = true;
    this.#wake();
    const socket = this.#socket;
    if (this.#writing > 0 || socket === undefined || socket.destroyed) return this.#destroy();
    // Says the end of the data (close_notify): without it the peer takes what it got for cut off.
    const timer = setTimeout(() => this.#destroy(), CLOSE_MS);
    socket.once("close", () => clearTimeout(timer));
    socket.end(() => this.#destroy());
  }

  #attach(socket: TLSSocket): void {
    this.#socket = socket;
    socket.on("readable", () => this.#wake());
    socket.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
    socket.on("error", (cause: Error) => this.#broke(cause));
    socket.on("close", () => this.#finish());
    this.#wake();
  }

  #destroy(): void {
    this.#socket?.destroy();
    this.#duplex.destroy();
  }

  #finish(): void {
    this.#gone = true;
    this.#duplex.destroy();
    this.#wake();
  }

  #broke(cause: Error): void {
    this.#cause ??= cause;
    this.#report("tls", reasonOf(cause));
    this.#finish();
  }

  /** Tells a peer that does not speak TLS what the port wants, as Go's net/http does. */
  #explain(conn: AcceptedConn): false {
    this.#report("plain", "the client speaks no TLS");
    const answer = "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n" +
      `content-length: ${NO_TLS.length}\r\n\r\n${NO_TLS}`;
    writeAll(conn, new TextEncoder().encode(answer)).then(() => conn.closeWrite()).catch(() => {}).finally(() => {
      this.#destroy();
    });
    return false;
  }

  #report(fault: TlsFault, reason: string): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#onFault(fault, reason);
  }
}

function contextOf(material: TlsMaterial): SecureContext {
  // The runtime takes a key that is not the certificate's, and fails each handshake (measured).
  inspectCertificate(material);
  const { cert, key } = material;
  return createSecureContext({ cert, key });
}

function closed(): Error {
  return new Deno.errors.BadResource("the connection is closed");
}

/** Returns what happened, without the function of OpenSSL that Node names behind it. */
function reasonOf(cause: Error): string {
  if (cause.message === "socket hang up") {
    return "the client left, or its certificate is of no known authority or has expired";
  }
  return (cause.message.split("\n", 1)[0] ?? "").replace(/ \(SSL routines:.*$/, "");
}
