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

/** Names in geth's errors: its structs have no JSON names, and stand in each other without a name (eth/tracers/api.go). */
function goNames(prefix: string) {
  return {
    enableMemory: `${prefix}Config.EnableMemory`,
    disableStack: `${prefix}Config.DisableStack`,
    disableStorage: `${prefix}Config.DisableStorage`,
    enableReturnData: `${prefix}Config.EnableReturnData`,
    limit: `${prefix}Config.Limit`,
    tracer: `${prefix}Tracer`,
    timeout: `${prefix}Timeout`,
    tracerConfig: `${prefix}TracerConfig`,
  };
}

/** Reads the options of a trace of a mined transaction (geth's tracers.TraceConfig). */
export const traceConfig: Codec<TraceOptions> = struct(fields, {
  type: "tracers.TraceConfig",
  goNames: goNames(""),
});

/** Reads the options of a trace of a call (geth's tracers.TraceCallConfig). */
export const traceCallConfig: Codec<TraceCallOptions> = struct({
  ...fields,
  stateOverrides,
  blockOverrides,
  txIndex: index,
}, {
  type: "tracers.TraceCallConfig",
  goNames: {
    ...goNames("TraceConfig."),
    stateOverrides: "StateOverrides",
    blockOverrides: "BlockOverrides",
    txIndex: "TxIndex",
  },
});
