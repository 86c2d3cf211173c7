import type { Hooks } from "../../../evm/hooks.ts";
import type { MessageResult } from "../../../evm/message.ts";
import { precompilesOf } from "../../../evm/precompiles/table.ts";
import { bytesToHex, quantity } from "../../../primitives/hex.ts";
import type { Address } from "../../../primitives/types.ts";
import { type ActiveTracer, TextList, type TraceSubject } from "./active_tracer.ts";
import { type FrameContext, innerContext } from "./call_tracer.ts";
import { type CallNode, CallTree } from "./call_tree.ts";

export interface FlatCallOptions {
  /** True to word errors as Parity did. */
  readonly convertParityErrors?: boolean;
  /** True to show calls of precompiled contracts. */
  readonly includePrecompiles?: boolean;
}

/** Parity's error texts by geth's (native/call_flat.go). */
const PARITY_ERRORS: Readonly<Record<string, string>> = {
  "contract creation code storage out of gas": "Out of gas",
  "out of gas": "Out of gas",
  "gas uint64 overflow": "Out of gas",
  "max code size exceeded": "Out of gas",
  "invalid jump destination": "Bad jump destination",
  "execution reverted": "Reverted",
  "return data out of bounds": "Out of bounds",
  "stack limit reached 1024 (1023)": "Out of stack",
  "precompiled failed": "Built-in failed",
  "invalid input length": "Built-in failed",
};
const PARITY_ERROR_PREFIXES = [
  ["out of gas:", "Out of gas"],
  ["invalid opcode:", "Bad instruction"],
  ["stack underflow", "Stack underflow"],
] as const;

/** Traces the calls of a transaction as a list, as Parity's trace module does (geth's eth/tracers/native/call_flat.go). */
export class FlatCallTracer implements ActiveTracer {
  readonly #options: FlatCallOptions;
  readonly #tree = new CallTree({});
  readonly #frames = new TextList();
  readonly hooks: Hooks = { onEnter: this.#tree.enter, onExit: this.#tree.exit };
  #subject: TraceSubject | undefined;
  #precompiles: ReadonlyMap<Address, unknown> = new Map();

  constructor(options: FlatCallOptions) {
    this.#options = options;
  }

  start(subject: TraceSubject): void {
    this.#subject = subject;
    this.#tree.start(subject);
    this.#precompiles = precompilesOf(subject.rules.fork);
  }

  finish({ gasUsed }: MessageResult): string {
    const gas = this.#subject?.gasLimit ?? 0n;
    this.#write(this.#tree.top, { outer: { gas, gasUsed, failed: false }, path: [] });
    return this.#frames.text();
  }

  #write(node: CallNode, { outer, path }: { readonly outer: FrameContext; readonly path: readonly number[] }): void {
    const calls = node.calls.filter((call) => !this.#isHidden(call));
    const { type } = node.start;
    const { error } = node.end ?? {};
    const { blockHash = null, blockNumber = 0n, transactionHash = null, transactionIndex = 0 } = this.#subject ?? {};
    const json = (hash: string | null) => hash === null ? "null" : `"${hash}"`;
    const kind = type === "SELFDESTRUCT" ? "suicide" : type === "CREATE" || type === "CREATE2" ? "create" : "call";
    let text = `{"action":${actionJson(node, outer.gas)},"blockHash":${json(blockHash)},"blockNumber":${blockNumber}`;
    if (error !== undefined) text += `,"error":${JSON.stringify(this.#errorText(error))}`;
    // The data of a revert is shown as its reason; other failures have no data.
    const hasResult = kind !== "suicide" && (error === undefined || error === "execution reverted");
    if (hasResult) text += `,"result":${resultJson(node, outer.gasUsed)}`;
    text += `,"subtraces":${calls.length},"traceAddress":[${path.join(",")}],"transactionHash":${
      json(transactionHash)
    }`;
    this.#frames.push(`${text},"transactionPosition":${transactionIndex},"type":"${kind}"}`);
    for (const [index, call] of calls.entries()) {
      this.#write(call, { outer: innerContext(call, false), path: [...path, index] });
    }
  }

  #isHidden({ start: { type, to } }: CallNode): boolean {
    return this.#options.includePrecompiles !== true && (type === "CALL" || type === "STATICCALL") &&
      this.#precompiles.has(to);
  }

  #errorText(error: string): string {
    if (this.#options.convertParityErrors !== true) return error;
    if (Object.hasOwn(PARITY_ERRORS, error)) return PARITY_ERRORS[error] ?? error;
    return PARITY_ERROR_PREFIXES.find(([prefix]) => error.startsWith(prefix))?.[1] ?? error;
  }
}

/** Encodes a frame in the order of geth's generated encoder. */
function actionJson({ start }: CallNode, gas: bigint): string {
  const { type, from, to, input, depth } = start;
  if (type === "SELFDESTRUCT") {
    return `{"address":"${from}","balance":"${quantity(start.value ?? 0n)}","refundAddress":"${to}"}`;
  }
  // A STATICCALL has no value; here it has one of zero, unless it is the outermost.
  const value = start.value ?? (depth === 0 ? undefined : 0n);
  const worth = value === undefined ? "" : `,"value":"${quantity(value)}"`;
  const method = type.toLowerCase();
  if (type === "CREATE" || type === "CREATE2") {
    return `{"creationMethod":"${method}","from":"${from}","gas":"${quantity(gas)}","init":"${
      bytesToHex(input)
    }"${worth}}`;
  }
  return `{"callType":"${method}","from":"${from}","gas":"${quantity(gas)}","input":"${
    bytesToHex(input)
  }","to":"${to}"${worth}}`;
}

function resultJson({ start, end }: CallNode, gasUsed: bigint): string {
  const output = bytesToHex(end?.output ?? new Uint8Array(0));
  const used = `"gasUsed":"${quantity(gasUsed)}"`;
  if (start.type !== "CREATE" && start.type !== "CREATE2") return `{${used},"output":"${output}"}`;
  const address = end?.error === undefined ? `"address":"${start.to}",` : "";
  return `{${address}"code":"${output}",${used}}`;
}
