import { Random } from "../../support/random.ts";
import type { Scenario } from "./scenario.ts";

/** One request that both nodes are asked. */
export interface Question {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Struct logs with every word of memory and the return data, until there are enough of them. */
const STEPS = { enableMemory: true, enableReturnData: true, limit: 300_000 };
/** A loaded machine must not cut a trace off. */
const TIMEOUT = "60s";

/** What is asked of each scenario besides its steps, by the names that the command line takes. */
const TRACERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  callTracer: { tracer: "callTracer", tracerConfig: { withLog: true } },
  topCall: { tracer: "callTracer", tracerConfig: { onlyTopCall: true } },
  prestate: { tracer: "prestateTracer" },
  prestateEmpty: { tracer: "prestateTracer", tracerConfig: { includeEmpty: true } },
  prestateDiff: { tracer: "prestateTracer", tracerConfig: { diffMode: true } },
  prestateBare: { tracer: "prestateTracer", tracerConfig: { disableCode: true, disableStorage: true } },
  fourByte: { tracer: "4byteTracer" },
  noop: { tracer: "noopTracer" },
  flat: { tracer: "flatCallTracer" },
  flatParity: { tracer: "flatCallTracer", tracerConfig: { convertParityErrors: true, includePrecompiles: true } },
  mux: { tracer: "muxTracer", tracerConfig: { "4byteTracer": null, callTracer: { withLog: true } } },
  erc7562: { tracer: "erc7562Tracer", tracerConfig: { withLog: true } },
  preimage: { tracer: "keccak256PreimageTracer" },
};

/** The kinds of traces. */
export const TRACE_KINDS = ["steps", ...Object.keys(TRACERS)];
export const KINDS = ["call", "estimate", "accessList", ...TRACE_KINDS];

/** How often each kind is asked: steps tell the most, an estimate costs as much as ten calls. */
const CHANCE: Readonly<Record<string, number>> = { call: 1, estimate: 0.3, accessList: 0.5, steps: 1 };
const TRACER_CHANCE = 0.25;

/** The requests about a scenario, of the kinds given. */
export function questionsOf(scenario: Scenario, kinds: readonly string[]): Question[] {
  const random = new Random(scenario.seed ^ 0x5a5a);
  return kinds
    .filter((kind) => kinds.length === 1 || random.chance(CHANCE[kind] ?? TRACER_CHANCE))
    .map((kind) => questionOf(scenario, kind));
}

export function questionOf({ request, stateOverrides, blockOverrides }: Scenario, kind: string): Question {
  switch (kind) {
    case "call":
      return { method: "eth_call", params: [request, "latest", stateOverrides, blockOverrides] };
    case "estimate":
      return { method: "eth_estimateGas", params: [request, "latest", stateOverrides, blockOverrides] };
    case "accessList":
      return { method: "eth_createAccessList", params: [request, "latest", stateOverrides] };
    default: {
      const config = { ...traceConfig(kind), stateOverrides, blockOverrides };
      return { method: "debug_traceCall", params: [request, "latest", config] };
    }
  }
}

/** How to trace, by the kind of the question. */
export function traceConfig(kind: string): Readonly<Record<string, unknown>> {
  const config = kind === "steps" ? STEPS : TRACERS[kind];
  if (config === undefined) throw new Error(`no kind of question is called ${kind}; there are ${KINDS.join(", ")}`);
  return { ...config, timeout: TIMEOUT };
}

const EDGES_PER_SCENARIO = 2;

/** The same scenario with gas that ends at, just before or just after a step of its outermost frame. */
export function edgesOf(scenario: Scenario, steps: unknown): Scenario[] {
  const logs = (steps as { structLogs?: readonly { depth: number; gas: number; gasCost: number }[] }).structLogs ?? [];
  const outer = logs.filter(({ depth }) => depth === 1);
  const first = outer[0];
  if (first === undefined) return [];
  const random = new Random(scenario.seed ^ 0xa5a5);
  return Array.from({ length: EDGES_PER_SCENARIO }, () => {
    const { gas, gasCost } = random.pick(outer);
    const left = gas - (random.chance(0.7) ? gasCost : 0);
    const given = Number(scenario.request.gas) - left + random.below(3) - 1;
    return { ...scenario, request: { ...scenario.request, gas: `0x${Math.max(0, given).toString(16)}` } };
  });
}
