const UNIT_MS: { readonly [unit: string]: number } = {
  ns: 1e-6,
  us: 1e-3,
  "µs": 1e-3,
  "μs": 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** Reads a duration as Go writes it (`1m30s`, `500ms`) into milliseconds; undefined when it is none. */
export function parseGoDuration(text: string): number | undefined {
  const sign = text.startsWith("-") ? -1 : 1;
  const body = text.replace(/^[+-]/, "");
  if (body === "0") return 0;
  let milliseconds = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < body.length) {
    const part = PART.exec(body);
    if (part === null) return undefined;
    milliseconds += Number(part[1]) * (UNIT_MS[part[2] ?? ""] ?? 0);
  }
  return body === "" ? undefined : sign * milliseconds;
}

/** Writes milliseconds as Go prints a time.Duration: `5s`, `1.5s`, `250ms`, `1m0s`. */
export function formatGoDuration(milliseconds: number): string {
  if (milliseconds < 1000) return milliseconds === 0 ? "0s" : `${milliseconds}ms`;
  const seconds = milliseconds / 1000;
  const rest = `${Number((seconds % 60).toFixed(3))}s`;
  if (seconds < 60) return rest;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m${rest}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${rest}`;
}
