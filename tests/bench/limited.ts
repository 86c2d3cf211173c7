import { Gate } from "../../src/access/gate.ts";
import type { LimitRules } from "../../src/access/limiter.ts";
import {
  type Connection,
  createDispatcher,
  createRegistry,
  DEFAULT_LIMITS,
  method,
  string,
} from "../../src/rpc/mod.ts";
import { keyFile } from "../access/fixture.ts";
import { ServerProcess } from "../e2e/server_process.ts";
import { processorTimeMs } from "./handshakes.ts";
import { load } from "./load.ts";
import type { Row } from "./report.ts";

/** Limits that are looked at for each call and never reached. */
const RATE = 1_000_000_000;
const FLAGS = [`--limit.rps=${RATE}`, `--limit.address-rps=${RATE}`];
const LIMITS = { requestsPerSecond: RATE, inFlight: 10_000, subscriptions: 10_000, connections: 10_000 };
const SHAPES = [{ connections: 1, depth: 64 }, { connections: 10, depth: 16 }] as const;
const REQUEST = '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}';

const CHUNKS = 200;
const CHUNK = 1000;

/** What a request costs on a connection with a key and with every rate and quota, beside an open one. */
export async function limitedRows(rounds: number, seconds: number): Promise<Row[]> {
  await using file = await keyFile({ bench: { limits: LIMITS } });
  await using open = await ServerProcess.start();
  await using limited = await ServerProcess.start({
    flags: ["--auth.keys", file.path, ...FLAGS],
    permissions: [`--allow-read=${file.path}`],
  });
  const targets = [
    { name: "sallyport", server: open, url: open.url },
    { name: "key and limits", server: limited, url: `${limited.url}/k/${file.keys["bench"]}` },
  ];
  const rows: Row[] = [];
  for (const shape of SHAPES) {
    const label = `eth_blockNumber, ${shape.connections} x ${shape.depth}`;
    const rate: Row = { name: label, unit: "1/s", figures: {} };
    const processor: Row = { name: `processor time of ${label}`, unit: "us", figures: {} };
    for (let round = 0; round <= rounds; round++) {
      // Who goes first changes, because the machine slows down and speeds up.
      for (const { name, server, url } of round % 2 === 0 ? targets : targets.toReversed()) {
        const before = processorTimeMs(server.pid);
        const { perSecond } = await load(url, REQUEST, { ...shape, seconds });
        const used = processorTimeMs(server.pid) - before;
        // The first round warms the caches.
        if (round === 0) continue;
        (rate.figures[name] ??= { values: [] }).values.push(perSecond);
        (processor.figures[name] ??= { values: [] }).values.push(1000 * used / (perSecond * seconds));
      }
    }
    rows.push(rate, processor);
  }
  return [...rows, addedRow()];
}

/**
 * What the core takes for one call, in this process: without a gate, behind one with a key that has a rate and a quota, and
 * with every rate. The best of many short chunks, because a busy machine only ever adds.
 */
function addedRow(): Row {
  const ignore = () => {};
  const principal = { name: "bench", rights: {}, limits: { requestsPerSecond: RATE, inFlight: 10_000 } };
  const connection: Connection = {
    peer: { address: "127.0.0.1:1", origin: null, principal },
    send: ignore,
    isBehind: () => false,
    drained: () => Promise.resolve(),
    close: ignore,
  };
  const handler = () => "0x0";
  const registry = createRegistry([{
    namespace: "eth",
    methods: { eth_blockNumber: method({ summary: "", params: [], result: string, handler }) },
  }], { allow: ["eth"] });
  const options = { registry, limits: DEFAULT_LIMITS, log: { debug: ignore, error: ignore } };
  const behindGate = (limits: LimitRules) => {
    const gate = new Gate({ credentials: { ws: [], http: [] }, limits, trustedProxies: [] });
    return gate.serve(connection, (connection, around) => createDispatcher(connection, { ...options, ...around }));
  };
  const rate = { perSecond: RATE, burst: RATE };
  const targets = {
    sallyport: createDispatcher(connection, options),
    key: behindGate({}),
    "key and limits": behindGate({ connection: rate, address: rate }),
  };
  const row: Row = { name: "a call in the core, best chunk", unit: "us", figures: {} };
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    for (const [name, target] of Object.entries(targets)) {
      const begun = performance.now();
      for (let call = 0; call < CHUNK; call++) target.message(REQUEST);
      const each = 1000 * (performance.now() - begun) / CHUNK;
      const [best = Infinity] = row.figures[name]?.values ?? [];
      row.figures[name] = { values: [Math.min(best, each)] };
    }
  }
  return row;
}
