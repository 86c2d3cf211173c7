import { type Method, method } from "../../rpc/method.ts";
import { array, integer, type Schema, string } from "../../rpc/schema.ts";
import { nullable, object, record } from "../../rpc/schema_object.ts";

/** Go's zero time.Time. */
const NEVER = "0001-01-01T00:00:00Z";
/** The sizes of the two lists of Go's runtime.MemStats. */
const PAUSES = 256;
const SIZE_CLASSES = 61;

const count = integer({ minimum: 0 });

/** Counters of Go's allocator and collector that V8 does not keep. */
const UNKNOWN_COUNTERS = [
  ...["Lookups", "Mallocs", "Frees", "HeapObjects", "StackInuse", "StackSys", "MSpanInuse", "MSpanSys", "MCacheInuse"],
  ...["MCacheSys", "BuckHashSys", "GCSys", "NextGC", "LastGC", "PauseTotalNs", "NumGC", "NumForcedGC", "GCCPUFraction"],
];

const memStats: Schema<unknown> = record(string, { value: { json: {}, read: (value) => value } });
const gcStats = object({
  LastGC: string,
  NumGC: count,
  PauseTotal: count,
  Pause: nullable(array(count)),
  PauseEnd: nullable(array(string)),
  PauseQuantiles: nullable(array(count)),
}, { closed: true });

/** Fields of Go's runtime.MemStats, so that geth's Go client can read them: bytes where V8 has the same, 0 elsewhere. */
function readMemStats(): Record<string, unknown> {
  const { rss, heapTotal, heapUsed, external } = Deno.memoryUsage();
  return {
    Alloc: heapUsed,
    TotalAlloc: heapUsed,
    Sys: rss,
    HeapAlloc: heapUsed,
    HeapSys: heapTotal,
    HeapIdle: heapTotal - heapUsed,
    HeapInuse: heapUsed,
    HeapReleased: 0,
    OtherSys: external,
    ...Object.fromEntries(UNKNOWN_COUNTERS.map((name) => [name, 0])),
    PauseNs: new Array(PAUSES).fill(0),
    PauseEnd: new Array(PAUSES).fill(0),
    EnableGC: true,
    DebugGC: false,
    BySize: Array.from({ length: SIZE_CLASSES }, () => ({ Size: 0, Mallocs: 0, Frees: 0 })),
  };
}

/** Makes the rows that report the memory of this process in the form of geth's Go client (gethclient, MemStats and GCStats). */
export function debugRuntimeRows(): { readonly [name: string]: Method } {
  return {
    debug_memStats: method({
      summary: "Returns the memory of this process as Go's runtime.MemStats; 0 where V8 has no such counter.",
      params: [],
      result: memStats,
      handler: readMemStats,
    }),
    debug_gcStats: method({
      summary: "Returns Go's debug.GCStats without any collection: V8 does not tell a program of its own.",
      params: [],
      result: gcStats,
      handler: () => ({ LastGC: NEVER, NumGC: 0, PauseTotal: 0, Pause: null, PauseEnd: null, PauseQuantiles: null }),
    }),
  };
}
