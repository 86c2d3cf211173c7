import type { Sample } from "./exposition.ts";

/** The number of newest values from which quantiles are made: the size of geth's samples (rpc/metrics.go). */
const WINDOW = 1028;
/** The quantiles on geth's page (metrics/prometheus/collector.go). */
const QUANTILES = [0.5, 0.75, 0.95, 0.99, 0.999, 0.9999];

/** A count, a sum, and the quantiles of the newest values. */
export class Durations {
  readonly #window: number[] = [];
  #count = 0;
  #sum = 0;

  add(nanoseconds: number): void {
    this.#window[this.#count % WINDOW] = nanoseconds;
    this.#count += 1;
    this.#sum += nanoseconds;
  }

  /** The lines of a Prometheus summary. */
  get samples(): readonly Sample[] {
    const sorted = Float64Array.from(this.#window).sort();
    return [
      ...QUANTILES.map((quantile) => ({ labels: { quantile: `${quantile}` }, value: quantileOf(sorted, quantile) })),
      { suffix: "_sum", value: this.#sum },
      { suffix: "_count", value: this.#count },
    ];
  }
}

/** Interpolates between the two nearest values, as geth does (metrics/sample.go `CalculatePercentiles`). */
function quantileOf(sorted: Float64Array, quantile: number): number {
  const place = quantile * (sorted.length + 1);
  const below = Math.floor(place);
  const [low, high] = [sorted[below - 1], sorted[below]];
  if (low === undefined) return sorted[0] ?? 0;
  if (high === undefined) return sorted.at(-1) ?? 0;
  return low + (place - below) * (high - low);
}
