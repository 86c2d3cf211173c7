/** A stretch of time in which the server answered nobody. */
export interface Stall {
  readonly milliseconds: number;
  /** What the program was asked at that time. */
  readonly request: string;
}

const PAUSE_MS = 5;
const QUESTION = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';

/** Asks the cheapest question all the time, from a connection of its own, and remembers the slowest answers. */
export class StallProbe {
  readonly stalls: Stall[] = [];
  readonly #socket: WebSocket;
  #since = 0;
  #isStopped = false;

  constructor(url: string, { longerThanMs, request }: { longerThanMs: number; request: () => string }) {
    this.#socket = new WebSocket(url);
    this.#socket.onopen = () => this.#ask();
    this.#socket.onmessage = () => {
      const milliseconds = performance.now() - this.#since;
      if (milliseconds > longerThanMs) this.stalls.push({ milliseconds, request: request() });
      if (!this.#isStopped) setTimeout(() => this.#ask(), PAUSE_MS);
    };
  }

  stop(): void {
    this.#isStopped = true;
    this.#socket.close();
  }

  #ask(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#since = performance.now();
    this.#socket.send(QUESTION);
  }
}
