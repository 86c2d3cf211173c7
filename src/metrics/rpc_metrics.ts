import { type CallRecord, type Layer, observed } from "../rpc/mod.ts";
import { Durations } from "./durations.ts";
import type { Family } from "./exposition.ts";

const NANOSECONDS_PER_MS = 1e6;

/** The calls that reached a handler, under geth's names (rpc/metrics.go). */
export class RpcMetrics {
  readonly #all = new Durations();
  readonly #byMethod = new Map<string, Durations>();
  #success = 0;
  #failure = 0;

  /** Counts and times every call of a connection. */
  readonly layer: Layer = observed(() => this.count);

  /** Counts one run of a handler. */
  readonly count = ({ method, milliseconds, ok }: CallRecord): void => {
    const nanoseconds = Math.round(milliseconds * NANOSECONDS_PER_MS);
    if (ok) this.#success += 1;
    else this.#failure += 1;
    this.#all.add(nanoseconds);
    // Only methods that exist are recorded, so clients cannot make up names.
    const name = `rpc_duration_${method.replaceAll(/[^A-Za-z0-9_]/g, "_")}_${ok ? "success" : "failure"}`;
    let durations = this.#byMethod.get(name);
    if (durations === undefined) this.#byMethod.set(name, durations = new Durations());
    durations.add(nanoseconds);
  };

  get families(): readonly Family[] {
    return [
      gauge("rpc_requests", { help: "Calls that reached a handler.", value: this.#success + this.#failure }),
      gauge("rpc_success", { help: "Calls that were answered with a result.", value: this.#success }),
      gauge("rpc_failure", { help: "Calls that were answered with an error.", value: this.#failure }),
      summary("rpc_duration_all", this.#all),
      ...[...this.#byMethod].sort().map(([name, durations]) => summary(name, durations)),
    ];
  }
}

/** Makes a gauge: geth uses this type here, although the values only grow. */
function gauge(name: string, { help, value }: { help: string; value: number }): Family {
  return { name, type: "gauge", help, samples: [{ value }] };
}

function summary(name: string, durations: Durations): Family {
  return { name, type: "summary", help: "Time in the handler, nanoseconds.", samples: durations.samples };
}
