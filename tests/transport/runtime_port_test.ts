import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { RuntimePort } from "../../src/transport/net/runtime_port.ts";

type Server = Deno.HttpServer<Deno.NetAddr>;

/** A server of which the test decides when it fails to accept. */
interface Scripted {
  readonly server: Server;
  fail(cause: unknown): void;
}

const EMFILE = new Error("Error: Too many open files (os error 24)");

function scripted(port: number): Scripted {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const addr: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port };
  const shutdown = () => Promise.resolve(resolve());
  const server = { finished: promise, addr, shutdown, ref() {}, unref() {}, [Symbol.asyncDispose]: shutdown };
  return { server, fail: reject };
}

interface Script {
  /** What each attempt to bind throws; it works where there is nothing. */
  readonly faults?: readonly (Error | undefined)[];
  readonly permitted?: boolean;
}

function listening({ faults = [], permitted = true }: Script = {}) {
  const asked: number[] = [];
  const servers: Scripted[] = [];
  const lines: string[] = [];
  const reopened: (() => void)[] = [];
  const write = (message: string) => void lines.push(message);
  const port = new RuntimePort({
    port: 0,
    permitted: () => permitted,
    log: { debug: write, info: write, warn: write, error: write },
    open(port) {
      asked.push(port);
      const fault = faults[asked.length - 1];
      if (fault !== undefined) throw fault;
      const one = scripted(port || 4321);
      servers.push(one);
      reopened.shift()?.();
      return one.server;
    },
  });
  const nextOpen = () => new Promise<void>((resolve) => reopened.push(resolve));
  return { port, asked, servers, lines, nextOpen };
}

Deno.test("RuntimePort binds the same port again when accepting fails, and warns once for an outage", async () => {
  const { port, asked, servers, lines, nextOpen } = listening({ faults: [undefined, EMFILE, EMFILE] });
  for (let failure = 0; failure < 2; failure++) {
    const open = nextOpen();
    servers.at(-1)?.fail(EMFILE);
    await open;
  }
  assertEquals(asked, [0, 4321, 4321, 4321, 4321]);
  assertEquals(lines, ["Cannot accept connections, and tries again until it can"]);
  await port.close();
});

Deno.test("RuntimePort never binds again what it may not: that would raise a prompt", async () => {
  const { port, asked, servers } = listening({ permitted: false });
  servers[0]?.fail(EMFILE);
  assertInstanceOf(await port.lost, Deno.errors.NotCapable);
  assertEquals(asked, [0]);
  await port.close();
});

Deno.test("RuntimePort gives up on a port that somebody else has taken", async () => {
  const busy = new Deno.errors.AddrInUse("taken");
  const { port, asked, servers } = listening({ faults: [undefined, ...Array(20).fill(busy)] });
  servers[0]?.fail(EMFILE);
  assertEquals(await port.lost, busy);
  assert(asked.length > 2, "it tries more than once: an old socket may still be closing");
  await port.close();
});

Deno.test("RuntimePort does not come back once it is closed", async () => {
  const { port, asked, servers } = listening();
  servers[0]?.fail(EMFILE);
  await Promise.resolve();
  await port.close();
  // --trace-leaks tells of a timer that is left.
  assertEquals(asked, [0]);
});
