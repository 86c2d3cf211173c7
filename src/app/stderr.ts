import { LineWriter } from "./line_writer.ts";

/** How long the last lines may take before the process ends. */
const FLUSH_LIMIT_MS = 1_000;

/** What the program says of itself. It needs no package, so that it works before everything else is loaded. */
export const stderr: LineWriter = new LineWriter(Deno.stderr);

/** Resolves when all lines are written, or when their reader has not taken them within a second. */
export async function flushStderr(): Promise<void> {
  await stderr.flush({ withinMs: FLUSH_LIMIT_MS });
}
