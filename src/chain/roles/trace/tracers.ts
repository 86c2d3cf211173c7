import type { TraceOptions } from "../../../node/trace.ts";
import { invalidParams, serverError } from "../../../rpc/error.ts";
import { boolean, type Schema, ValueError } from "../../../rpc/schema.ts";
import { maybe, object } from "../../../rpc/schema_object.ts";
import type { ActiveTracer } from "./active_tracer.ts";
import { CallTracer } from "./call_tracer.ts";
import { PrestateTracer } from "./prestate_tracer.ts";
import { FourByteTracer, NoopTracer } from "./small_tracers.ts";
import { StructLogger } from "./struct_logger.ts";

const callOptions = object({ onlyTopCall: maybe(boolean), withLog: maybe(boolean) }, { goStruct: "callTracerConfig" });

const prestateOptions = object({
  diffMode: maybe(boolean),
  disableCode: maybe(boolean),
  disableStorage: maybe(boolean),
}, { goStruct: "prestateTracerConfig" });

const TRACERS: { readonly [name: string]: (config: unknown) => ActiveTracer } = {
  callTracer: (config) => new CallTracer(read(callOptions, config)),
  prestateTracer: (config) => new PrestateTracer(read(prestateOptions, config)),
  "4byteTracer": () => new FourByteTracer(),
  noopTracer: () => new NoopTracer(),
};

/** Makes the tracer that was asked for; one is good for one transaction. */
export function makeTracer(options: TraceOptions): ActiveTracer {
  const { tracer: name } = options;
  if (name === undefined) return new StructLogger(options);
  const make = Object.hasOwn(TRACERS, name) ? TRACERS[name] : undefined;
  if (make !== undefined) return make(options.tracerConfig);
  // geth would run any other text as JavaScript.
  const shown = JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}...` : name);
  throw serverError(
    `tracer ${shown} not found: JavaScript tracers are not supported, only ${Object.keys(TRACERS).join(", ")}`,
  );
}

function read<T>(schema: Schema<T>, config: unknown): T {
  try {
    return schema.read(config ?? {});
  } catch (error) {
    throw error instanceof ValueError
      ? invalidParams(`invalid tracerConfig: ${error.message}`, { cause: error })
      : error;
  }
}
