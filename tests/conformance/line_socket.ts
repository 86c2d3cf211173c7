const ANSWER_DEADLINE_MS = 60_000;

/** A WebSocket that sends one text and waits for one text, for servers of any make. */
export class LineSocket {
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static open(url: string): Promise<LineSocket> {
    const socket = new WebSocket(url);
    return new Promise((resolve, reject) => {
      socket.onopen = () => resolve(new LineSocket(socket));
      socket.onerror = () => reject(new Error(`no WebSocket server answers at ${url}`));
    });
  }

  /** Sends `request` and resolves with the next text that arrives. */
  exchange(request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no answer in ${ANSWER_DEADLINE_MS} ms to ${request}`)),
        ANSWER_DEADLINE_MS,
      );
      this.#socket.onmessage = ({ data }) => {
        clearTimeout(timer);
        resolve(String(data));
      };
      this.#socket.onclose = ({ code, reason }) => {
        clearTimeout(timer);
        reject(new Error(`closed ${code} ${reason} while waiting for the answer to ${request}`));
      };
      this.#socket.send(request);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.onclose = () => resolve();
      this.#socket.close();
    });
  }
}
