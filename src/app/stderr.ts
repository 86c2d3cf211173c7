import { LineWriter } from "./line_writer.ts";

/** The time that the last lines have before the process ends, milliseconds. */
const FLUSH_LIMIT_MS = 1_000;

/** Writes the program's lines to stderr. It needs no package, so it works before everything else is loaded. */
export const stderr: LineWriter = new LineWriter(Deno.stderr);

/** Resolves when all lines are written, or when their reader has not taken them within a second. */
export async function flushStderr(): Promise<void> {
  await stderr.flush({ withinMs: FLUSH_LIMIT_MS });
}
