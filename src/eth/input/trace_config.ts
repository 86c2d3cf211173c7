import { anyJson, bool, type Codec, goInt, text } from "./codec.ts";
import { blockOverrides, stateOverrides } from "./overrides.ts";
import { index } from "./scalar.ts";
import { struct } from "./struct.ts";
import type { TraceCallOptions, TraceOptions } from "../types.ts";

const fields = {
  enableMemory: bool,
  disableStack: bool,
  disableStorage: bool,
  enableReturnData: bool,
  limit: goInt,
  tracer: text,
  timeout: text,
  tracerConfig: anyJson,
};

// geth's structs have no JSON names, so its errors show Go's.
const goNames = {
  enableMemory: "EnableMemory",
  disableStack: "DisableStack",
  disableStorage: "DisableStorage",
  enableReturnData: "EnableReturnData",
  limit: "Limit",
  tracer: "Tracer",
  timeout: "Timeout",
  tracerConfig: "TracerConfig",
};

/** How to trace a mined transaction (geth's tracers.TraceConfig). */
export const traceConfig: Codec<TraceOptions> = struct(fields, { type: "tracers.TraceConfig", goNames });

/** How to trace a call (geth's tracers.TraceCallConfig). */
export const traceCallConfig: Codec<TraceCallOptions> = struct({
  ...fields,
  stateOverrides,
  blockOverrides,
  txIndex: index,
}, {
  type: "tracers.TraceCallConfig",
  goNames: { ...goNames, stateOverrides: "StateOverrides", blockOverrides: "BlockOverrides", txIndex: "TxIndex" },
});
