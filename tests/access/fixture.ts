import { newKey } from "../../src/access/key.ts";

/** A file of keys, and each key by its name. */
export interface KeyFile extends AsyncDisposable {
  readonly path: string;
  readonly keys: Readonly<Record<string, string>>;
  /** Writes the file anew with these members in place of those that it has; a name that is left out is removed. */
  rewrite(entries: Readonly<Record<string, object>>): Promise<void>;
}

/** Makes a key for each name, and writes their entries into a file of a folder of their own. */
export async function keyFile(entries: Readonly<Record<string, object>>): Promise<KeyFile> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/keys.json`;
  const made = Object.fromEntries(Object.keys(entries).map((name) => [name, newKey()]));
  const rewrite = (entries: Readonly<Record<string, object>>) => {
    const list = Object.entries(entries).map(([name, members]) => ({ name, hash: made[name]?.hash, ...members }));
    return Deno.writeTextFile(path, JSON.stringify({ keys: list }, null, 2));
  };
  await rewrite(entries);
  return {
    path,
    keys: Object.fromEntries(Object.entries(made).map(([name, { key }]) => [name, key])),
    rewrite,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** The text of one call. */
export function call(method: string, params: readonly unknown[] = [], id = 1): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}

/** A WebSocket of a test: messages and the end, in the order in which they came. */
export class Client implements Disposable {
  readonly socket: WebSocket;
  readonly texts: string[] = [];
  readonly ended: Promise<CloseEvent>;
  readonly #waiting: ((text: string) => void)[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.ended = new Promise((resolve) => socket.addEventListener("close", resolve));
    socket.onmessage = ({ data }) => {
      this.texts.push(data);
      this.#waiting.shift()?.(data);
    };
  }

  /** Connects; throws when that is refused. */
  static async connect(
    url: string,
    { token, protocols = [], headers = {} }: { token?: string | undefined; protocols?: string[]; headers?: object } =
      {},
  ): Promise<Client> {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const client = new Client(new WebSocket(url, { headers: { ...authorization, ...headers }, protocols }));
    await new Promise((resolve, reject) => {
      client.socket.onopen = resolve;
      client.socket.onerror = (event) => reject(new Error(event instanceof ErrorEvent ? event.message : "refused"));
    });
    return client;
  }

  /** Sends a message and resolves with the next one. */
  ask(text: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#waiting.push(resolve);
    this.socket.send(text);
    return promise;
  }

  /** Closes it; resolves when it is closed. */
  async close(): Promise<void> {
    this.socket.close();
    await this.ended;
  }

  [Symbol.dispose](): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.close();
  }
}
