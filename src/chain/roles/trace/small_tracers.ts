import type { MessageResult } from "../../../evm/message.ts";
import type { ActiveTracer, TraceSubject } from "./active_tracer.ts";
import type { FrameEnd, FrameLog, FrameObserver, FrameStart } from "../../../evm/call_frames.ts";

/** Runs the transaction and tells nothing (geth's noopTracer): what tracing itself costs. */
export class NoopTracer implements ActiveTracer {
  start(): void {
    // There is nothing to remember.
  }

  finish(): string {
    return "{}";
  }
}

/** Counts which functions are called with how many bytes of arguments (geth's native/4byte.go). */
export class FourByteTracer implements ActiveTracer, FrameObserver {
  readonly #counts = new Map<string, number>();
  #subject: TraceSubject | undefined;

  get frames(): FrameObserver {
    return this;
  }

  start(subject: TraceSubject): void {
    this.#subject = subject;
  }

  enter({ type, to, input, depth }: FrameStart): void {
    if (input.length < 4 || type === "CREATE" || type === "CREATE2" || type === "SELFDESTRUCT") return;
    // Arguments of precompiled contracts are no functions; geth counts the outermost call whatever it is.
    if (depth > 0 && this.#subject?.execution.vm.builtIn.has(to.slice(2)) === true) return;
    const key = `0x${input.subarray(0, 4).toHex()}-${input.length - 4}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  exit(_end: FrameEnd): void {
    // Only beginnings count.
  }

  log(_log: FrameLog): void {
    // Only calls count.
  }

  finish(_result: MessageResult): string {
    return JSON.stringify(Object.fromEntries([...this.#counts].sort(([a], [b]) => a < b ? -1 : 1)));
  }
}
