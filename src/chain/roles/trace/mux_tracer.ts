import type { FrameEnd, FrameStart, Hooks, Step } from "../../../evm/hooks.ts";
import type { MessageResult } from "../../../evm/message.ts";
import type { EvmLog } from "../../../primitives/receipt.ts";
import type { ActiveTracer, TraceSubject } from "./active_tracer.ts";

/** Runs several tracers on one run (geth's eth/tracers/native/mux.go). */
export class MuxTracer implements ActiveTracer {
  readonly #tracers: readonly (readonly [name: string, tracer: ActiveTracer])[];

  constructor(tracers: ReadonlyMap<string, ActiveTracer>) {
    // Sorted, as Go encodes maps.
    this.#tracers = [...tracers].sort(([a], [b]) => a < b ? -1 : 1);
  }

  get hooks(): Hooks {
    const all = this.#tracers.map(([, tracer]) => tracer.hooks);
    const steppers = all.filter(({ onStep }) => onStep !== undefined);
    const opcodes = steppers.flatMap(({ opcodes }) => opcodes ?? []);
    const every = steppers.some(({ opcodes }) => opcodes === undefined);
    return {
      ...(every ? {} : { opcodes }),
      ...(steppers.length === 0 ? {} : { onStep: (step: Step) => showStep(steppers, step) }),
      onEnter: (frame: FrameStart) => all.forEach(({ onEnter }) => onEnter?.(frame)),
      onExit: (end: FrameEnd) => all.forEach(({ onExit }) => onExit?.(end)),
      onLog: (log: EvmLog) => all.forEach(({ onLog }) => onLog?.(log)),
    };
  }

  start(subject: TraceSubject): void {
    for (const [, tracer] of this.#tracers) tracer.start(subject);
  }

  finish(result: MessageResult): string {
    const members = this.#tracers.map(([name, tracer]) => `${JSON.stringify(name)}:${tracer.finish(result)}`);
    return `{${members.join(",")}}`;
  }
}

function showStep(steppers: readonly Hooks[], step: Step): void {
  for (const { opcodes, onStep } of steppers) {
    if (opcodes === undefined || opcodes.includes(step.op)) onStep?.(step);
  }
}
