/** Passes bytes between clients and a server on this machine; a test can cut it as a network fails. */
export class Relay implements Disposable {
  #port: number;
  readonly #listener: Deno.TcpListener;
  readonly #open = new Set<Deno.Conn>();
  #isCut = false;
  /** The time that every piece of data is kept back, milliseconds. */
  delayMs = 0;
  /** When the last client came in, by `performance.now()`. */
  connectedAt = 0;

  constructor(url: string) {
    this.#port = Number(new URL(url).port);
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    void this.#accept();
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  /** Ends every connection and refuses new ones. */
  cut(): void {
    this.#isCut = true;
    for (const connection of this.#open) close(connection);
  }

  restore(): void {
    this.#isCut = false;
  }

  /** Ends every connection; new ones lead to another server. */
  leadTo(url: string): void {
    const wasCut = this.#isCut;
    this.cut();
    this.#isCut = wasCut;
    this.#port = Number(new URL(url).port);
  }

  [Symbol.dispose](): void {
    this.cut();
    this.#listener.close();
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      if (this.#isCut) {
        close(client);
        continue;
      }
      this.connectedAt = performance.now();
      void this.#relay(client);
    }
  }

  async #relay(client: Deno.Conn): Promise<void> {
    let server: Deno.TcpConn;
    try {
      server = await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
    } catch {
      return close(client);
    }
    server.setNoDelay(true);
    for (const connection of [client, server]) this.#open.add(connection);
    await Promise.all([this.#pump(client, server), this.#pump(server, client)]);
    for (const connection of [client, server]) {
      close(connection);
      this.#open.delete(connection);
    }
  }

  async #pump(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let length = await from.read(buffer); length !== null; length = await from.read(buffer)) {
        if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
        const bytes = buffer.subarray(0, length);
        for (let written = 0; written < length;) written += await to.write(bytes.subarray(written));
      }
    } catch {
      // The other side ended it.
    }
    close(to);
    close(from);
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
