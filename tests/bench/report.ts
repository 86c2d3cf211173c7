import { median, spread } from "./stats.ts";

/** What one server did in one row, a value a round. */
export interface Figures {
  readonly values: number[];
  /** Milliseconds. */
  readonly p50?: number[];
  readonly p99?: number[];
}

/** One measured thing, by server. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly figures: { [target: string]: Figures };
}

/** A Markdown table: medians, their spread over the rounds, and the ratio to each other server of the same run. */
export function table(rows: readonly Row[]): string {
  const others = [...new Set(rows.flatMap((row) => Object.keys(row.figures)))].filter((name) => name !== "sallyport");
  const head = ["what", "sallyport", ...others.flatMap((name) => [name, `ratio to ${name}`])];
  const lines = [head, head.map(() => "---"), ...rows.map((row) => cells(row, others))];
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function cells(row: Row, others: readonly string[]): string[] {
  const own = row.figures.sallyport;
  return [
    row.name,
    show(row, own),
    ...others.flatMap((name) => {
      const other = row.figures[name];
      if (own === undefined || other === undefined) return [show(row, other), ""];
      return [show(row, other), (median(own.values) / median(other.values)).toFixed(2)];
    }),
  ];
}

function show(row: Row, figures: Figures | undefined): string {
  if (figures === undefined) return "";
  const value = median(figures.values);
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  const text = `${value.toFixed(digits)} ${row.unit} ±${Math.round(100 * spread(figures.values))} %`;
  if (figures.p50 === undefined || figures.p99 === undefined) return text;
  return `${text}, p50 ${median(figures.p50).toFixed(2)} ms, p99 ${median(figures.p99).toFixed(2)} ms`;
}
