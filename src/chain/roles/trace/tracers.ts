import { bool, goInt, list } from "../../../eth/input/codec.ts";
import { uint64 } from "../../../eth/input/scalar.ts";
import { struct } from "../../../eth/input/struct.ts";
import type { TraceOptions } from "../../../eth/types.ts";
import { serverError } from "../../../rpc/error.ts";
import { isObject, kindOf, type Schema, TypeMismatch, ValueError } from "../../../rpc/schema.ts";
import type { ActiveTracer } from "./active_tracer.ts";
import { CallTracer } from "./call_tracer.ts";
import { Erc7562Tracer } from "./erc7562_tracer.ts";
import { FlatCallTracer } from "./flat_call_tracer.ts";
import { MuxTracer } from "./mux_tracer.ts";
import { PrestateTracer } from "./prestate_tracer.ts";
import { FourByteTracer, NoopTracer, PreimageTracer } from "./small_tracers.ts";
import { StructLogger } from "./struct_logger.ts";

const callOptions = struct({ onlyTopCall: bool, withLog: bool }, { type: "native.callTracerConfig" });

const prestateOptions = struct({ diffMode: bool, disableCode: bool, disableStorage: bool, includeEmpty: bool }, {
  type: "native.PrestateTracerConfig",
});

const flatCallOptions = struct({ convertParityErrors: bool, includePrecompiles: bool }, {
  type: "native.flatCallTracerConfig",
});

const erc7562Options = struct({
  stackTopItemsSize: goInt,
  ignoredOpcodes: list(uint64, "[]hexutil.Uint64"),
  withLog: bool,
}, { type: "native.erc7562TracerConfig" });

const TRACERS: { readonly [name: string]: (config: unknown) => ActiveTracer } = {
  callTracer: (config) => new CallTracer(read(callOptions, config)),
  prestateTracer: (config) => {
    const options = read(prestateOptions, config);
    // A difference uses empty accounts with a meaning of its own.
    if (options.diffMode && options.includeEmpty) throw serverError("cannot use diffMode with includeEmpty");
    return new PrestateTracer(options);
  },
  "4byteTracer": () => new FourByteTracer(),
  flatCallTracer: (config) => new FlatCallTracer(read(flatCallOptions, config)),
  muxTracer: (config) => new MuxTracer(namedTracers(config)),
  erc7562Tracer: (config) => new Erc7562Tracer(read(erc7562Options, config)),
  keccak256PreimageTracer: () => new PreimageTracer(),
  noopTracer: () => new NoopTracer(),
};

/** The names of all tracers, for help. */
export const TRACER_NAMES: readonly string[] = Object.keys(TRACERS);

/** Makes the requested tracer; it can trace one transaction. */
export function makeTracer(options: TraceOptions): ActiveTracer {
  const { tracer, tracerConfig } = options;
  return tracer === undefined ? new StructLogger(options) : namedTracer(tracer, tracerConfig);
}

function namedTracer(name: string, config: unknown): ActiveTracer {
  const make = Object.hasOwn(TRACERS, name) ? TRACERS[name] : undefined;
  if (make !== undefined) return make(config);
  // geth runs any other text as JavaScript.
  const shown = JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}...` : name);
  throw serverError(`tracer ${shown} not found: JavaScript tracers are not supported, only ${TRACER_NAMES.join(", ")}`);
}

/** Reads the tracers of a muxTracer: their names with the configuration of each. */
function namedTracers(config: unknown): ReadonlyMap<string, ActiveTracer> {
  const given = config ?? {};
  if (!isObject(given)) throw serverError(new TypeMismatch(kindOf(given), "map[string]json.RawMessage").message);
  return new Map(Object.entries(given).map(([name, inner]) => [name, namedTracer(name, inner)] as const));
}

/** Reads a tracer's configuration; throws geth's text for a fault. */
function read<T>(schema: Schema<T>, config: unknown): T {
  try {
    return schema.read(config ?? null);
  } catch (error) {
    throw error instanceof ValueError ? serverError(error.message, { cause: error }) : error;
  }
}
